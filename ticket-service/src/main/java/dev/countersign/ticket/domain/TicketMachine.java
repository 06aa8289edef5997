package dev.countersign.ticket.domain;

import dev.countersign.events.Answer;
import dev.countersign.events.Assurance;
import dev.countersign.events.Digest;
import dev.countersign.events.Reason;
import dev.countersign.events.Requirement;
import dev.countersign.events.Seats;
import dev.countersign.events.StandingPermission;
import dev.countersign.ticket.domain.Outcome.Answered;
import dev.countersign.ticket.domain.Outcome.Counted;
import dev.countersign.ticket.domain.Outcome.Refused;
import dev.countersign.ticket.domain.Outcome.Unchanged;
import dev.countersign.ticket.domain.Ticket.Approved;
import dev.countersign.ticket.domain.Ticket.Cancelled;
import dev.countersign.ticket.domain.Ticket.Expired;
import dev.countersign.ticket.domain.Ticket.Pending;
import dev.countersign.ticket.domain.Ticket.Rejected;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// All moves of a ticket, as one pure function. `docs/ticket-states.md` is its table.
public final class TicketMachine {

  /// The reason code of an answer by people or by time.
  public static final String APPROVED = "approved";

  public static final String TRUSTED = "trusted";
  public static final String REJECTED = "rejected";
  public static final String EXPIRED = "deadline-passed";
  public static final String CANCELLED = "cancelled";
  public static final String UNSATISFIABLE = "unsatisfiable";

  /// The reason of every answer by time.
  public static final Reason DEADLINE_PASSED =
      new Reason(EXPIRED, "Nobody answered in time, so the answer is no. Propose it anew.");

  /// The reason of what ends because the database was put back from a backup.
  public static final Reason RESTORED =
      new Reason(
          Reason.RESTORED,
          "The system was put back from a backup in which this was not answered. If it was answered"
              + " after that backup was made, only the log knows. Nothing of it runs from now on:"
              + " look whether it has taken effect, and if not, propose it anew, under a new id.");

  private TicketMachine() {}

  /// Whether a ticket with this requirement can ever be approved by these people.
  public static Opening open(Requirement requirement, Electorate electorate) {
    List<Approver> eligible = electorate.eligible(requirement);
    if (requirement.quorums().isEmpty()) {
      // No seat at all would be an approval by nobody.
      return unsatisfiable("The policy asks for approval and names nobody who may give it.");
    }
    if (!Seats.allFilledBy(eligible, Approver::groups, requirement)) {
      return unsatisfiable(
          "The policy asks for "
              + requirement.votesNeeded()
              + " different approvers of "
              + groups(requirement)
              + ", and without those behind the request and those who have no mail address there are"
              + " not enough. Add people or addresses to approvers.yaml, or change the rule.");
    }
    return new Opening.Opens(eligible.stream().map(Approver::id).toList());
  }

  /// What a command does to a ticket.
  public static Outcome decide(Ticket ticket, Command command) {
    return switch (ticket) {
      case Pending pending -> decidePending(pending, command);
      case Approved _, Rejected _, Expired _, Cancelled _ -> new Refused(Refusal.ALREADY_DECIDED);
    };
  }

  private static Outcome decidePending(Pending pending, Command command) {
    return switch (command) {
      // Overdue or not: of one that waited in a backup nobody knows whether it was answered in
      // time.
      case Command.Restore restore ->
          answered(pending, new Cancelled(pending.actionId(), restore.at(), RESTORED));
      // Before all else: time passing is never an approval, nor anything else but a no.
      case Command _ when pending.isDue(command.at()) ->
          answered(pending, new Expired(pending.actionId(), command.at(), DEADLINE_PASSED));
      case Command.Vote vote -> vote(pending, vote);
      case Command.UseTrust use -> trusted(pending, use);
      case Command.Judge judge -> judged(pending, judge.at(), judge.electorate(), judge.held());
      case Command.Cancel cancel -> answered(pending, cancelled(pending, cancel));
      case Command.Expire _ -> new Unchanged(pending);
    };
  }

  private static Outcome vote(Pending pending, Command.Vote vote) {
    // A second yes is none, and a look at those that stand. A no by one who approved is one:
    // whoever sees an error may stop it.
    if (vote.answer() == Answer.APPROVE && pending.hasVoteOf(vote.approver())) {
      return judged(pending, vote.at(), vote.electorate(), vote.brakes().held());
    }
    Optional<Refusal> refusal = refusal(pending, vote);
    if (refusal.isPresent()) {
      return new Refused(refusal.get());
    }
    Vote counts =
        new Vote(
            vote.approver(),
            vote.answer(),
            vote.assurance(),
            vote.at(),
            vote.proof(),
            vote.passkey(),
            permission(pending, vote).orElse(null),
            null);
    return switch (vote.answer()) {
      case APPROVE -> approve(pending, vote, counts);
      case REJECT ->
          new Answered(
              new Rejected(pending.actionId(), vote.at(), rejection(vote), vote.approver()),
              Optional.of(counts),
              pending.votesOfOthers(vote.approver()).size());
    };
  }

  /// Why nothing that this person says about this question is heard, whatever became of the ticket
  /// since; empty where they may answer it and have proven themself as it asks.
  public static Optional<Refusal> unheard(Question question, Command.Vote vote) {
    if (vote.electorate().behind().contains(vote.approver())) {
      return Optional.of(Refusal.OWN_REQUEST);
    }
    Optional<Approver> approver = vote.electorate().find(vote.approver());
    if (approver.isEmpty() || !Seats.hasOneFor(approver.get().groups(), question.requirement())) {
      return Optional.of(Refusal.NOT_ELIGIBLE);
    }
    if (!vote.proven()) {
      return Optional.of(Refusal.PASSKEY_REVOKED);
    }
    if (!isStrongEnough(vote, question.requirement().assurance())) {
      return Optional.of(Refusal.TOO_WEAK);
    }
    return vote.shown().equals(question.promptDigest())
        ? Optional.empty()
        : Optional.of(Refusal.STALE);
  }

  private static Optional<Refusal> refusal(Pending pending, Command.Vote vote) {
    Question question = pending.question();
    Optional<Refusal> unheard = unheard(question, vote);
    if (unheard.isPresent()) {
      return unheard;
    }
    if (vote.version() != pending.version()) {
      return Optional.of(Refusal.STALE);
    }
    if (vote.answer() == Answer.APPROVE) {
      if (vote.brakes().held()) {
        return Optional.of(Refusal.HELD);
      }
      // What the policy wants a passkey for is what must not be waved through.
      if (question.requirement().assurance() == Assurance.PASSKEY
          && vote.brakes().pace().opens(vote.at()).isPresent()) {
        return Optional.of(Refusal.TOO_SOON);
      }
      if (!question.unconfirmed(vote.typed()).isEmpty()) {
        return Optional.of(Refusal.NOT_CONFIRMED);
      }
      if (vote.trust() != null && !isPermittedAndSigned(pending, vote)) {
        return Optional.of(Refusal.TRUST_TOO_WIDE);
      }
    }
    return Optional.empty();
  }

  /// A weak no is as good as a strong one, as it lets nothing through; but where a device is asked
  /// for, whoever has got into the mailbox alone decides nothing, not even no.
  private static boolean isStrongEnough(Command.Vote vote, Assurance required) {
    return switch (vote.answer()) {
      case APPROVE -> vote.assurance().satisfies(required);
      case REJECT -> required != Assurance.PASSKEY || vote.assurance().satisfies(required);
    };
  }

  /// What a vote permits beyond its own action: nothing where it is a no.
  private static Optional<StandingPermission> permission(Pending pending, Command.Vote vote) {
    return vote.trust() == null || vote.answer() == Answer.REJECT
        ? Optional.empty()
        : TrustOffer.permission(pending.question(), vote.trust());
  }

  private static boolean isPermittedAndSigned(Pending pending, Command.Vote vote) {
    Optional<Digest> permission = permission(pending, vote).map(StandingPermission::digest);
    if (permission.isEmpty()) {
      return false;
    }
    // What a passkey signed must be these very bounds; a form could say others afterwards.
    return vote.proof() == null
        || vote.proof().items().stream()
            .filter(item -> item.actionId().equals(pending.actionId()))
            .anyMatch(item -> permission.get().equals(item.trust()));
  }

  private static Outcome trusted(Pending pending, Command.UseTrust use) {
    Requirement requirement = pending.question().requirement();
    SessionTrust trust = use.trust();
    Vote behind = trust.vote();
    // Judged anew: whoever may not answer this one themself cannot have it answered in their name.
    boolean mayAnswer =
        requirement.votesNeeded() == 1
            && !use.electorate().eligibleOf(List.of(behind.approver()), requirement).isEmpty()
            && behind.assurance().satisfies(requirement.assurance());
    if (!mayAnswer || !trust.covers(pending.question(), use.at())) {
      return new Refused(Refusal.NOT_TRUSTED);
    }
    return new Answered(
        new Approved(
            pending.actionId(),
            use.at(),
            new Reason(
                TRUSTED,
                "Approved by the trust that "
                    + behind.approver()
                    + " gave this session with the vote on action "
                    + trust.id()
                    + "."),
            List.of(behind),
            trust.id()),
        Optional.empty(),
        0);
  }

  private static Outcome approve(Pending pending, Command.Vote vote, Vote counts) {
    // One that lapsed makes room for the one that they give in its place.
    List<Vote> votes =
        new ArrayList<>(
            pending.votes().stream()
                .filter(each -> !each.approver().equals(counts.approver()))
                .toList());
    votes.add(counts);
    Tally tally = Tally.of(votes, pending.question().requirement(), vote.electorate());
    return tally.isFull()
        ? new Answered(approved(pending, tally, vote.at()), Optional.of(counts), tally.filled())
        : new Counted(
            new Pending(pending.actionId(), pending.version() + 1, pending.question(), votes),
            counts,
            tally.filled());
  }

  /// Whether the votes that stand are enough by now: who had left since they voted may have come
  /// back, and nobody would have to vote for it any more.
  private static Outcome judged(Pending pending, Instant at, Electorate electorate, boolean held) {
    Tally tally = Tally.of(pending.votes(), pending.question().requirement(), electorate);
    return tally.isFull() && !held
        ? new Answered(approved(pending, tally, at), Optional.empty(), tally.filled())
        : new Unchanged(pending);
  }

  private static Approved approved(Pending pending, Tally tally, Instant at) {
    String names =
        tally.counting().stream().map(Vote::approver).collect(Collectors.joining(" and "));
    return new Approved(
        pending.actionId(),
        at,
        new Reason(APPROVED, "Approved by " + names + "."),
        tally.counting());
  }

  private static Outcome answered(Pending pending, Ticket answer) {
    return new Answered(answer, Optional.empty(), pending.standing().size());
  }

  private static Cancelled cancelled(Pending pending, Command.Cancel cancel) {
    return new Cancelled(pending.actionId(), cancel.at(), cancellation(cancel.reason()));
  }

  /// The reason of an answer `cancelled`, with the proposer's words where they gave some.
  public static Reason cancellation(@Nullable String said) {
    return new Reason(
        CANCELLED,
        said == null || said.isBlank()
            ? "The proposer took it back before it was answered."
            : said);
  }

  private static Reason rejection(Command.Vote vote) {
    String said = vote.reason();
    return new Reason(
        REJECTED,
        said == null || said.isBlank()
            ? vote.approver() + " rejected it and gave no reason. Ask before you propose it again."
            : said);
  }

  private static Opening unsatisfiable(String sentence) {
    return new Opening.Unsatisfiable(new Reason(UNSATISFIABLE, sentence));
  }

  private static String groups(Requirement requirement) {
    return requirement.quorums().stream()
        .flatMap(quorum -> quorum.groups().stream())
        .distinct()
        .collect(Collectors.joining(", "));
  }
}
