package dev.countersign.verifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.Assurance;
import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import dev.countersign.events.Tool;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a grant permits, as our verifier reads it and as a stock JOSE library does.
class GrantVerifierTest {

  private static final ActionId ID = ActionId.of("018f6f3e-9d5c-7c3e-8f4a-0d1f2a3b4c5d");
  private static final KeyPair SERVICE = ed25519();
  private static final Tool DEPLOY = new Tool("releases", "deploy");
  private static final Path STOCK = Path.of("../flow-tests/stock-verifier");

  // A stock library looks at this machine's clock.
  private final Instant now = Instant.now();
  private final ObjectNode parameters =
      JsonNodeFactory.instance
          .objectNode()
          .put("service", "checkout")
          .put("version", "4.2.0")
          .put("note", "Zürich → \u202e\ud83d\ude80 1e3");
  private final Agent agent = new Agent("release-bot", "acme-agents", "run-7", "ops@acme.example");

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path folder;

  private static KeyPair ed25519() {
    try {
      return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static byte[] raw(KeyPair key) {
    byte[] spki = key.getPublic().getEncoded();
    return Arrays.copyOfRange(spki, spki.length - 32, spki.length);
  }

  private static ObjectNode jwk(String kid, String role, KeyPair key) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("kty", "OKP")
        .put("crv", "Ed25519")
        .put("kid", kid)
        .put("role", role)
        .put("x", base64(raw(key)));
  }

  /// One that signs grants, one whose time is over, and one of another role.
  private byte[] jwks() {
    ObjectNode set = JsonNodeFactory.instance.objectNode();
    ObjectNode over = jwk("over", "grant", SERVICE);
    over.putObject("validFor").put("until", now.minusSeconds(60).toString());
    set.putArray("keys")
        .add(jwk("grant-key", "grant", SERVICE))
        .add(over)
        .add(jwk("login", "login", SERVICE));
    return EventJson.write(set);
  }

  private static ObjectNode header() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("alg", "EdDSA")
        .put("typ", "countersign-grant+jwt")
        .put("kid", "grant-key");
  }

  private ObjectNode claims() {
    ObjectNode claims =
        JsonNodeFactory.instance
            .objectNode()
            .put("iss", "urn:countersign:ticket-service")
            .put("aud", "releases")
            .put("sub", "release-bot")
            .put("jti", ID.toString())
            .put("iat", now.getEpochSecond())
            .put("nbf", now.getEpochSecond())
            .put("exp", now.plusSeconds(120).getEpochSecond());
    ObjectNode call =
        claims
            .putArray("authorization_details")
            .addObject()
            .put("type", "urn:countersign:tool-call:v1")
            .put("identifier", ID.toString())
            .put("action_digest", new Action(agent, DEPLOY, parameters).digest(ID).value());
    call.putArray("actions").add("releases/deploy");
    call.putObject("agent")
        .put("id", "release-bot")
        .put("platform", "acme-agents")
        .put("onBehalfOf", "ops@acme.example");
    claims
        .putArray("approvals")
        .addObject()
        .put("approver", "dave")
        .put("assurance", "code")
        .put("at", now.toString());
    return claims;
  }

  private static ObjectNode call(ObjectNode claims) {
    return (ObjectNode) claims.path("authorization_details").path(0);
  }

  private static String sign(ObjectNode header, ObjectNode claims, KeyPair key) {
    String input = base64(EventJson.write(header)) + "." + base64(EventJson.write(claims));
    try {
      Signature signer = Signature.getInstance("Ed25519");
      signer.initSign(key.getPrivate());
      signer.update(input.getBytes(StandardCharsets.US_ASCII));
      return input + "." + base64(signer.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /// An attacker's token that takes the public key for a shared secret.
  private static String hs256(ObjectNode claims) throws GeneralSecurityException {
    String input =
        base64(EventJson.write(header().put("alg", "HS256")))
            + "."
            + base64(EventJson.write(claims));
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(raw(SERVICE), "HmacSHA256"));
    return input + "." + base64(mac.doFinal(input.getBytes(StandardCharsets.US_ASCII)));
  }

  private Grant verify(String token, JsonNode with, Instant at) throws InvalidGrant {
    return new GrantVerifier(
            KeySet.read(jwks()).grantKeys(InstantSource.fixed(at)),
            "urn:countersign:ticket-service")
        .verify(token, DEPLOY, with, at);
  }

  private void assertRefused(String reason, String token) {
    assertEquals(
        reason, assertThrows(InvalidGrant.class, () -> verify(token, parameters, now)).reason());
  }

  private String with(Consumer<ObjectNode> change) {
    ObjectNode claims = claims();
    change.accept(claims);
    return sign(header(), claims, SERVICE);
  }

  @Test
  void aGrantPermitsExactlyItsCallAndSaysWhoApproved() throws Exception {
    Grant grant = verify(sign(header(), claims(), SERVICE), parameters, now);

    assertEquals(ID, grant.actionId());
    assertEquals(List.of(new Grant.Approval("dave", Assurance.CODE, now)), grant.approvals());
  }

  @Test
  void aGrantSaysWhatItsApproversWereShownAndByWhichEntryItWasJudged() throws Exception {
    Digest rows = Digest.of(new byte[] {'7'});
    String token =
        with(claims -> {
          call(claims).put("tool_digest", rows.toString());
          call(claims)
              .putArray("preconditions")
              .addObject()
              .put("label", "Rows")
              .put("fingerprint", rows.toString());
        });

    Grant grant = verify(token, parameters, now);

    assertEquals(List.of(new Grant.Promise("Rows", rows)), grant.preconditions());
    assertEquals(rows, grant.toolDigest());
    Grant old = verify(sign(header(), claims(), SERVICE), parameters, now);
    assertEquals(List.of(), old.preconditions());
    assertNull(old.toolDigest());
    assertRefused("grant-claims", with(claims -> call(claims).put("tool_digest", "sha256:x")));
    assertRefused("grant-claims", with(claims -> call(claims).put("preconditions", "Rows")));
    assertRefused("grant-claims", with(claims -> call(claims).putArray("preconditions").add("x")));
    assertRefused(
        "grant-claims",
        with(claims -> {
          var twice = call(claims).putArray("preconditions");
          for (int i = 0; i < 2; i++) {
            twice.addObject().put("label", "Rows").put("fingerprint", rows.toString());
          }
        }));
  }

  @Test
  void whatIsNotThisCallIsRefused() {
    String good = sign(header(), claims(), SERVICE);
    for (String member : List.of("service", "version", "note")) {
      ObjectNode other = parameters.deepCopy().put(member, "x");
      assertEquals(
          "grant-digest",
          assertThrows(InvalidGrant.class, () -> verify(good, other, now)).reason());
    }
    assertRefused("grant-issuer", with(claims -> claims.put("iss", "urn:somebody")));
    assertRefused("grant-audience", with(claims -> claims.put("aud", "payments")));
    assertRefused(
        "grant-details", with(claims -> call(claims).putArray("actions").add("releases/drop")));
    assertRefused("grant-details", with(claims -> call(claims).put("identifier", "other")));
    assertRefused("grant-digest", with(claims -> call(claims).remove("agent")));
    assertRefused(
        "grant-digest",
        with(claims -> ((ObjectNode) call(claims).path("agent")).put("onBehalfOf", "somebody")));
    assertRefused("grant-claims", with(claims -> claims.remove("exp")));
  }

  /// In UTF-8 each would be written as what was approved (RFC 8785 §3.2.2).
  @Test
  void whatHasNoDigestIsNotThisCall() {
    parameters.put("note", "now?").put("limit", "Infinity");
    String good = sign(header(), claims(), SERVICE);
    for (ObjectNode other :
        List.of(
            parameters.deepCopy().put("note", "now\ud800"),
            parameters.deepCopy().put("limit", Double.POSITIVE_INFINITY),
            parameters.deepCopy().put("limit", BigInteger.TEN.pow(400)))) {
      assertEquals(
          "grant-digest",
          assertThrows(InvalidGrant.class, () -> verify(good, other, now)).reason());
    }
  }

  @Test
  void whatTheTicketServiceDidNotSignAsAGrantIsRefused() throws Exception {
    assertRefused("grant-signature", sign(header(), claims(), ed25519()));
    assertRefused("grant-type", sign(header().put("typ", "JWT"), claims(), SERVICE));
    assertRefused("grant-key", sign(header().put("kid", "login"), claims(), SERVICE));
    assertRefused("grant-key", sign(header().put("kid", "over"), claims(), SERVICE));
    assertRefused("grant-algorithm", hs256(claims()));
    assertRefused("grant-malformed", "no.token");
  }

  /// The bytes are one thing, their spelling another: base64 has stray bits and padding.
  @Test
  void aGrantThatWasTouchedAtAllIsRefused() throws Exception {
    String good = sign(header(), claims(), SERVICE);
    for (int at = 0; at < good.length(); at++) {
      for (char to : new char[] {'A', 'B', 'Q', 'g', 'w', '_', '.', '=', '+', ' '}) {
        String changed = good.substring(0, at) + to + good.substring(at + 1);
        if (good.charAt(at) != to) {
          assertThrows(InvalidGrant.class, () -> verify(changed, parameters, now), () -> changed);
        }
      }
    }
    for (String each : List.of(good + "=", " " + good, good + "\n", good.replace(".", "=."))) {
      assertRefused("grant-malformed", each);
    }
  }

  @Test
  void aGrantHoldsForItsTimeAndFiveSecondsOfClocksApart() throws Exception {
    String good = sign(header(), claims(), SERVICE);
    Instant from = Instant.ofEpochSecond(now.getEpochSecond());
    Duration life = Duration.ofMinutes(2);

    verify(good, parameters, from.minusSeconds(5));
    verify(good, parameters, from.plus(life).plusMillis(4_999));
    assertEquals(
        "grant-early",
        assertThrows(InvalidGrant.class, () -> verify(good, parameters, from.minusMillis(5_001)))
            .reason());
    assertEquals(
        "grant-expired",
        assertThrows(
                InvalidGrant.class, () -> verify(good, parameters, from.plus(life).plusSeconds(5)))
            .reason());
  }

  @Test
  void aStockJoseLibraryAcceptsItAndRefusesTheSame() throws Exception {
    Programs.need("node", "npm");
    Files.write(folder.resolve("jwks.json"), jwks());
    Files.write(folder.resolve("parameters.json"), EventJson.write(parameters));
    Files.write(
        folder.resolve("other.json"), EventJson.write(parameters.deepCopy().put("version", "4.3")));
    assertEquals(0, Programs.run(STOCK, "npm", "ci", "--no-audit", "--no-fund"));
    String good = sign(header(), claims(), SERVICE);

    assertEquals(0, stock(good, "parameters.json"));

    assertEquals(1, stock(good, "other.json"));
    assertEquals(1, stock(with(claims -> claims.put("aud", "payments")), "parameters.json"));
    assertEquals(1, stock(with(claims -> claims.put("iss", "urn:x")), "parameters.json"));
    assertEquals(
        1,
        stock(
            with(claims -> claims.put("exp", now.minusSeconds(6).getEpochSecond())),
            "parameters.json"));
    assertEquals(1, stock(sign(header().put("typ", "JWT"), claims(), SERVICE), "parameters.json"));
    assertEquals(
        1, stock(sign(header().put("kid", "login"), claims(), SERVICE), "parameters.json"));
    assertEquals(1, stock(sign(header(), claims(), ed25519()), "parameters.json"));
    assertEquals(1, stock(hs256(claims()), "parameters.json"));
  }

  private int stock(String token, String with) throws Exception {
    return Programs.run(
        STOCK,
        "node",
        "grant.mjs",
        token,
        folder.resolve("jwks.json").toString(),
        DEPLOY.toString(),
        folder.resolve(with).toString());
  }
}
