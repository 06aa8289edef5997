package dev.countersign.verifier;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.Answer;
import dev.countersign.events.Assertion;
import dev.countersign.events.Assurance;
import dev.countersign.events.Canonical;
import dev.countersign.events.Digest;
import dev.countersign.events.DsseEnvelope;
import dev.countersign.events.EventJson;
import dev.countersign.events.Intent;
import dev.countersign.events.Prompt;
import dev.countersign.events.Rule;
import dev.countersign.events.Statement;
import dev.countersign.events.Tool;
import dev.countersign.events.VoteChallenge;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A vote about a wire transfer as the ticket service signs it, with each part open to change.
final class Signed {

  static final ActionId ID = ActionId.of("018f6f3e-9d5c-7c3e-8f4a-0d1f2a3b4c5d");
  static final Instant AT = Instant.parse("2026-11-26T10:00:00.123456Z");
  static final Instant UNTIL = Instant.parse("2026-11-26T11:00:00Z");
  static final Digest POLICY = Digest.of(new byte[] {3});
  static final String ORIGIN = "http://localhost:8082";
  static final KeyPair SERVICE = p256();
  static final String KID = "attestation-key";
  static final TestGrant.Signer GRANTS = new TestGrant.Signer("grant-key");

  final Action action =
      new Action(
          new Agent("billing-bot", "acme-agents", "run-91c", null),
          new Tool("payments", "wire_transfer"),
          JsonNodeFactory.instance.objectNode().put("amount", "48200.00").put("currency", "EUR"));
  final TestPasskey passkey = new TestPasskey();

  // What a test may change before it asks for the envelope.
  Digest actionDigest = action.digest(ID);
  ObjectNode prompt = (ObjectNode) EventJson.tree(prompt(actionDigest));
  @Nullable Digest promptDigest;
  Answer answer = Answer.APPROVE;
  String approver = "alice";
  Instant at = AT;
  Assurance assurance = Assurance.PASSKEY;
  byte[] nonce = new byte[VoteChallenge.NONCE_BYTES];
  @Nullable List<VoteChallenge.Item> set;
  @Nullable Digest trust;
  KeyPair service = SERVICE;
  String kid = KID;

  static KeyPair p256() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  static Prompt prompt(Digest actionDigest) {
    return new Prompt(
        "Send EUR 48,200.00",
        "ACME GmbH",
        "The money leaves the house account today and cannot be called back.",
        List.of(new Prompt.Field("Amount", "EUR 48,200.00", true)),
        new Intent("Pay invoice 4711", "due today", null, null, 0.9),
        List.of("Irreversible"),
        List.of(new Rule("large-transfers", "From 10,000 EUR on, two people of finance agree")),
        null,
        actionDigest,
        POLICY);
  }

  Digest promptDigest() {
    return promptDigest == null ? Digest.of(Canonical.bytes(prompt)) : promptDigest;
  }

  /// What the passkey is asked to sign.
  VoteChallenge.Item item() {
    return new VoteChallenge.Item(
        ID, 1, actionDigest, promptDigest(), answer, approver, UNTIL, trust);
  }

  byte[] challenge() {
    return set == null ? VoteChallenge.of(nonce, item()) : VoteChallenge.ofSet(nonce, set);
  }

  Statement statement() {
    return statement(assurance == Assurance.PASSKEY ? passkey.assertion(challenge()) : null);
  }

  Statement statement(@Nullable Assertion assertion) {
    return Statement.of(
        actionDigest,
        new Statement.Approval(
            ID,
            answer,
            approver,
            at,
            assurance,
            prompt,
            promptDigest(),
            POLICY,
            1,
            Base64.getUrlEncoder().withoutPadding().encodeToString(nonce),
            UNTIL,
            trust,
            set,
            assertion));
  }

  DsseEnvelope envelope() {
    return envelope(EventJson.write(statement()));
  }

  DsseEnvelope envelope(byte[] body) {
    return DsseEnvelope.of(
        DsseEnvelope.IN_TOTO,
        body,
        kid,
        ecdsa(service, DsseEnvelope.pae(DsseEnvelope.IN_TOTO, body)));
  }

  static byte[] ecdsa(KeyPair key, byte[]... message) {
    try {
      Signature signature = Signature.getInstance("SHA256withECDSA");
      signature.initSign(key.getPrivate());
      for (byte[] part : message) {
        signature.update(part);
      }
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /// The key set as the ticket service publishes it.
  static ObjectNode jwks() {
    ObjectNode jwks = JsonNodeFactory.instance.objectNode();
    var keys = jwks.putArray("keys");
    keys.add(GRANTS.jwk());
    keys.add(jwk(KID, SERVICE, "attestation"));
    return jwks;
  }

  static ObjectNode jwk(String kid, KeyPair keys, String role) {
    ECPublicKey key = (ECPublicKey) keys.getPublic();
    ObjectNode jwk =
        JsonNodeFactory.instance
            .objectNode()
            .put("kty", "EC")
            .put("crv", "P-256")
            .put("use", "sig")
            .put("alg", "ES256")
            .put("kid", kid)
            .put("role", role)
            .put("x", coordinate(key.getW().getAffineX()))
            .put("y", coordinate(key.getW().getAffineY()));
    jwk.putObject("validFor").put("from", "2026-11-26T09:00:00Z");
    return jwk;
  }

  private static String coordinate(BigInteger value) {
    byte[] bytes = value.toByteArray();
    byte[] plain = new byte[32];
    int skip = Math.max(0, bytes.length - 32);
    System.arraycopy(bytes, skip, plain, 32 - (bytes.length - skip), bytes.length - skip);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(plain);
  }

  static KeySet keys() {
    return KeySet.read(jwks().toString().getBytes(UTF_8));
  }

  static Finding verify(Object file) {
    return Verification.of(EventJson.write(file), keys());
  }
}
