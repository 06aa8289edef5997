package dev.countersign.verifier;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.Decision;
import dev.countersign.events.DsseEnvelope;
import dev.countersign.events.EventJson;
import dev.countersign.events.Shown;
import dev.countersign.events.Topics;
import dev.countersign.events.VoteRecorded;
import dev.countersign.tlog.VerifierKey;
import dev.countersign.verifier.AttestationVerifier.Attested;
import dev.countersign.verifier.PermissionVerifier.Permission;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Verifies one file, whatever of ours it is: an attestation, a `vote-recorded` or `decision`
/// event, or an action's evidence.
public final class Verification {

  private final TrustedKeys trusted;
  private final KeySet keys;
  private final AttestationVerifier attestations;
  private final DecisionVerifier decisions;

  private Verification(TrustedKeys trusted) {
    this.trusted = trusted;
    this.keys =
        trusted.tickets() == null
            ? KeySet.read("{\"keys\":[]}".getBytes(UTF_8))
            : trusted.tickets();
    this.attestations = new AttestationVerifier(keys);
    this.decisions = new DecisionVerifier(attestations);
  }

  /// What a file proves that is no evidence: by the ticket service's keys alone.
  public static Finding of(byte[] file, KeySet keys) {
    return of(file, new TrustedKeys(keys, null, List.of()));
  }

  /// What the file proves.
  public static Finding of(byte[] file, TrustedKeys trusted) {
    JsonNode json;
    try {
      json = EventJson.readTree(file);
    } catch (IllegalArgumentException e) {
      return new Finding.NotVerifiable(
          "This is no JSON: " + Shown.text(String.valueOf(e.getMessage())) + ".");
    }
    if (json.has("entries") && json.has("head")) {
      return new Finding.NotVerifiable(
          "This evidence is of the log's first version, which linked its entries and proved none:"
              + " ask the audit service for it anew.");
    }
    Optional<Kind> kind = Kind.of(json);
    if (kind.isEmpty()) {
      return new Finding.NotVerifiable(
          "This is no attestation, vote-recorded, decision or evidence of Countersign's, or several"
              + " of them at once.");
    }
    if (trusted.tickets() == null && kind.get().needsKeys(json)) {
      return new Finding.NotVerifiable(
          "The ticket service's public keys are missing: name them with --keys, as its"
              + " /.well-known/jwks.json gives them.");
    }
    try {
      return new Verification(trusted).find(kind.get(), file, json);
    } catch (NotCosigned e) {
      return Finding.NotVerifiable.yet(e);
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

    /// Empty where it is none, and where it has members of several: whoever uses the one shall not
    /// be told that the other is good.
    static Optional<Kind> of(JsonNode json) {
      List<Kind> kinds = new ArrayList<>();
      if (json.has("payloadType") || json.has("signatures")) {
        kinds.add(ATTESTATION);
      }
      if (json.has("entries")) {
        kinds.add(EVIDENCE);
      }
      if (json.has("outcome")) {
        kinds.add(DECISION);
      }
      if (json.has("votesSoFar")) {
        kinds.add(VOTE);
      }
      return kinds.size() == 1 && kinds.getFirst().isWhole(json)
          ? Optional.of(kinds.getFirst())
          : Optional.empty();
    }

    private boolean isWhole(JsonNode json) {
      return switch (this) {
        case ATTESTATION -> json.has("payloadType") && json.has("signatures");
        case VOTE -> json.has("actionId") && json.has("answer");
        case DECISION, EVIDENCE -> json.has("actionId");
      };
    }

    boolean needsKeys(JsonNode json) {
      return switch (this) {
        case ATTESTATION, VOTE, DECISION -> true;
        case EVIDENCE ->
            !json.path("attestations").isEmpty()
                || json.path("entries")
                    .valueStream()
                    .map(entry -> entry.path("topic").asText())
                    .anyMatch(topic ->
                        topic.equals(Topics.VOTE_RECORDED) || topic.equals(Topics.DECISION));
      };
    }
  }

  private Finding find(Kind kind, byte[] file, JsonNode json) throws NotProven {
    return switch (kind) {
      case ATTESTATION ->
          proven(Sentences.of(attestations.check(EventJson.read(file, DsseEnvelope.class))));
      case VOTE ->
          proven(
              Sentences.of(
                  LoggedAction.attested(attestations, EventJson.read(file, VoteRecorded.class))));
      case DECISION -> proven(decision(EventJson.read(file, Decision.class)));
      case EVIDENCE -> evidence(EventJson.read(file, EvidenceFile.class), json);
    };
  }

  private static Finding proven(String sentence) {
    return new Finding.Proven(sentence);
  }

  private String decision(Decision decision) throws NotProven {
    if (decision.outcome() == Decision.Outcome.APPROVED) {
      return Sentences.of(permission(decision));
    }
    List<Attested> votes = decisions.attested(decision);
    NotProven.unless(
        !votes.isEmpty(), "the decision carries no attestation: no person stands behind it");
    return Sentences.ofNo(decision, votes);
  }

  private Permission permission(Decision decision) throws NotProven {
    PermissionVerifier permissions = new PermissionVerifier(keys, decisions);
    try {
      return permissions.check(decision, permissions.authentic(decision), Map.of());
    } catch (InvalidGrant e) {
      throw new NotProven(e.detail());
    }
  }

  private Finding evidence(EvidenceFile file, JsonNode json) throws NotProven {
    VerifierKey log = trusted.log();
    if (log == null) {
      return Finding.NotVerifiable.WITHOUT_LOG_KEY;
    }
    Cosigned checkpoint =
        Cosigned.read(file.checkpoint().getBytes(UTF_8), log, trusted.witnesses());
    LoggedEntries.check(file.actionId(), file.entries(), checkpoint.tree());
    Set<String> missing = new HashSet<>(NamedKeys.named(file));
    missing.removeAll(keys.kids());
    LoggedAction action = new LoggedAction(file, keys, attestations, missing);
    new LoggedAttestations(checkpoint, keys).check(file, json, action);
    NamedKeys.check(file, trusted, action.kids());
    String held = Sentences.of(file.entries()) + " " + checkpoint.sentence();
    return action.incomplete()
        ? new Finding.NotVerifiable(
            "Who approved can't be verified any more." + held, action.ignored())
        : new Finding.Proven(action.sentence() + held, action.ignored());
  }
}
