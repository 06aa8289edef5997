package dev.countersign.verifier;

import dev.countersign.events.ActionId;
import dev.countersign.events.Decision;
import dev.countersign.events.Digest;
import dev.countersign.events.DsseEnvelope;
import dev.countersign.events.Event;
import dev.countersign.events.EventJson;
import dev.countersign.events.Execution;
import dev.countersign.events.Requirement;
import dev.countersign.events.TicketOpened;
import dev.countersign.events.Topics;
import dev.countersign.events.VoteRecorded;
import dev.countersign.verifier.AttestationVerifier.Attested;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Who answered, by what an action's entries say: each vote signed, the decision what people
/// answered, and they as many, and as sure, as the ticket asked for.
final class LoggedVotes {

  /// The topics whose content it takes to say who approved.
  private static final Set<String> NEEDED =
      Set.of(Topics.TICKET_OPENED, Topics.VOTE_RECORDED, Topics.DECISION);

  private final AttestationVerifier attestations;
  private final DecisionVerifier decisions;
  private final ActionId actionId;
  private final Set<String> erased;

  private final Set<DsseEnvelope> voted = new LinkedHashSet<>();
  private final Set<DsseEnvelope> decided = new LinkedHashSet<>();
  // Whoever may write to the topic can ask again, for less: all that was asked must be met.
  private final List<Requirement> requirements = new ArrayList<>();
  private final Map<Long, Digest> executed = new LinkedHashMap<>();
  private @Nullable Decision first;
  private @Nullable String said;

  /// Reads the entries, of which the log is known to hold each. Throws with the first that is
  /// wrong.
  LoggedVotes(AttestationVerifier attestations, ActionId actionId, List<EvidenceFile.Item> entries)
      throws NotProven {
    this.attestations = attestations;
    this.decisions = new DecisionVerifier(attestations);
    this.actionId = actionId;
    this.erased =
        entries.stream()
            .filter(EvidenceFile.Item::erased)
            .map(EvidenceFile.Item::topic)
            .filter(NEEDED::contains)
            .collect(Collectors.toUnmodifiableSet());
    for (EvidenceFile.Item item : decisionsLast(entries)) {
      if (!item.erased()) {
        try {
          read(item);
        } catch (NotProven e) {
          throw NotProven.at(item.index(), e.sentence());
        } catch (IllegalArgumentException e) {
          throw NotProven.at(
              item.index(), "it can't be read: " + Shown.text(String.valueOf(e.getMessage())));
        }
      }
    }
  }

  /// What was proven about people, as a sentence.
  String sentence() {
    if (said != null) {
      return said;
    }
    return requirements.isEmpty() ? "Nobody was asked." : "People were asked, and nobody answered.";
  }

  /// Whether a payload was erased that could change who approved.
  boolean incomplete() {
    return !erased.isEmpty();
  }

  /// The attestations of the action's own votes.
  Set<DsseEnvelope> voted() {
    return voted;
  }

  /// The attestations that a decision rests on: by trust, of a vote on another action.
  Set<DsseEnvelope> decided() {
    return decided;
  }

  /// Between topics there is no order: a decision may have come to the log before its votes.
  private static List<EvidenceFile.Item> decisionsLast(List<EvidenceFile.Item> entries) {
    return entries.stream()
        .sorted(Comparator.comparing(item -> item.topic().equals(Topics.DECISION)))
        .toList();
  }

  private void read(EvidenceFile.Item item) throws NotProven {
    switch (item.topic()) {
      case Topics.TICKET_OPENED -> requirements.add(event(item, TicketOpened.class).requirement());
      case Topics.EXECUTION ->
          executed.put(item.index(), event(item, Execution.class).actionDigest());
      case Topics.VOTE_RECORDED -> {
        VoteRecorded vote = event(item, VoteRecorded.class);
        said = Sentences.of(attested(attestations, vote));
        voted.add(vote.attestation());
      }
      case Topics.DECISION -> read(event(item, Decision.class));
      // Nobody answers in the others.
      default -> {}
    }
  }

  /// The vote's attestation, where it is good and of this vote.
  static Attested attested(AttestationVerifier attestations, VoteRecorded vote) throws NotProven {
    DsseEnvelope envelope = vote.attestation();
    if (envelope == null) {
      throw new NotProven("the vote carries no attestation");
    }
    Attested attested = attestations.check(envelope);
    NotProven.unless(
        attested.vote().actionId().equals(vote.actionId())
            && attested.vote().approver().equals(vote.approver())
            && attested.vote().answer() == vote.answer()
            && attested.vote().assurance() == vote.assurance()
            && attested.vote().at().equals(vote.at()),
        "the attestation is of another vote than the event");
    return attested;
  }

  private <T extends Event> T event(EvidenceFile.Item item, Class<T> type) throws NotProven {
    if (item.value() == null) {
      throw new NotProven("it has no payload");
    }
    T event = EventJson.read(Base64.getDecoder().decode(item.value()), type);
    NotProven.unless(event.actionId().equals(actionId), "its payload is about another action");
    return event;
  }

  private void read(Decision decision) throws NotProven {
    List<Attested> votes = decisions.attested(decision);
    if (first == null) {
      first = decision;
      checkExecuted(decision);
    } else {
      // The first stands; after a restore the log may have two.
      NotProven.unless(
          decision.outcome() != Decision.Outcome.APPROVED
              || first.outcome() == Decision.Outcome.APPROVED,
          "it approves what was decided otherwise before");
      decided.addAll(decision.attestations());
      return;
    }
    NotProven.unless(
        decision.basis() != Decision.Basis.TRUST
            || decision.outcome() != Decision.Outcome.APPROVED
            || !votes.isEmpty(),
        "the decision is by trust and carries no vote that gave it");
    if (decision.basis() == Decision.Basis.VOTES) {
      NotProven.unless(
          erased.contains(Topics.VOTE_RECORDED) || voted.containsAll(decision.attestations()),
          "the decision carries a vote that the log does not hold");
      NotProven.unless(!votes.isEmpty(), "the decision is by votes and carries none");
      if (decision.outcome() == Decision.Outcome.APPROVED
          && !erased.contains(Topics.TICKET_OPENED)) {
        checkRequirements(votes);
      }
    }
    decided.addAll(decision.attestations());
    if (!votes.isEmpty()) {
      said = Sentences.of(decision, votes);
    }
  }

  /// What ran is what was decided on.
  private void checkExecuted(Decision decision) throws NotProven {
    for (Map.Entry<Long, Digest> each : executed.entrySet()) {
      if (!each.getValue().equals(decision.actionDigest())) {
        throw NotProven.at(
            each.getKey(), "what was executed is another action than what was decided on");
      }
    }
  }

  private void checkRequirements(List<Attested> votes) throws NotProven {
    NotProven.unless(!requirements.isEmpty(), "people approved what the log never asked them");
    for (Requirement each : requirements) {
      checkRequirement(each, votes);
    }
  }

  private static void checkRequirement(Requirement requirement, List<Attested> votes)
      throws NotProven {
    NotProven.unless(
        votes.size() >= requirement.votesNeeded(),
        "the policy asked for "
            + requirement.votesNeeded()
            + " approvals, and "
            + votes.stream()
                .map(each -> Shown.text(each.vote().approver()))
                .collect(Collectors.joining(", "))
            + " alone gave theirs");
    for (Attested each : votes) {
      NotProven.unless(
          each.vote().assurance().satisfies(requirement.assurance()),
          "an approval is weaker than the policy asked for");
    }
  }
}
