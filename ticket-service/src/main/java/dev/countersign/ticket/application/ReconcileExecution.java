package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.Assurance;
import dev.countersign.events.LateOutcome;
import dev.countersign.events.Oversight;
import dev.countersign.messaging.Outbox;
import dev.countersign.messaging.Outgoing;
import dev.countersign.ticket.application.Findings.Concerns;
import dev.countersign.ticket.application.Findings.Found;
import dev.countersign.ticket.application.Findings.Unknown;
import dev.countersign.ticket.domain.Question;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;

/// Where nobody knows whether an action took effect, or what was said of it later contradicts what
/// people go by, a person looks at the target and says what they found. The execution stays as it
/// is, for that is what the executor knew; what people found stands beside it, for good, and goes
/// to the agent and into the log.
@ApplicationScoped
public class ReconcileExecution {

  /// The longest words, in characters.
  public static final int LONGEST = 1_000;

  /// How many open ones a page shows.
  public static final int MOST = 100;

  /// One that nobody has looked into, and whether whoever reads may say what they found.
  public record Open(Unknown unknown, boolean mayReconcile) {}

  /// All that is known of one.
  ///
  /// @param late what was said of how it ended after that answer stood: a hint, and no finding
  /// @param may whether the reader's finding would be taken now
  public record Case(Unknown unknown, List<Found> found, List<LateOutcome> late, Reconciled may) {
    public Case {
      found = List.copyOf(found);
      late = List.copyOf(late);
    }

    /// How much there is to have read.
    public int read() {
      return found.size() + late.size();
    }
  }

  /// @param after how many findings and late outcomes its writer had before them
  public record Saying(Oversight.Finding finding, String words, int after) {
    public Saying {
      if (words.isBlank() || words.length() > LONGEST) {
        throw new IllegalArgumentException("a finding has words, " + LONGEST + " at most");
      }
    }
  }

  /// What came of it.
  public enum Reconciled {
    TAKEN,
    /// It is known how it ended, or it has not ended.
    NOT_UNKNOWN,
    /// They are not among those who may.
    NOT_YOURS,
    /// They are behind the request.
    OWN_REQUEST,
    /// They may, and their session is worth less than a code by mail.
    TOO_WEAK,
    /// They may, and the answer to what was asked took a passkey, as their session did not.
    NEEDS_PASSKEY,
    /// Something was found or said meanwhile, which they have not read.
    STALE
  }

  private final Mutiny.SessionFactory sessions;
  private final Findings findings;
  private final LateOutcomes late;
  private final Tickets tickets;
  private final FindTickets find;
  private final Roster roster;
  private final Outbox outbox;

  @Inject
  ReconcileExecution(
      Mutiny.SessionFactory sessions,
      Findings findings,
      LateOutcomes late,
      Tickets tickets,
      FindTickets find,
      Roster roster,
      Outbox outbox) {
    this.sessions = sessions;
    this.findings = findings;
    this.late = late;
    this.tickets = tickets;
    this.find = find;
    this.roster = roster;
    this.outbox = outbox;
  }

  /// What somebody must look into and concerns this person, what has waited longest first.
  public Uni<List<Open>> open(String approver) {
    return sessions.withStatelessSession(session ->
        tickets
            .now(session)
            .chain(now ->
                findings
                    .open(session, concerns(approver, now), MOST)
                    .map(open ->
                        open.stream()
                            .map(each -> new Open(each, !isBehind(each.agent(), approver, now)))
                            .toList())));
  }

  /// In how many of those this person's finding would be taken.
  public Uni<Long> count(String approver) {
    return sessions.withStatelessSession(session ->
        tickets
            .now(session)
            .chain(now ->
                findings
                    .count(session, concerns(approver, now))
                    .map(counts ->
                        counts.entrySet().stream()
                            .filter(each -> !isBehind(each.getKey(), approver, now))
                            .mapToLong(Map.Entry::getValue)
                            .sum())));
  }

  private Concerns concerns(String approver, Instant now) {
    return new Concerns(roster.groups(approver, now), roster.isAdmin(approver));
  }

  /// Whether this is one that is before this person's eyes for that alone.
  public Uni<Boolean> concerns(Docket docket, String approver) {
    return docket.standing() != Standing.APPROVED || !roster.isAdmin(approver)
        ? Uni.createFrom().item(false)
        : sessions.withStatelessSession(
            session -> findings.find(session, docket.actionId()).map(Optional::isPresent));
  }

  /// Whether an action whose outcome is unknown is before this person's eyes: an admin's too, who
  /// is asked about nothing else of it.
  private boolean mayRead(Docket docket, String approver) {
    return roster.isAdmin(approver) || find.mayRead(docket, approver);
  }

  private boolean isOneOf(Docket docket, String approver) {
    return roster.isAdmin(approver) || find.mayAnswer(docket, approver);
  }

  private boolean isBehind(Agent agent, String approver, Instant now) {
    return roster.electorate(agent, now).behind().contains(approver);
  }

  /// One as this person gets to see it; empty where it is known how it ended, and for whom it is
  /// none of their business.
  public Uni<Optional<Case>> find(Docket docket, String approver, Began began) {
    return !mayHaveRun(docket) || !mayRead(docket, approver)
        ? Uni.createFrom().item(Optional.empty())
        : sessions.withStatelessSession(session ->
            findings
                .find(session, docket.actionId())
                .chain(unknown ->
                    unknown.isEmpty()
                        ? Uni.createFrom().item(Optional.empty())
                        : read(session, unknown.get(), docket, approver, began).map(Optional::of)));
  }

  /// Approved, or put back from a backup in which it was not yet.
  private static boolean mayHaveRun(Docket docket) {
    return switch (docket.standing()) {
      case APPROVED, CANCELLED -> true;
      case PENDING, REJECTED, EXPIRED, CANCEL_FIRST, DENIED, REFUSED -> false;
    };
  }

  private Uni<Case> read(
      Mutiny.StatelessSession session,
      Unknown unknown,
      Docket docket,
      String approver,
      Began began) {
    return findings
        .of(session, docket.actionId())
        .chain(found ->
            late.of(session, docket.actionId())
                .map(
                    said -> new Case(unknown, found, said, may(unknown, docket, approver, began))));
  }

  /// As lifting a hold, it takes what the answer to what was asked takes: whoever has a mailbox
  /// alone does not say how a payment ended that a passkey approved.
  private Reconciled may(Unknown unknown, Docket docket, String approver, Began began) {
    if (isBehind(unknown.agent(), approver, docket.now())) {
      return Reconciled.OWN_REQUEST;
    }
    if (!isOneOf(docket, approver)) {
      return Reconciled.NOT_YOURS;
    }
    Question question = docket.question();
    Assurance needed = question == null ? Assurance.CODE : question.requirement().assurance();
    if (began.isPasskey() || began.assurance().satisfies(needed)) {
      return Reconciled.TAKEN;
    }
    return needed == Assurance.PASSKEY ? Reconciled.NEEDS_PASSKEY : Reconciled.TOO_WEAK;
  }

  /// Takes a finding. The same by the same person once more is the same finding.
  public Uni<Reconciled> reconcile(ActionId id, String approver, Began began, Saying saying) {
    return sessions.withStatelessTransaction(session ->
        findings
            .lock(session, id)
            .chain(unknown ->
                unknown.isEmpty()
                    ? Uni.createFrom().item(Reconciled.NOT_UNKNOWN)
                    : tickets
                        .find(session, id)
                        .chain(docket ->
                            reconcile(
                                session,
                                unknown.get(),
                                docket.orElseThrow(),
                                approver,
                                began,
                                saying))));
  }

  private Uni<Reconciled> reconcile(
      Mutiny.StatelessSession session,
      Unknown unknown,
      Docket docket,
      String approver,
      Began began,
      Saying saying) {
    return read(session, unknown, docket, approver, began)
        .chain(it -> {
          if (it.may() != Reconciled.TAKEN) {
            return Uni.createFrom().item(it.may());
          }
          if (isSame(it, approver, saying)) {
            return Uni.createFrom().item(Reconciled.TAKEN);
          }
          return it.read() == saying.after()
              ? add(session, it, docket, approver, saying).replaceWith(Reconciled.TAKEN)
              : Uni.createFrom().item(Reconciled.STALE);
        });
  }

  /// Once it must be looked into again, what is said is said anew, in the same words, too.
  private static boolean isSame(Case it, String approver, Saying saying) {
    if (it.unknown().open() || it.found().isEmpty()) {
      return false;
    }
    Found last = it.found().getLast();
    return last.by().equals(approver)
        && last.finding() == saying.finding()
        && last.words().equals(saying.words());
  }

  private Uni<Void> add(
      Mutiny.StatelessSession session, Case it, Docket docket, String approver, Saying saying) {
    Unknown unknown = it.unknown();
    return findings
        .add(session, unknown.actionId(), saying.finding(), saying.words(), approver)
        .chain(at ->
            outbox.append(
                session,
                List.of(
                    new Outgoing(
                        Oversight.ofFinding(
                            unknown.actionId(),
                            at,
                            approver,
                            unknown.agent(),
                            new Oversight.Reconciled(
                                saying.finding(), !it.found().isEmpty(), it.found().size() + 1),
                            saying.words()),
                        docket.traceparent()))));
  }
}
