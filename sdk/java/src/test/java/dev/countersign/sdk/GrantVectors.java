package dev.countersign.sdk;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.EventJson;
import dev.countersign.events.Tool;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.function.Consumer;

/// The grants that all SDKs are tried on: good ones, and everything that can be wrong with one.
/// Ed25519 signs the same to the same, so the file is the same each time that it is made.
final class GrantVectors {

  private static final ActionId ID = ActionId.of("018f6f3e-9d5c-7c3e-8f4a-0d1f2a3b4c5d");
  private static final Tool DEPLOY = new Tool("releases", "deploy");
  private static final Instant NOW = Instant.parse("2026-11-26T12:00:00Z");
  private static final KeyPair SERVICE = keyPair(1);
  private static final KeyPair STRANGER = keyPair(2);
  private static final BigInteger ORDER =
      BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));

  private final ArrayNode cases = JsonNodeFactory.instance.arrayNode();
  private final ObjectNode parameters =
      json(
          """
          {"service": "checkout", "version": "4.2.0", "note": "Z\\u00fcrich \\u2192 \\u202e\\ud83d\\ude80 1e3",
           "share": 0.25, "replicas": 3, "flags": {"\\ufb33": true, "\\ud83d\\ude00": null, "a": []}}
          """);

  static ObjectNode make() {
    return new GrantVectors().all();
  }

  private ObjectNode all() {
    String good = sign(header(), claims(), SERVICE);
    add("a good one", good, "permitted");
    add("the same parameters in another spelling", good, "permitted")
        .set(
            "parameters",
            json(
                """
                {"replicas": 3.0, "share": 25e-2, "version": "4.2.0", "service": "\\u0063heckout",
                 "note": "Zürich → \\u202e🚀 1e3", "flags": {"a": [], "😀": null, "\\ufb33": true}}
                """));
    for (String change : new String[] {"service", "version", "note", "replicas"}) {
      add("another " + change, good, "grant-digest")
          .set("parameters", parameters.deepCopy().put(change, "x"));
    }
    ObjectNode more = parameters.deepCopy().put("more", true);
    add("one parameter more", good, "grant-digest").set("parameters", more);
    add("for another tool of the toolset", good, "grant-digest").put("tool", "releases/drop");
    add("for another toolset's tool", good, "grant-digest").put("tool", "payments/deploy");
    times(good);
    claimsThatAreWrong();
    headersThatAreWrong(good);
    return JsonNodeFactory.instance
        .objectNode()
        .put("says", "Made by GrantVectors.java with keys that are no secret.")
        .put("now", NOW.toString())
        .put("tool", DEPLOY.toString())
        .<ObjectNode>set("parameters", parameters)
        .<ObjectNode>set("jwks", jwks())
        .set("cases", cases);
  }

  private void times(String good) {
    add("five seconds before its time", good, "permitted").put("at", at(-5));
    add("six seconds before its time", good, "grant-early").put("at", at(-6));
    add("four seconds after its time", good, "permitted").put("at", at(124));
    add("five seconds after its time", good, "grant-expired").put("at", at(125));
  }

  private void claimsThatAreWrong() {
    add("another issuer's", with(it -> it.put("iss", "urn:somebody")), "grant-issuer");
    add("another toolset's", with(it -> it.put("aud", "payments")), "grant-audience");
    add("for two tools", with(it -> call(it).withArray("actions").add("x/y")), "grant-details");
    add("of another action's id", with(it -> call(it).put("identifier", "x")), "grant-details");
    add("of another type", with(it -> call(it).put("type", "urn:x")), "grant-details");
    add("without its agent", with(it -> call(it).remove("agent")), "grant-digest");
    add(
        "on behalf of somebody else",
        with(it -> ((ObjectNode) call(it).path("agent")).put("onBehalfOf", "x")),
        "grant-digest");
    add("of another subject", with(it -> it.put("sub", "x")), "grant-digest");
    add("without an end", with(it -> it.remove("exp")), "grant-claims");
    add("without a beginning", with(it -> it.remove("nbf")), "grant-claims");
    add("with an end that is text", with(it -> it.put("exp", "soon")), "grant-claims");
    add("without an id", with(it -> it.remove("jti")), "grant-claims");
    add(
        "with half a digest",
        with(it -> call(it).put("action_digest", "sha256:x")),
        "grant-claims");
    add(
        "with two calls",
        with(it -> it.withArray("authorization_details").addObject()),
        "grant-details");
  }

  private void headersThatAreWrong(String good) {
    add("signed by a stranger", sign(header(), claims(), STRANGER), "grant-signature");
    add("another type", sign(header().put("typ", "JWT"), claims(), SERVICE), "grant-type");
    add(
        "a key of another role",
        sign(header().put("kid", "login"), claims(), SERVICE),
        "grant-key");
    add(
        "a key whose time is over",
        sign(header().put("kid", "over"), claims(), SERVICE),
        "grant-key");
    add("an unknown key", sign(header().put("kid", "x"), claims(), SERVICE), "grant-key");
    add(
        "another algorithm",
        sign(header().put("alg", "HS256"), claims(), SERVICE),
        "grant-algorithm");
    add("no algorithm", sign(header().put("alg", "none"), claims(), SERVICE), "grant-algorithm");
    ObjectNode critical = header();
    critical.putArray("crit").add("exp");
    add("with what must be understood", sign(critical, claims(), SERVICE), "grant-header");
    add("no token", "no.token", "grant-malformed");
    add("with padding", good + "==", "grant-malformed");
    add("with a blank", good + " ", "grant-malformed");
    add("with a fourth part", good + ".x", "grant-malformed");
    int last = good.lastIndexOf('.');
    byte[] signature = Base64.getUrlDecoder().decode(good.substring(last + 1));
    add(
        "with a larger scalar",
        good.substring(0, last + 1) + base64(larger(signature)),
        "grant-signature");
    signature[3] ^= 1;
    add("with a bit flipped", good.substring(0, last + 1) + base64(signature), "grant-signature");
    add(
        "half signed",
        good.substring(0, last + 1) + base64(Arrays.copyOf(signature, 32)),
        "grant-signature");
    add("not signed", good.substring(0, last + 1), "grant-signature");
  }

  /// The same signature to whoever reduces the scalar (RFC 8032 §8.4).
  private static byte[] larger(byte[] signature) {
    byte[] reversed = new byte[32];
    for (int i = 0; i < 32; i++) {
      reversed[i] = signature[63 - i];
    }
    byte[] scalar = new BigInteger(1, reversed).add(ORDER).toByteArray();
    byte[] made = signature.clone();
    Arrays.fill(made, 32, 64, (byte) 0);
    for (int i = 0; i < Math.min(32, scalar.length); i++) {
      made[32 + i] = scalar[scalar.length - 1 - i];
    }
    return made;
  }

  private ObjectNode add(String says, String grant, String expected) {
    return cases.addObject().put("says", says).put("grant", grant).put("expected", expected);
  }

  private static String at(long seconds) {
    return NOW.plusSeconds(seconds).toString();
  }

  private String with(Consumer<ObjectNode> change) {
    ObjectNode claims = claims();
    change.accept(claims);
    return sign(header(), claims, SERVICE);
  }

  private static ObjectNode header() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("alg", "EdDSA")
        .put("typ", "countersign-grant+jwt")
        .put("kid", "grant-key");
  }

  private ObjectNode claims() {
    Agent agent = new Agent("release-bot", "acme-agents", "run-7", "ops@acme.example");
    ObjectNode claims =
        JsonNodeFactory.instance
            .objectNode()
            .put("iss", "urn:countersign:ticket-service")
            .put("aud", "releases")
            .put("sub", "release-bot")
            .put("jti", ID.toString())
            .put("iat", NOW.getEpochSecond())
            .put("nbf", NOW.getEpochSecond())
            .put("exp", NOW.plusSeconds(120).getEpochSecond());
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
        .put("at", NOW.toString());
    return claims;
  }

  private static ObjectNode call(ObjectNode claims) {
    return (ObjectNode) claims.path("authorization_details").path(0);
  }

  private static ObjectNode jwks() {
    ObjectNode set = JsonNodeFactory.instance.objectNode();
    ObjectNode over = jwk("over", "grant");
    over.putObject("validFor").put("until", NOW.minusSeconds(60).toString());
    ObjectNode inForce = jwk("grant-key", "grant");
    inForce.putObject("validFor").put("from", NOW.minusSeconds(60).toString());
    set.putArray("keys").add(inForce).add(over).add(jwk("login", "login"));
    return set;
  }

  private static ObjectNode jwk(String kid, String role) {
    byte[] spki = SERVICE.getPublic().getEncoded();
    return JsonNodeFactory.instance
        .objectNode()
        .put("kty", "OKP")
        .put("crv", "Ed25519")
        .put("kid", kid)
        .put("role", role)
        .put("x", base64(Arrays.copyOfRange(spki, spki.length - 32, spki.length)));
  }

  private static String sign(ObjectNode header, ObjectNode claims, KeyPair key) {
    String input = base64(EventJson.write(header)) + "." + base64(EventJson.write(claims));
    return input + "." + base64(sign(key, input.getBytes(StandardCharsets.US_ASCII)));
  }

  static byte[] sign(KeyPair key, byte[] message) {
    try {
      Signature signer = Signature.getInstance("Ed25519");
      signer.initSign(key.getPrivate());
      signer.update(message);
      return signer.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /// One that is no secret: its seed is this byte, 32 times.
  static KeyPair keyPair(int seed) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
      generator.initialize(255, new Seed((byte) seed));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static final class Seed extends SecureRandom {
    private static final long serialVersionUID = 1L;
    private final byte seed;

    Seed(byte seed) {
      this.seed = seed;
    }

    @Override
    public void nextBytes(byte[] bytes) {
      Arrays.fill(bytes, seed);
    }
  }

  static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static ObjectNode json(String text) {
    JsonNode read = EventJson.readTree(text.getBytes(StandardCharsets.UTF_8));
    return (ObjectNode) read;
  }
}
