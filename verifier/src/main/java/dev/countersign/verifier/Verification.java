package dev.countersign.verifier;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.Decision;
import dev.countersign.events.DsseEnvelope;
import dev.countersign.events.Event;
import dev.countersign.events.EventJson;
import dev.countersign.events.Requirement;
import dev.countersign.events.TicketOpened;
import dev.countersign.events.Topics;
import dev.countersign.events.VoteRecorded;
import dev.countersign.verifier.AttestationVerifier.Attested;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Verifies one file, whatever of ours it is: an attestation, a `vote-recorded` or `decision`
/// event, or an action's evidence.
public final class Verification {

  private final AttestationVerifier attestations;
  private final DecisionVerifier decisions;

  private Verification(KeySet keys) {
    this.attestations = new AttestationVerifier(keys);
    this.decisions = new DecisionVerifier(attestations);
  }

  /// What the file proves.
  ///
  /// @param keys absent where there are none: then only what holds no attestation can be verified
  public static Finding of(byte[] file, @Nullable KeySet keys) {
    JsonNode json;
    try {
      json = EventJson.readTree(file);
    } catch (IllegalArgumentException e) {
      return new Finding.NotVerifiable(
          "This is no JSON: " + Shown.text(String.valueOf(e.getMessage())) + ".");
    }
    Optional<Kind> kind = Kind.of(json);
    if (kind.isEmpty()) {
      return new Finding.NotVerifiable(
          "This is no attestation, vote-recorded, decision or evidence of Countersign's.");
    }
    if (keys == null && kind.get().needsKeys(json)) {
      return new Finding.NotVerifiable(
          "The ticket service's public keys are missing: name them with --keys, as its"
              + " /.well-known/jwks.json gives them.");
    }
    try {
      Verification verification =
          new Verification(keys == null ? KeySet.read("{\"keys\":[]}".getBytes(UTF_8)) : keys);
      return new Finding.Proven(
          switch (kind.get()) {
            case ATTESTATION -> verification.attestation(EventJson.read(file, DsseEnvelope.class));
            case VOTE -> verification.vote(EventJson.read(file, VoteRecorded.class));
            case DECISION -> verification.decision(EventJson.read(file, Decision.class));
            case EVIDENCE -> verification.evidence(file);
          });
    } catch (NotProven e) {
      return new Finding.Wrong(e.sentence());
    } catch (IllegalArgumentException e) {
      return new Finding.Wrong("It can't be read: " + Shown.text(String.valueOf(e.getMessage())));
    }
  }

  private enum Kind {
    ATTESTATION,
    VOTE,
    DECISION,
    EVIDENCE;

    static Optional<Kind> of(JsonNode json) {
      if (json.has("payloadType") && json.has("signatures")) {
        return Optional.of(ATTESTATION);
      }
      if (!json.has("actionId")) {
        return Optional.empty();
      }
      if (json.has("entries")) {
        return Optional.of(EVIDENCE);
      }
      if (json.has("outcome")) {
        return Optional.of(DECISION);
      }
      return json.has("answer") && json.has("votesSoFar") ? Optional.of(VOTE) : Optional.empty();
    }

    boolean needsKeys(JsonNode json) {
      return switch (this) {
        case ATTESTATION, VOTE, DECISION -> true;
        case EVIDENCE ->
            json.path("entries")
                .valueStream()
                .anyMatch(entry ->
                    entry.path("topic").asText().equals(Topics.VOTE_RECORDED)
                        // By trust: the vote was on another action.
                        || !entry.path("event").path("attestations").isEmpty());
      };
    }
  }

  private String attestation(DsseEnvelope envelope) throws NotProven {
    return Sentences.of(attestations.check(envelope));
  }

  private String vote(VoteRecorded vote) throws NotProven {
    return Sentences.of(attested(vote));
  }

  private Attested attested(VoteRecorded vote) throws NotProven {
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

  private String decision(Decision decision) throws NotProven {
    List<Attested> votes = decisions.attested(decision);
    NotProven.unless(
        !votes.isEmpty(), "the decision carries no attestation: no person stands behind it");
    return Sentences.of(decision, votes);
  }

  private String evidence(byte[] file) throws NotProven {
    Optional<Fault> fault = EvidenceVerifier.check(file);
    if (fault.isPresent()) {
      throw new NotProven(fault.get().toString());
    }
    Evidence evidence = EventJson.read(file, Evidence.class);
    Set<DsseEnvelope> logged = new HashSet<>();
    Requirement requirement = null;
    String said = null;
    for (Evidence.Item item : decisionsLast(evidence.entries())) {
      try {
        switch (item.topic()) {
          case Topics.TICKET_OPENED ->
              requirement = event(item, evidence.actionId(), TicketOpened.class).requirement();
          case Topics.VOTE_RECORDED -> {
            VoteRecorded vote = event(item, evidence.actionId(), VoteRecorded.class);
            said = Sentences.of(attested(vote));
            logged.add(vote.attestation());
          }
          case Topics.DECISION -> {
            Decision decision = event(item, evidence.actionId(), Decision.class);
            said = decision(decision, requirement, logged).orElse(said);
          }
          // Nobody answers in the others.
          default -> {}
        }
      } catch (NotProven e) {
        throw new NotProven(Fault.at(item.index(), e.sentence()).toString());
      } catch (IllegalArgumentException e) {
        throw new NotProven(
            Fault.at(
                    item.index(), "it can't be read: " + Shown.text(String.valueOf(e.getMessage())))
                .toString());
      }
    }
    String log =
        "The log holds its " + evidence.entries().size() + " entries, each as it was written.";
    if (said == null) {
      return log
          + (requirement == null
              ? " Nobody was asked."
              : " People were asked, and nobody answered.");
    }
    return said + " " + log;
  }

  /// Between topics there is no order: a decision may have come to the log before its votes.
  private static List<Evidence.Item> decisionsLast(List<Evidence.Item> entries) {
    return entries.stream()
        .sorted(Comparator.comparing(item -> item.topic().equals(Topics.DECISION)))
        .toList();
  }

  private static <T extends Event> T event(Evidence.Item item, ActionId actionId, Class<T> type)
      throws NotProven {
    if (item.value() == null) {
      throw new NotProven("it has no payload");
    }
    T event = EventJson.read(Base64.getDecoder().decode(item.value()), type);
    NotProven.unless(event.actionId().equals(actionId), "its payload is about another action");
    return event;
  }

  private Optional<String> decision(
      Decision decision, @Nullable Requirement requirement, Set<DsseEnvelope> logged)
      throws NotProven {
    List<Attested> votes = decisions.attested(decision);
    if (decision.basis() == Decision.Basis.VOTES) {
      NotProven.unless(
          logged.containsAll(decision.attestations()),
          "the decision carries a vote that the log does not hold");
      NotProven.unless(!votes.isEmpty(), "the decision is by votes and carries none");
      if (decision.outcome() == Decision.Outcome.APPROVED) {
        checkRequirement(requirement, votes);
      }
    }
    return votes.isEmpty() ? Optional.empty() : Optional.of(Sentences.of(decision, votes));
  }

  private static void checkRequirement(@Nullable Requirement requirement, List<Attested> votes)
      throws NotProven {
    if (requirement == null) {
      throw new NotProven("people approved what the log never asked them");
    }
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
