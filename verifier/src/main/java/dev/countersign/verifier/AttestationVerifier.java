package dev.countersign.verifier;

import dev.countersign.events.Assertion;
import dev.countersign.events.Assurance;
import dev.countersign.events.Canonical;
import dev.countersign.events.Digest;
import dev.countersign.events.DsseEnvelope;
import dev.countersign.events.EventJson;
import dev.countersign.events.Prompt;
import dev.countersign.events.Shown;
import dev.countersign.events.Statement;
import java.util.function.Function;

/// Checks attestations, each from the outside in: nothing of it is read before its signature is
/// known to be good.
final class AttestationVerifier {

  private final Function<String, KeySet> keys;

  AttestationVerifier(KeySet keys) {
    this(_ -> keys);
  }

  /// @param keys the key set to look a `kid` up in
  AttestationVerifier(Function<String, KeySet> keys) {
    this.keys = keys;
  }

  /// An attestation that holds.
  record Attested(Statement statement, Prompt prompt, String kid) {

    Statement.Approval vote() {
      return statement.predicate();
    }
  }

  Attested check(DsseEnvelope envelope) throws NotProven {
    try {
      return checkUnguarded(envelope);
    } catch (IllegalArgumentException e) {
      throw new NotProven(
          "the attestation can't be read: " + Shown.text(String.valueOf(e.getMessage())));
    }
  }

  private Attested checkUnguarded(DsseEnvelope envelope) throws NotProven {
    NotProven.unless(
        envelope.payloadType().equals(DsseEnvelope.IN_TOTO),
        "the envelope holds no in-toto statement");
    NotProven.unless(envelope.signatures().size() == 1, "an attestation has one signature");
    DsseEnvelope.Signature signature = envelope.signatures().getFirst();
    String kid = signature.keyid();
    if (kid == null) {
      throw new NotProven("the signature does not say by which key");
    }
    KeySet.AttestationKey key = keys.apply(kid).find(kid);
    byte[] body = envelope.body();
    NotProven.unless(
        key.signed(envelope.payloadType(), body, signature.bytes()),
        "the ticket service's signature is not good");
    Statement statement = EventJson.read(body, Statement.class);
    NotProven.unless(
        key.covers(statement.predicate().at()),
        "the key " + Shown.text(kid) + " was not in force at " + statement.predicate().at());
    return new Attested(statement, checkStatement(statement), kid);
  }

  private static Prompt checkStatement(Statement statement) throws NotProven {
    NotProven.unless(
        statement.type().equals(Statement.TYPE), "the statement is no in-toto Statement v1");
    NotProven.unless(
        statement.predicateType().equals(Statement.APPROVAL),
        "the statement is about something else than an approval");
    Statement.Approval vote = statement.predicate();
    Prompt prompt = EventJson.read(vote.prompt(), Prompt.class);
    NotProven.unless(
        Digest.of(Canonical.bytes(vote.prompt())).equals(vote.promptDigest()),
        "the prompt is not the one whose digest was voted on");
    NotProven.unless(
        prompt.actionDigest().equals(statement.actionDigest()),
        "the prompt was about another action");
    NotProven.unless(
        prompt.policyVersion().equals(vote.policyVersion()),
        "the prompt was made by another version of the policy");
    NotProven.unless(
        vote.at().isBefore(vote.expiresAt()), "the vote came when the deadline had passed");
    Assertion assertion = vote.assertion();
    NotProven.unless(
        (vote.assurance() == Assurance.PASSKEY) == (assertion != null),
        "a passkey's vote has its assertion, and no other has one");
    if (assertion != null) {
      AssertionVerifier.check(statement, assertion);
    }
    return prompt;
  }
}
