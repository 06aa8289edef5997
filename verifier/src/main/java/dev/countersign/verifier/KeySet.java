package dev.countersign.verifier;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.DsseEnvelope;
import dev.countersign.events.EventJson;
import dev.countersign.events.Shown;
import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The ticket service's public keys (a JWK set, RFC 7517 §5). Whoever verifies has them from the
/// ticket service itself, never from the file that is verified.
public final class KeySet {

  /// A key that signs attestations.
  ///
  /// @param until absent where it has no end
  record AttestationKey(PublicKey key, Instant from, @Nullable Instant until) {

    boolean covers(Instant at) {
      return !at.isBefore(from) && (until == null || !at.isAfter(until));
    }

    /// Whether it signed this payload of this type (DSSE's PAE).
    boolean signed(String payloadType, byte[] body, byte[] signature) {
      return Signatures.verifies(
          Signatures.ES256, key, signature, DsseEnvelope.pae(payloadType, body));
    }
  }

  /// A key that signs grants.
  ///
  /// @param from absent where it has no beginning
  /// @param until absent where it has no end
  record GrantKey(Ed25519Key key, @Nullable Instant from, @Nullable Instant until) {

    /// Where it was in force: a grant is signed in the second in which it begins.
    boolean covers(Instant at) {
      return (from == null || !at.isBefore(from.truncatedTo(ChronoUnit.SECONDS))) && !isOver(at);
    }

    boolean isOver(Instant at) {
      return until != null && at.isAfter(until);
    }
  }

  // Absent stands for a key of another role.
  private final Map<String, Optional<AttestationKey>> keys;
  private final Map<String, GrantKey> grantKeys;
  private final Map<String, JsonNode> jwks;

  private KeySet(
      Map<String, Optional<AttestationKey>> keys,
      Map<String, GrantKey> grantKeys,
      Map<String, JsonNode> jwks) {
    this.keys = Map.copyOf(keys);
    this.grantKeys = Map.copyOf(grantKeys);
    this.jwks = Map.copyOf(jwks);
  }

  /// Throws `IllegalArgumentException` with a sentence where this is no key set.
  public static KeySet read(byte[] jwks) {
    JsonNode set = EventJson.readTree(jwks).path("keys");
    if (!set.isArray()) {
      throw new IllegalArgumentException("a key set has an array of keys");
    }
    Map<String, Optional<AttestationKey>> keys = new HashMap<>();
    Map<String, GrantKey> grantKeys = new HashMap<>();
    Map<String, JsonNode> jwksByKid = new HashMap<>();
    for (JsonNode jwk : set) {
      String kid = text(jwk, "kid");
      jwksByKid.put(kid, jwk);
      // Attestations are signed ES256: a key of another kind signs none, whatever its role says.
      boolean attests =
          jwk.path("role").asText().equals("attestation") && jwk.path("kty").asText().equals("EC");
      if (keys.put(kid, attests ? Optional.of(attestationKey(jwk)) : Optional.empty()) != null) {
        throw new IllegalArgumentException("the key set has two keys of one kid");
      }
      if (jwk.path("role").asText().equals("grant")
          && jwk.path("use").asText("sig").equals("sig")) {
        grantKeys.put(kid, grantKey(jwk));
      }
    }
    return new KeySet(keys, grantKeys, jwksByKid);
  }

  /// The keys that sign grants, as far as they are in force by this clock.
  public GrantReader.Keys grantKeys(InstantSource clock) {
    return kid -> findGrantKey(kid).filter(it -> !it.isOver(clock.instant())).map(GrantKey::key);
  }

  /// What a grant says whose key is over at this time, and was in force when the grant began. It
  /// was given, or whoever has that key since says so; it permits nothing any more.
  public Grant outlived(String token, Instant now) throws InvalidGrant {
    GrantKey key =
        findGrantKey(GrantReader.kid(token))
            .filter(it -> it.isOver(now))
            .orElseThrow(
                () -> new InvalidGrant(InvalidGrant.KEY, "no key of that kid was in force before"));
    Grant grant = new GrantReader(_ -> Optional.of(key.key())).read(token);
    InvalidGrant.unless(
        key.covers(grant.notBefore()),
        InvalidGrant.KEY,
        "its key was not in force when the grant began");
    return grant;
  }

  /// Whether a key that signs grants is in it, whatever its time.
  public boolean signsGrants() {
    return !grantKeys.isEmpty();
  }

  /// The key of this id that signs grants, whatever its time.
  Optional<GrantKey> findGrantKey(String kid) {
    return Optional.ofNullable(grantKeys.get(kid));
  }

  /// The ids of all.
  Set<String> kids() {
    return jwks.keySet();
  }

  /// The key of this id as a SubjectPublicKeyInfo (RFC 5280 §4.1.2.7), where it signs attestations:
  /// what an attestation's leaf in the log holds ([HashedRekord]).
  public Optional<byte[]> findAttestationKey(String kid) {
    return attestationKey(kid).map(it -> it.key().getEncoded());
  }

  /// The key that made this signature of the envelope's, as above: empty where it is none of the
  /// set's that sign attestations, or its signature is not good. A key whose time is over counts;
  /// what the envelope says is not read.
  public Optional<byte[]> findSigner(DsseEnvelope attestation, DsseEnvelope.Signature signature) {
    return Optional.ofNullable(signature.keyid())
        .flatMap(this::attestationKey)
        .filter(it -> signed(it, attestation, signature))
        .map(it -> it.key().getEncoded());
  }

  private static boolean signed(
      AttestationKey key, DsseEnvelope attestation, DsseEnvelope.Signature signature) {
    try {
      return key.signed(attestation.payloadType(), attestation.body(), signature.bytes());
    } catch (IllegalArgumentException e) {
      // No base64: as bad as a wrong one.
      return false;
    }
  }

  private Optional<AttestationKey> attestationKey(String kid) {
    return Optional.ofNullable(keys.get(kid)).flatMap(Function.identity());
  }

  /// Whether a key of this id is in it, whatever its role.
  public boolean knows(String kid) {
    return keys.containsKey(kid);
  }

  /// The key of this id as the set has it.
  Optional<JsonNode> findJwk(String kid) {
    return Optional.ofNullable(jwks.get(kid));
  }

  /// The key of this id. Throws where it is unknown, or signs other things than attestations.
  AttestationKey find(String kid) throws NotProven {
    Optional<AttestationKey> key = keys.get(kid);
    if (key == null) {
      throw new NotProven("no key " + Shown.text(kid) + " is in the key set");
    }
    return key.orElseThrow(
        () -> new NotProven("the key " + Shown.text(kid) + " does not sign attestations"));
  }

  private static AttestationKey attestationKey(JsonNode jwk) {
    JsonNode validFor = jwk.path("validFor");
    try {
      return new AttestationKey(
          publicKey(jwk),
          Instant.parse(text(validFor, "from")),
          validFor.hasNonNull("until") ? Instant.parse(text(validFor, "until")) : null);
    } catch (GeneralSecurityException | DateTimeException e) {
      throw new IllegalArgumentException("a key that can't be read: " + e.getMessage(), e);
    }
  }

  /// RFC 8037 §2.
  private static GrantKey grantKey(JsonNode jwk) {
    if (!text(jwk, "kty").equals("OKP") || !text(jwk, "crv").equals("Ed25519")) {
      throw new IllegalArgumentException("grants are signed by keys on Ed25519");
    }
    JsonNode validFor = jwk.path("validFor");
    try {
      return new GrantKey(
          Ed25519Key.of(Base64.getUrlDecoder().decode(text(jwk, "x"))),
          time(validFor.path("from")),
          time(validFor.path("until")));
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("a key that can't be read: " + e.getMessage(), e);
    }
  }

  private static @Nullable Instant time(JsonNode json) {
    return json.isTextual() ? Instant.parse(json.textValue()) : null;
  }

  /// RFC 7518 §6.2.1.
  private static PublicKey publicKey(JsonNode jwk) throws GeneralSecurityException {
    if (!text(jwk, "kty").equals("EC") || !text(jwk, "crv").equals("P-256")) {
      throw new IllegalArgumentException("attestations are signed by keys on P-256");
    }
    AlgorithmParameters p256 = AlgorithmParameters.getInstance("EC");
    p256.init(new ECGenParameterSpec("secp256r1"));
    return KeyFactory.getInstance("EC")
        .generatePublic(
            new ECPublicKeySpec(
                new ECPoint(coordinate(jwk, "x"), coordinate(jwk, "y")),
                p256.getParameterSpec(ECParameterSpec.class)));
  }

  private static BigInteger coordinate(JsonNode jwk, String name) {
    return new BigInteger(1, Base64.getUrlDecoder().decode(text(jwk, name)));
  }

  private static String text(JsonNode json, String member) {
    JsonNode value = json.path(member);
    if (!value.isTextual()) {
      throw new IllegalArgumentException("a key without " + member);
    }
    return value.textValue();
  }
}
