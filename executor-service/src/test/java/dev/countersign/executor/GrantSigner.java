package dev.countersign.executor;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.util.Base64URL;
import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.signers.Ed25519Signer;

/// Signs what the ticket service would sign, and what it never would. The key is fixed, so that
/// whoever serves its public half need not be told.
public final class GrantSigner {

  public static final String ISSUER = "urn:countersign:ticket-service";
  public static final String KID = "test-grant-key";

  /// The same key under another name, by which it was rotated out.
  public static final String OUTLIVED_KID = "outlived-grant-key";

  public static final Instant OUTLIVED_SINCE = Instant.parse("2025-10-01T12:00:00Z");

  private final Ed25519PrivateKeyParameters key;

  private GrantSigner(byte fill) {
    byte[] seed = new byte[32];
    java.util.Arrays.fill(seed, fill);
    this.key = new Ed25519PrivateKeyParameters(seed, 0);
  }

  public static GrantSigner ticketService() {
    return new GrantSigner((byte) 7);
  }

  public static GrantSigner attacker() {
    return new GrantSigner((byte) 66);
  }

  /// The key set that the ticket service publishes.
  public String jwks() {
    return """
    {"keys": [
      %s,
      {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": "%s", "role": "grant", "x": "%s"},
      {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": "%s", "role": "grant", "x": "%s",
       "validFor": {"from": "2025-09-01T12:00:00Z", "until": "%s"}},
      {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": "login", "role": "login", "x": "%s"}
    ]}
    """
        .formatted(
            VoteSigner.jwk(),
            KID,
            publicKey(),
            OUTLIVED_KID,
            publicKey(),
            OUTLIVED_SINCE,
            publicKey());
  }

  public String publicKey() {
    return Base64URL.encode(key.generatePublicKey().getEncoded()).toString();
  }

  public static ObjectNode header() {
    ObjectNode header = JsonNodeFactory.instance.objectNode();
    return header.put("alg", "EdDSA").put("typ", "countersign-grant+jwt").put("kid", KID);
  }

  public static ObjectNode claims(ActionId actionId, Action action, Instant from, Instant to) {
    ObjectNode claims = JsonNodeFactory.instance.objectNode();
    claims.put("iss", ISSUER);
    claims.put("aud", action.tool().toolset());
    claims.put("sub", action.agent().id());
    claims.put("jti", actionId.toString());
    claims.put("iat", from.getEpochSecond());
    claims.put("nbf", from.getEpochSecond());
    claims.put("exp", to.getEpochSecond());
    ObjectNode call = claims.putArray("authorization_details").addObject();
    call.put("type", "urn:countersign:tool-call:v1");
    call.putArray("actions").add(action.tool().toString());
    call.put("identifier", actionId.toString());
    call.put("action_digest", action.digest(actionId).toString());
    ObjectNode agent = call.putObject("agent").put("id", action.agent().id());
    if (action.agent().platform() != null) {
      agent.put("platform", action.agent().platform());
    }
    if (action.agent().onBehalfOf() != null) {
      agent.put("onBehalfOf", action.agent().onBehalfOf());
    }
    claims.putArray("approvals");
    return claims;
  }

  /// A grant as it should be, good for two minutes.
  public String grant(ActionId actionId, Action action) {
    Instant now = Instant.now();
    return sign(header(), claims(actionId, action, now, now.plusSeconds(120)));
  }

  public String sign(ObjectNode header, ObjectNode claims) {
    String input = unsigned(header, claims);
    byte[] bytes = input.getBytes(StandardCharsets.US_ASCII);
    Ed25519Signer signer = new Ed25519Signer();
    signer.init(true, key);
    signer.update(bytes, 0, bytes.length);
    return input + "." + Base64URL.encode(signer.generateSignature());
  }

  static String unsigned(ObjectNode header, ObjectNode claims) {
    return Base64URL.encode(header.toString()) + "." + Base64URL.encode(claims.toString());
  }
}
