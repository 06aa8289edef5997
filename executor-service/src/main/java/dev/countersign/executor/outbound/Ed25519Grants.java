package dev.countersign.executor.outbound;

import com.fasterxml.jackson.databind.JsonNode;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.util.Base64URL;
import dev.countersign.events.ActionId;
import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import dev.countersign.executor.application.Grants;
import dev.countersign.executor.application.InvalidGrant;
import dev.countersign.executor.domain.Grant;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.text.ParseException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bouncycastle.crypto.params.Ed25519PublicKeyParameters;
import org.bouncycastle.crypto.signers.Ed25519Signer;

/// Verifies grants as JWS (RFC 7515) with EdDSA over Ed25519 (RFC 8037), and nothing else: type and
/// algorithm are ours to say, not the token's. Bouncy Castle's Ed25519 is nine times as fast as the
/// JDK's.
@ApplicationScoped
class Ed25519Grants implements Grants {

  private static final String TYPE = "countersign-grant+jwt";
  private static final int LONGEST = 64 * 1024;

  private final GrantKeys keys;

  @Inject
  Ed25519Grants(GrantKeys keys) {
    this.keys = keys;
  }

  @Override
  public Grant authentic(String token) throws InvalidGrant {
    JWSObject jws = parse(token);
    JWSHeader header = jws.getHeader();
    JOSEObjectType type = header.getType();
    // JOSEObjectType compares without case; the type is exact.
    if (type == null || !type.getType().equals(TYPE)) {
      throw new InvalidGrant("grant-type", "the token's typ is not " + TYPE);
    }
    if (!JWSAlgorithm.EdDSA.equals(header.getAlgorithm())) {
      throw new InvalidGrant("grant-algorithm", "the token's alg is not EdDSA");
    }
    if (header.getCriticalParams() != null || !header.isBase64URLEncodePayload()) {
      throw new InvalidGrant("grant-header", "the token's header asks for what grants don't have");
    }
    String kid = header.getKeyID();
    if (kid == null) {
      throw new InvalidGrant("grant-key", "the token names no key");
    }
    Ed25519PublicKeyParameters key =
        keys.find(kid)
            .orElseThrow(
                () -> new InvalidGrant("grant-key", "the ticket service has no key of that kid"));
    if (!verifies(jws, key)) {
      throw new InvalidGrant("grant-signature", "the token's signature is not good");
    }
    return claims(jws.getPayload().toBytes());
  }

  private static JWSObject parse(String token) throws InvalidGrant {
    if (token.length() > LONGEST) {
      throw new InvalidGrant("grant-malformed", "the token is too long");
    }
    JWSObject jws;
    try {
      jws = JWSObject.parse(token);
    } catch (ParseException e) {
      throw new InvalidGrant("grant-malformed", "the token is no signed JWT in compact form");
    }
    // Parsers forgive blanks and stray bits; a token that was touched at all is not what was
    // signed.
    String plain =
        Stream.of(jws.getParsedParts())
            .map(part -> Base64URL.encode(part.decode()).toString())
            .collect(Collectors.joining("."));
    if (!plain.equals(token)) {
      throw new InvalidGrant("grant-malformed", "the token is not in plain base64url");
    }
    return jws;
  }

  private static boolean verifies(JWSObject jws, Ed25519PublicKeyParameters key) {
    byte[] input = jws.getSigningInput();
    Ed25519Signer signer = new Ed25519Signer();
    signer.init(false, key);
    signer.update(input, 0, input.length);
    return signer.verifySignature(jws.getSignature().decode());
  }

  private static Grant claims(byte[] payload) throws InvalidGrant {
    try {
      JsonNode claims = EventJson.readTree(payload);
      JsonNode details = claims.path("authorization_details");
      if (!details.isArray() || details.size() != 1) {
        throw new InvalidGrant("grant-details", "a grant has exactly one authorization detail");
      }
      JsonNode call = details.get(0);
      List<String> actions = new ArrayList<>();
      for (JsonNode action : call.path("actions")) {
        actions.add(text(action, "actions"));
      }
      JsonNode audience = claims.path("aud");
      return new Grant(
          text(claims.path("iss"), "iss"),
          text(audience.isArray() && audience.size() == 1 ? audience.get(0) : audience, "aud"),
          text(claims.path("sub"), "sub"),
          ActionId.of(text(claims.path("jti"), "jti")),
          time(claims.path("nbf"), "nbf"),
          time(claims.path("exp"), "exp"),
          text(call.path("type"), "type"),
          actions,
          text(call.path("identifier"), "identifier"),
          new Digest(text(call.path("action_digest"), "action_digest")));
    } catch (IllegalArgumentException | DateTimeException e) {
      throw new InvalidGrant("grant-claims", "the grant's claims are not those of a grant");
    }
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
