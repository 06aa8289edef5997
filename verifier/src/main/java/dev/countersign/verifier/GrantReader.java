package dev.countersign.verifier;

import com.fasterxml.jackson.databind.JsonNode;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.util.Base64URL;
import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.Assurance;
import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import java.text.ParseException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Reads grants: JWS (RFC 7515) with EdDSA over Ed25519 (RFC 8037), and nothing else. Type and
/// algorithm are ours to say, not the token's. It vouches for the signature; whether the grant
/// permits what is at hand, now, is for {@link GrantVerifier}.
public final class GrantReader {

  /// The ticket service's keys that sign grants, as far as they are in force.
  @FunctionalInterface
  public interface Keys {
    /// The key of this id; empty where there is none that signs grants and is in force.
    Optional<Key> find(String kid);
  }

  /// An Ed25519 public key (RFC 8032 §5.1).
  @FunctionalInterface
  public interface Key {
    boolean verifies(byte[] message, byte[] signature);
  }

  /// The `typ` of a grant's header.
  public static final String TYPE = "countersign-grant+jwt";

  /// A grant's greatest length in characters, as the ticket service can make one: a proposal has 64
  /// KiB, of its agent the id stands there twice, and U+2028, three bytes of UTF-8, in six
  /// characters; all in base64.
  public static final int LONGEST = 512 * 1024;

  private static final Base64.Decoder DECODER = Base64.getUrlDecoder();
  private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

  private final Keys keys;

  public GrantReader(Keys keys) {
    this.keys = keys;
  }

  /// What the token says, if the ticket service signed it as a grant.
  public Grant read(String token) throws InvalidGrant {
    JWSObject jws = parse(token);
    JWSHeader header = jws.getHeader();
    JOSEObjectType type = header.getType();
    // JOSEObjectType compares without case; the type is exact.
    InvalidGrant.unless(
        type != null && type.getType().equals(TYPE),
        "grant-type",
        "the token's typ is not " + TYPE);
    InvalidGrant.unless(
        JWSAlgorithm.EdDSA.equals(header.getAlgorithm()),
        "grant-algorithm",
        "the token's alg is not EdDSA");
    InvalidGrant.unless(
        header.getCriticalParams() == null && header.isBase64URLEncodePayload(),
        "grant-header",
        "the token's header asks for what grants don't have");
    Key key =
        keys.find(named(jws))
            .orElseThrow(() ->
                new InvalidGrant(InvalidGrant.KEY, "the ticket service has no key of that kid"));
    InvalidGrant.unless(
        key.verifies(jws.getSigningInput(), bytes(jws.getSignature())),
        "grant-signature",
        "the token's signature is not good");
    return claims(bytes(jws.getParsedParts()[1]));
  }

  /// The key that a token says it is signed by; nothing vouches for that.
  public static String kid(String token) throws InvalidGrant {
    return named(parse(token));
  }

  private static String named(JWSObject jws) throws InvalidGrant {
    String kid = jws.getHeader().getKeyID();
    if (kid == null) {
      throw new InvalidGrant(InvalidGrant.KEY, "the token names no key");
    }
    return kid;
  }

  private static JWSObject parse(String token) throws InvalidGrant {
    InvalidGrant.unless(token.length() <= LONGEST, "grant-malformed", "the token is too long");
    JWSObject jws;
    try {
      jws = JWSObject.parse(token);
    } catch (ParseException e) {
      throw new InvalidGrant("grant-malformed", "the token is no signed JWT in compact form");
    }
    // Parsers forgive blanks and stray bits; a token that was touched at all is not what was
    // signed.
    InvalidGrant.unless(
        Stream.of(token.split("\\.", -1)).allMatch(GrantReader::isPlain),
        "grant-malformed",
        "the token is not in plain base64url");
    return jws;
  }

  // The library's own decoder takes its time.
  private static byte[] bytes(Base64URL plain) {
    return DECODER.decode(plain.toString());
  }

  private static boolean isPlain(String part) {
    try {
      return ENCODER.encodeToString(DECODER.decode(part)).equals(part);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static Grant claims(byte[] payload) throws InvalidGrant {
    try {
      JsonNode claims = EventJson.readTree(payload);
      JsonNode details = claims.path("authorization_details");
      InvalidGrant.unless(
          details.isArray() && details.size() == 1,
          "grant-details",
          "a grant has exactly one authorization detail");
      JsonNode call = details.get(0);
      List<String> actions = new ArrayList<>();
      for (JsonNode action : call.path("actions")) {
        actions.add(text(action, "actions"));
      }
      JsonNode audience = claims.path("aud");
      String subject = text(claims.path("sub"), "sub");
      return new Grant(
          text(claims.path("iss"), "iss"),
          text(audience.isArray() && audience.size() == 1 ? audience.get(0) : audience, "aud"),
          subject,
          ActionId.of(text(claims.path("jti"), "jti")),
          time(claims.path("nbf"), "nbf"),
          time(claims.path("exp"), "exp"),
          text(call.path("type"), "type"),
          actions,
          text(call.path("identifier"), "identifier"),
          new Digest(text(call.path("action_digest"), "action_digest")),
          agent(call.path("agent"), subject),
          approvals(claims.path("approvals")),
          preconditions(call.path("preconditions")),
          digest(call.path("tool_digest"), "tool_digest"));
    } catch (IllegalArgumentException | DateTimeException e) {
      throw new InvalidGrant("grant-claims", "the grant's claims are not those of a grant");
    }
  }

  private static Agent agent(JsonNode agent, String subject) throws InvalidGrant {
    return new Agent(
        subject,
        optional(agent.path("platform"), "platform"),
        null,
        optional(agent.path("onBehalfOf"), "onBehalfOf"));
  }

  private static List<Grant.Approval> approvals(JsonNode approvals) throws InvalidGrant {
    List<Grant.Approval> read = new ArrayList<>();
    for (JsonNode each : approvals) {
      read.add(
          new Grant.Approval(
              text(each.path("approver"), "approver"),
              EventJson.read(each.path("assurance"), Assurance.class),
              Instant.parse(text(each.path("at"), "at"))));
    }
    return read;
  }

  private static List<Grant.Promise> preconditions(JsonNode preconditions) throws InvalidGrant {
    InvalidGrant.unless(
        preconditions.isMissingNode() || preconditions.isArray(),
        "grant-claims",
        "the grant's preconditions are no list");
    List<Grant.Promise> read = new ArrayList<>();
    Set<String> labels = new HashSet<>();
    for (JsonNode each : preconditions) {
      String label = text(each.path("label"), "preconditions");
      InvalidGrant.unless(
          labels.add(label), "grant-claims", "a precondition stands in the grant twice");
      read.add(
          new Grant.Promise(label, new Digest(text(each.path("fingerprint"), "preconditions"))));
    }
    return read;
  }

  private static @Nullable Digest digest(JsonNode claim, String name) throws InvalidGrant {
    String text = optional(claim, name);
    return text == null ? null : new Digest(text);
  }

  private static @Nullable String optional(JsonNode claim, String name) throws InvalidGrant {
    return claim.isMissingNode() || claim.isNull() ? null : text(claim, name);
  }

  private static String text(JsonNode claim, String name) throws InvalidGrant {
    if (!claim.isTextual()) {
      throw new InvalidGrant("grant-claims", "the grant's " + name + " is missing or no text");
    }
    return claim.textValue();
  }

  private static Instant time(JsonNode claim, String name) throws InvalidGrant {
    if (!claim.isIntegralNumber() || !claim.canConvertToLong()) {
      throw new InvalidGrant("grant-claims", "the grant's " + name + " is missing or no time");
    }
    return Instant.ofEpochSecond(claim.longValue());
  }
}
