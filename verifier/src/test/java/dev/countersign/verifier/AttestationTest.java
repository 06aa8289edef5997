package dev.countersign.verifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.Answer;
import dev.countersign.events.Assertion;
import dev.countersign.events.Assurance;
import dev.countersign.events.Digest;
import dev.countersign.events.DsseEnvelope;
import dev.countersign.events.EventJson;
import dev.countersign.events.VoteChallenge;
import java.net.URI;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/// An attestation proves one vote, and nothing that was changed in the least.
class AttestationTest {

  private final Signed vote = new Signed();

  private static void assertProven(String part, DsseEnvelope envelope) {
    Finding finding = Signed.verify(envelope);
    assertInstanceOf(Finding.Proven.class, finding, finding.sentence());
    assertTrue(finding.sentence().contains(part), finding.sentence());
  }

  private static void assertWrong(String part, Object envelope) {
    Finding finding = Signed.verify(envelope);
    assertInstanceOf(Finding.Wrong.class, finding, finding.sentence());
    assertTrue(finding.sentence().contains(part), finding.sentence());
  }

  @Test
  void aVoteIsProvenAndTheSentenceSaysWhoWhatWhenAndHowSurely() {
    assertProven(
        "alice approved “Send EUR 48,200.00” to ACME GmbH"
            + " (action 018f6f3e-9d5c-7c3e-8f4a-0d1f2a3b4c5d) at 2026-11-26T10:00:00.123456Z,"
            + " with a passkey that verified the person, at http://localhost:8082."
            + " Signed by the ticket service, key attestation-key.",
        vote.envelope());
  }

  @Test
  void aVoteWithoutAPasskeyIsProvenByTheServiceAlone() {
    vote.assurance = Assurance.CODE;
    vote.answer = Answer.REJECT;
    assertProven("alice rejected", vote.envelope());
    assertProven("by a mailed code, for which the ticket service vouches", vote.envelope());
  }

  @Test
  void aVoteOfASetIsProvenByTheItemsThatWereSignedAtOnce() {
    VoteChallenge.Item other =
        new VoteChallenge.Item(
            ActionId.of("018f6f3e-9d5c-7c3e-8f4a-0d1f2a3b4c5e"),
            0,
            Signed.POLICY,
            Signed.POLICY,
            Answer.REJECT,
            "alice",
            Signed.UNTIL,
            null);
    vote.set = List.of(other, vote.item());
    assertProven("with a passkey", vote.envelope());

    vote.set = List.of(other);
    assertWrong("does not hold this vote", vote.envelope());
  }

  @Test
  void aVoteThatGivesTrustIsProvenWithIt() {
    vote.trust = Signed.POLICY;
    assertProven("with a passkey", vote.envelope());
    ObjectNode without = (ObjectNode) EventJson.tree(vote.statement());
    ((ObjectNode) without.path("predicate")).remove("trust");
    assertWrong("another challenge", vote.envelope(EventJson.write(without)));
  }

  @Test
  void ofEveryByteOfPayloadAndSignatureNoneCanBeAnother() {
    DsseEnvelope envelope = vote.envelope();
    byte[] body = envelope.body();
    byte[] signature = envelope.signatures().getFirst().bytes();
    for (int i = 0; i < body.length; i++) {
      byte[] changed = body.clone();
      changed[i] ^= (byte) (1 << (i % 8));
      assertWrong("", DsseEnvelope.of(envelope.payloadType(), changed, vote.kid, signature));
    }
    for (int i = 0; i < signature.length; i++) {
      byte[] changed = signature.clone();
      changed[i] ^= (byte) (1 << (i % 8));
      assertWrong("", DsseEnvelope.of(envelope.payloadType(), body, vote.kid, changed));
    }
  }

  /// The bytes are one thing, their spelling another: base64 has stray bits and padding.
  @Test
  void theEnvelopeHasOneSpelling() {
    JsonNode envelope = EventJson.tree(vote.envelope());
    List<Consumer<String>> members =
        List.of(
            text -> assertWrong("", with(envelope, "payloadType", text)),
            text -> assertWrong("", with(envelope, "payload", text)),
            text -> assertWrong("", withSignature(envelope, "sig", text)),
            text -> assertWrong("", withSignature(envelope, "keyid", text)));
    List<String> texts =
        List.of(
            envelope.path("payloadType").textValue(),
            envelope.path("payload").textValue(),
            envelope.path("signatures").path(0).path("sig").textValue(),
            envelope.path("signatures").path(0).path("keyid").textValue());
    for (int member = 0; member < members.size(); member++) {
      String text = texts.get(member);
      // The last characters are those with stray bits; of a long text some others will do.
      int step = Math.max(1, text.length() / 100);
      for (int i = (text.length() - 1) % step; i < text.length(); i += step) {
        char other = text.charAt(i) == 'A' ? 'B' : 'A';
        members.get(member).accept(text.substring(0, i) + other + text.substring(i + 1));
      }
      members.get(member).accept(text + "=");
      members.get(member).accept(" " + text);
      members.get(member).accept("");
    }
  }

  private static JsonNode with(JsonNode envelope, String member, String text) {
    ObjectNode changed = envelope.deepCopy();
    return changed.put(member, text);
  }

  private static JsonNode withSignature(JsonNode envelope, String member, String text) {
    ObjectNode changed = envelope.deepCopy();
    ((ObjectNode) changed.path("signatures").path(0)).put(member, text);
    return changed;
  }

  @Test
  void oneSignatureByOneKnownKeyOfTheRightRole() {
    DsseEnvelope envelope = vote.envelope();
    DsseEnvelope.Signature one = envelope.signatures().getFirst();
    String type = envelope.payloadType();
    assertWrong("one signature", new DsseEnvelope(type, envelope.payload(), List.of()));
    assertWrong("one signature", new DsseEnvelope(type, envelope.payload(), List.of(one, one)));
    assertWrong(
        "does not say by which key",
        new DsseEnvelope(
            type, envelope.payload(), List.of(new DsseEnvelope.Signature(null, one.sig()))));
    vote.kid = "another";
    assertWrong("no key another", vote.envelope());
    vote.kid = "grant-key";
    assertWrong("does not sign attestations", vote.envelope());
  }

  @Test
  void aKeyProvesNothingOutsideItsTime() {
    ObjectNode jwks = Signed.jwks();
    ObjectNode validFor = (ObjectNode) jwks.path("keys").path(1).path("validFor");
    validFor.put("until", "2026-11-26T10:00:00Z");
    assertTrue(sentence(jwks).contains("was not in force"), sentence(jwks));
    validFor.put("until", "2026-11-26T10:00:01Z");
    assertTrue(sentence(jwks).contains("alice approved"), sentence(jwks));
    validFor.put("from", "2026-11-26T10:00:01Z");
    assertTrue(sentence(jwks).contains("was not in force"), sentence(jwks));
    validFor.remove("from");
    assertEquals(1, assertKeysRefused(jwks), "a key that does not say since when it signs is none");
    ((ArrayNode) jwks.path("keys")).add(Signed.jwk(Signed.KID, Signed.p256(), "attestation"));
    validFor.put("from", "2026-11-26T09:00:00Z");
    assertEquals(1, assertKeysRefused(jwks), "two keys of one name");
  }

  private String sentence(JsonNode jwks) {
    return Verification.of(EventJson.write(vote.envelope()), KeySet.read(EventJson.write(jwks)))
        .sentence();
  }

  private static int assertKeysRefused(JsonNode jwks) {
    try {
      KeySet.read(EventJson.write(jwks));
      return 0;
    } catch (IllegalArgumentException e) {
      return 1;
    }
  }

  @Test
  void whatWasShownIsWhatWasVotedOn() {
    vote.promptDigest = Digest.of(new byte[] {9});
    assertWrong("the prompt is not the one", vote.envelope());
    vote.promptDigest = null;
    vote.prompt.put("actionDigest", Signed.POLICY.value());
    assertWrong("another action", vote.envelope());
    vote.prompt.put("actionDigest", vote.actionDigest.value());
    vote.prompt.put("policyVersion", vote.actionDigest.value());
    assertWrong("another version of the policy", vote.envelope());
    vote.prompt.put("policyVersion", Signed.POLICY.value());
    vote.prompt.put("ofALaterRelease", "is digested too");
    assertProven("alice approved", vote.envelope());
  }

  @Test
  void aVoteAtTheDeadlineIsNone() {
    vote.at = Signed.UNTIL;
    assertWrong("the deadline had passed", vote.envelope());
    vote.at = Signed.UNTIL.minusNanos(1);
    assertProven("alice approved", vote.envelope());
  }

  @Test
  void theTypesAreThoseOfAnApproval() {
    for (String member : List.of("_type", "predicateType")) {
      ObjectNode statement = (ObjectNode) EventJson.tree(vote.statement());
      statement.put(member, "https://slsa.dev/provenance/v1");
      assertWrong("", vote.envelope(EventJson.write(statement)));
    }
    ObjectNode statement = (ObjectNode) EventJson.tree(vote.statement());
    statement.remove("predicate");
    assertWrong("predicate is missing", vote.envelope(EventJson.write(statement)));
  }

  @Test
  void aPasskeysVoteHasItsAssertionAndNoOtherHasOne() {
    assertWrong("has its assertion", vote.envelope(EventJson.write(vote.statement(null))));
    Assertion assertion = vote.passkey.assertion(vote.challenge());
    vote.assurance = Assurance.CODE;
    assertWrong("has its assertion", vote.envelope(EventJson.write(vote.statement(assertion))));
  }

  // The service may be wrong, or lie: what the passkey signed must agree all the same.

  @Test
  void anAssertionForAnotherVoteDoesNotFit() {
    Assertion approved = vote.passkey.assertion(vote.challenge());
    vote.answer = Answer.REJECT;
    assertWrong("another challenge", vote.envelope(EventJson.write(vote.statement(approved))));
    vote.answer = Answer.APPROVE;
    vote.approver = "mallory";
    assertWrong("another challenge", vote.envelope(EventJson.write(vote.statement(approved))));
    vote.approver = "alice";
    vote.nonce[31] = 1;
    assertWrong("another challenge", vote.envelope(EventJson.write(vote.statement(approved))));
    vote.nonce = new byte[31];
    assertWrong("32 bytes", vote.envelope(EventJson.write(vote.statement(approved))));
    vote.nonce = new byte[32];
    assertProven("alice approved", vote.envelope(EventJson.write(vote.statement(approved))));
  }

  @Test
  void anAssertionWithoutUserVerificationIsNone() {
    vote.passkey.flags = TestPasskey.PRESENT;
    assertWrong("did not verify the person", vote.envelope());
    vote.passkey.flags = TestPasskey.VERIFIED;
    assertWrong("nobody was present", vote.envelope());
  }

  @Test
  void anAssertionOfAnotherPageIsNone() {
    vote.passkey.type = "webauthn.create";
    assertWrong("no webauthn.get", vote.envelope());
    vote.passkey.type = "webauthn.get";
    vote.passkey.origin = "http://localhost:9999";
    assertWrong("another origin", vote.envelope());
    vote.passkey.origin = Signed.ORIGIN;
    vote.passkey.crossOrigin = true;
    assertWrong("another site's frame", vote.envelope());
    vote.passkey.crossOrigin = false;
    vote.passkey.rpId = "evil.example";
    assertWrong("another relying party", vote.envelope());
  }

  @Test
  void anOriginIsOfItsRelyingPartyAndEncrypted() {
    for (String origin :
        List.of(
            "https://localhost.evil.example",
            "http://approve.acme.example",
            "https://evil.example",
            "ftp://localhost")) {
      vote.passkey.origin = origin;
      Assertion made = vote.passkey.assertion(vote.challenge());
      Assertion claimed =
          new Assertion(
              made.authenticatorData(),
              made.clientDataJSON(),
              made.signature(),
              made.credentialId(),
              made.publicKey(),
              origin.contains("acme") ? "acme.example" : made.rpId(),
              URI.create(origin),
              made.signCountBefore());
      assertWrong(
          "none of the relying party's", vote.envelope(EventJson.write(vote.statement(claimed))));
    }
  }

  @Test
  void aCounterThatDoesNotGoUpIsNoticed() {
    vote.passkey.signCount = 7;
    assertWrong("counter did not go up", vote.envelope());
    vote.passkey.signCount = 0;
    assertWrong("counter did not go up", vote.envelope());
    vote.passkey.signCountBefore = 0;
    assertProven("alice approved", vote.envelope());
    vote.passkey.signCount = -1;
    vote.passkey.signCountBefore = 0xFFFFFFFEL;
    assertProven("alice approved", vote.envelope());
  }

  @Test
  void anAssertionSignedByAnotherPasskeyIsNone() {
    Assertion made = vote.passkey.assertion(vote.challenge());
    Assertion others = new TestPasskey().assertion(vote.challenge());
    for (Assertion mixed :
        List.of(
            mixed(made, others.signature(), made.publicKey()),
            mixed(made, made.signature(), others.publicKey()),
            mixed(made, "AAAA", made.publicKey()))) {
      assertWrong("signature is not good", vote.envelope(EventJson.write(vote.statement(mixed))));
    }
    assertWrong(
        "public key can't be read",
        vote.envelope(EventJson.write(vote.statement(mixed(made, made.signature(), "AAAA")))));
  }

  private static Assertion mixed(Assertion made, String signature, String publicKey) {
    return new Assertion(
        made.authenticatorData(),
        made.clientDataJSON(),
        signature,
        made.credentialId(),
        publicKey,
        made.rpId(),
        made.origin(),
        made.signCountBefore());
  }

  @Test
  void ofEveryByteThatThePasskeyGaveNoneCanBeAnother() {
    Assertion made = vote.passkey.assertion(vote.challenge());
    for (String member : List.of("authenticatorData", "clientDataJSON", "signature")) {
      ObjectNode statement = (ObjectNode) EventJson.tree(vote.statement(made));
      ObjectNode assertion = (ObjectNode) statement.path("predicate").path("assertion");
      byte[] bytes = Base64.getUrlDecoder().decode(assertion.path(member).textValue());
      for (int i = 0; i < bytes.length; i++) {
        byte[] changed = bytes.clone();
        changed[i] ^= (byte) (1 << (i % 8));
        assertion.put(member, Base64.getUrlEncoder().withoutPadding().encodeToString(changed));
        assertWrong("", vote.envelope(EventJson.write(statement)));
      }
    }
  }

  @Test
  void textOutOfAFileCannotSpoofTheTerminal() {
    vote.prompt.put("title", "Send \u001b[31m1 EUR\u202e\n");
    assertProven("“Send U+001B[31m1 EURU+202EU+000A”", vote.envelope());
  }
}
