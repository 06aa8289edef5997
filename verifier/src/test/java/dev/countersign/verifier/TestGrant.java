package dev.countersign.verifier;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.Action;
import dev.countersign.events.DsseEnvelope;
import dev.countersign.events.EventJson;
import dev.countersign.events.Statement;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;

/// A grant as the ticket service signs it, with each part open to change.
final class TestGrant {

  final ObjectNode header = JsonNodeFactory.instance.objectNode();
  final ObjectNode claims = JsonNodeFactory.instance.objectNode();
  Signer signer = Signed.GRANTS;

  TestGrant(Action action, Instant at, DsseEnvelope... attestations) {
    header.put("alg", "EdDSA").put("typ", "countersign-grant+jwt").put("kid", "grant-key");
    claims
        .put("iss", "urn:countersign:ticket-service")
        .put("aud", action.tool().toolset())
        .put("sub", action.agent().id())
        .put("jti", Signed.ID.toString())
        .put("iat", at.getEpochSecond())
        .put("nbf", at.getEpochSecond())
        .put("exp", at.plusSeconds(120).getEpochSecond());
    ObjectNode call =
        claims
            .putArray("authorization_details")
            .addObject()
            .put("type", "urn:countersign:tool-call:v1")
            .put("identifier", Signed.ID.toString())
            .put("action_digest", action.digest(Signed.ID).value());
    call.putArray("actions").add(action.tool().toString());
    call.putObject("agent")
        .put("id", action.agent().id())
        .put("platform", action.agent().platform());
    var approvals = claims.putArray("approvals");
    for (DsseEnvelope each : attestations) {
      Statement.Approval vote = EventJson.read(each.body(), Statement.class).predicate();
      approvals
          .addObject()
          .put("approver", vote.approver())
          .put("at", vote.at().toString())
          .set("assurance", EventJson.tree(vote.assurance()));
    }
  }

  ObjectNode call() {
    return (ObjectNode) claims.path("authorization_details").path(0);
  }

  String token() {
    String input = base64(EventJson.write(header)) + "." + base64(EventJson.write(claims));
    return input + "." + base64(signer.sign(input.getBytes(US_ASCII)));
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /// A key that signs grants.
  record Signer(String kid, KeyPair key) {

    Signer(String kid) {
      this(kid, ed25519());
    }

    private static KeyPair ed25519() {
      try {
        return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }

    byte[] sign(byte[] input) {
      try {
        Signature signature = Signature.getInstance("Ed25519");
        signature.initSign(key.getPrivate());
        signature.update(input);
        return signature.sign();
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }

    ObjectNode jwk() {
      byte[] spki = key.getPublic().getEncoded();
      ObjectNode jwk =
          JsonNodeFactory.instance
              .objectNode()
              .put("kty", "OKP")
              .put("crv", "Ed25519")
              .put("kid", kid)
              .put("role", "grant")
              .put("x", base64(Arrays.copyOfRange(spki, spki.length - 32, spki.length)));
      jwk.putObject("validFor").put("from", "2026-11-26T09:00:00Z");
      return jwk;
    }
  }
}
