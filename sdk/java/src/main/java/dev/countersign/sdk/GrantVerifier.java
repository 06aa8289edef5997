package dev.countersign.sdk;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Whether a grant permits exactly the call at hand, now: offline, with the public keys alone (RFC
/// 7515, RFC 8037, RFC 9396). Type and algorithm are ours to say, not the token's.
final class GrantVerifier {

  static final String ISSUER = "urn:countersign:ticket-service";
  private static final String TYPE = "countersign-grant+jwt";
  private static final String TOOL_CALL = "urn:countersign:tool-call:v1";

  /// How far the clocks of signer and verifier may be apart.
  private static final Duration LEEWAY = Duration.ofSeconds(5);

  // As long as the ticket service can make one.
  private static final int LONGEST = 512 * 1024;
  private static final long LAST = Instant.parse("9999-12-31T23:59:59Z").getEpochSecond();
  private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");

  /// The ticket service's keys that sign grants, as far as they are in force.
  interface Keys {
    @Nullable PublicKey find(String kid) throws NotPermitted, InterruptedException;
  }

  private final Keys keys;
  private final String issuer;

  GrantVerifier(Keys keys, String issuer) {
    this.keys = keys;
    this.issuer = issuer;
  }

  Grant verify(String token, String tool, JsonNode parameters, Instant now)
      throws NotPermitted, InterruptedException {
    JsonNode claims = read(token);
    Grant grant = permitted(claims, tool, parameters);
    NotPermitted.unless(
        !now.isBefore(time(claims, "nbf").minus(LEEWAY)),
        "grant-early",
        "it does not hold yet: look at the clocks");
    NotPermitted.unless(
        now.isBefore(grant.expiresAt().plus(LEEWAY)),
        "grant-expired",
        "its time is over; propose it anew");
    return grant;
  }

  private JsonNode read(String token) throws NotPermitted, InterruptedException {
    String[] parts = token.split("\\.", -1);
    NotPermitted.unless(
        parts.length == 3 && token.length() <= LONGEST, "grant-malformed", MALFORMED);
    JsonNode header = Canonical.read(base64(parts[0]));
    byte[] payload = base64(parts[1]);
    byte[] signature = base64(parts[2]);
    if (header == null || !header.isObject()) {
      throw new NotPermitted("grant-malformed", MALFORMED);
    }
    NotPermitted.unless(
        TYPE.equals(header.path("typ").textValue()),
        "grant-type",
        "the token's typ is not " + TYPE);
    NotPermitted.unless(
        "EdDSA".equals(header.path("alg").textValue()),
        "grant-algorithm",
        "the token's alg is not EdDSA");
    NotPermitted.unless(
        !header.has("crit") && !header.has("b64"),
        "grant-header",
        "the token's header asks for what grants don't have");
    String kid = header.path("kid").textValue();
    PublicKey key = kid == null ? null : keys.find(kid);
    if (key == null) {
      throw new NotPermitted("grant-key", "the ticket service has no key of that kid");
    }
    byte[] signed = (parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII);
    NotPermitted.unless(
        verifies(key, signed, signature), "grant-signature", "the token's signature is not good");
    JsonNode claims = Canonical.read(payload);
    if (claims == null || !claims.isObject()) {
      throw new NotPermitted("grant-claims", CLAIMS);
    }
    return claims;
  }

  private static final String MALFORMED = "the token is no signed JWT in compact form";
  private static final String CLAIMS = "the grant's claims are not those of a grant";

  private Grant permitted(JsonNode claims, String tool, JsonNode parameters) throws NotPermitted {
    JsonNode details = claims.path("authorization_details");
    NotPermitted.unless(
        details.isArray() && details.size() == 1 && details.path(0).isObject(),
        "grant-details",
        "a grant has exactly one authorization detail");
    JsonNode call = details.path(0);
    JsonNode aud = claims.path("aud");
    JsonNode audience = aud.isArray() && aud.size() == 1 ? aud.path(0) : aud;
    JsonNode agent = call.path("agent");
    String digest = text(call, "action_digest");
    String actionId = text(claims, "jti");
    String subject = text(claims, "sub");
    Instant expiresAt = time(claims, "exp");
    NotPermitted.unless(
        audience.isTextual()
            && DIGEST.matcher(digest).matches()
            && call.path("actions").isArray()
            && (agent.isMissingNode() || agent.isObject()),
        "grant-claims",
        CLAIMS);
    NotPermitted.unless(
        text(claims, "iss").equals(issuer), "grant-issuer", "the grant's iss is not " + issuer);
    NotPermitted.unless(
        text(call, "type").equals(TOOL_CALL) && text(call, "identifier").equals(actionId),
        "grant-details",
        "the grant's authorization_details are not of this call");
    String toolset = tool.substring(0, tool.indexOf('/'));
    ObjectNode action = JsonNodeFactory.instance.objectNode().put("actionId", actionId);
    ObjectNode who = action.putObject("agent").put("id", subject);
    for (String each : List.of("platform", "onBehalfOf")) {
      if (agent.hasNonNull(each)) {
        who.set(each, agent.get(each));
      }
    }
    action.set("parameters", parameters);
    action
        .putObject("tool")
        .put("toolset", toolset)
        .put("name", tool.substring(toolset.length() + 1));
    NotPermitted.unless(
        Canonical.digest(action).equals(digest),
        "grant-digest",
        "the grant was given for another action: parameters, tool or agent differ");
    NotPermitted.unless(
        audience.textValue().equals(toolset),
        "grant-audience",
        "the grant's aud is not the action's toolset");
    NotPermitted.unless(
        agent.isMissingNode() || subject.equals(agent.path("id").textValue()),
        "grant-subject",
        "the grant's sub is not the action's agent");
    NotPermitted.unless(
        call.path("actions").size() == 1 && tool.equals(call.path("actions").path(0).textValue()),
        "grant-details",
        "the grant's actions are not the action's tool");
    List<Grant.Approval> approvals = new ArrayList<>();
    for (JsonNode each : claims.path("approvals")) {
      approvals.add(
          new Grant.Approval(text(each, "approver"), text(each, "assurance"), text(each, "at")));
    }
    return new Grant(actionId, tool, subject, digest, expiresAt, approvals);
  }

  private static boolean verifies(PublicKey key, byte[] message, byte[] signature) {
    try {
      Signature ed25519 = Signature.getInstance("Ed25519");
      ed25519.initVerify(key);
      ed25519.update(message);
      return ed25519.verify(signature);
    } catch (GeneralSecurityException e) {
      // A signature that is none is as bad as a wrong one.
      return false;
    }
  }

  private static byte[] base64(String text) throws NotPermitted {
    try {
      byte[] raw = Base64.getUrlDecoder().decode(text);
      // Decoders forgive stray bits; a token that was touched at all is not what was signed.
      if (Base64.getUrlEncoder().withoutPadding().encodeToString(raw).equals(text)) {
        return raw;
      }
    } catch (IllegalArgumentException e) {
      throw new NotPermitted("grant-malformed", MALFORMED);
    }
    throw new NotPermitted("grant-malformed", MALFORMED);
  }

  private static String text(JsonNode claims, String name) throws NotPermitted {
    String text = claims.path(name).textValue();
    if (text == null) {
      throw new NotPermitted("grant-claims", CLAIMS);
    }
    return text;
  }

  private static Instant time(JsonNode claims, String name) throws NotPermitted {
    JsonNode time = claims.path(name);
    NotPermitted.unless(
        time.isIntegralNumber() && time.canConvertToLong() && Math.abs(time.longValue()) <= LAST,
        "grant-claims",
        CLAIMS);
    return Instant.ofEpochSecond(time.longValue());
  }
}
