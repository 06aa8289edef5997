package dev.countersign.verifier;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.Assertion;
import dev.countersign.events.EventJson;
import dev.countersign.events.Statement;
import dev.countersign.events.VoteChallenge;
import dev.countersign.tlog.Hash;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/// Checks a stored WebAuthn assertion as the relying party did when it came (W3C WebAuthn Level 3
/// §7.2), against the challenge that is rebuilt from the statement around it.
final class AssertionVerifier {

  private static final int RP_ID_HASH = 32;
  private static final int SHORTEST = RP_ID_HASH + 1 + 4;
  private static final int USER_PRESENT = 0x01;
  private static final int USER_VERIFIED = 0x04;

  private AssertionVerifier() {}

  static void check(Statement statement, Assertion assertion) throws NotProven {
    checkClient(statement, assertion);
    checkAuthenticator(assertion);
    NotProven.unless(signed(assertion), "the passkey's signature is not good");
  }

  // Steps 11 to 15.
  private static void checkClient(Statement statement, Assertion assertion) throws NotProven {
    JsonNode client = EventJson.readTree(bytes(assertion.clientDataJSON()));
    NotProven.unless(
        client.path("type").asText().equals("webauthn.get"),
        "the passkey signed something else than a vote: its client data is no webauthn.get");
    NotProven.unless(
        client.path("challenge").asText().equals(challenge(statement)),
        "the passkey signed another challenge than that of this vote");
    NotProven.unless(
        client.path("origin").asText().equals(assertion.origin().toString()),
        "the passkey was used at another origin than the attestation says");
    NotProven.unless(
        !client.path("crossOrigin").asBoolean(), "the passkey was used in another site's frame");
    NotProven.unless(
        isOf(assertion.origin(), assertion.rpId()), "the origin is none of the relying party's");
  }

  private static String challenge(Statement statement) throws NotProven {
    byte[] nonce = bytes(statement.predicate().nonce());
    VoteChallenge.Item vote = statement.item();
    List<VoteChallenge.Item> set = statement.predicate().set();
    if (set == null) {
      return base64(VoteChallenge.of(nonce, vote));
    }
    NotProven.unless(set.contains(vote), "the set that was signed at once does not hold this vote");
    return base64(VoteChallenge.ofSet(nonce, set));
  }

  private static boolean isOf(URI origin, String rpId) {
    String host = origin.getHost();
    if (host == null || !(host.equals(rpId) || host.endsWith("." + rpId))) {
      return false;
    }
    boolean local = host.equals("localhost") || host.endsWith(".localhost");
    return "https".equals(origin.getScheme()) || ("http".equals(origin.getScheme()) && local);
  }

  // Steps 16 to 18, and 22.
  private static void checkAuthenticator(Assertion assertion) throws NotProven {
    byte[] data = bytes(assertion.authenticatorData());
    NotProven.unless(data.length >= SHORTEST, "the authenticator data is too short");
    byte[] rpIdHash = sha256(assertion.rpId().getBytes(StandardCharsets.UTF_8));
    NotProven.unless(
        MessageDigest.isEqual(rpIdHash, Arrays.copyOf(data, RP_ID_HASH)),
        "the passkey signed for another relying party");
    int flags = data[RP_ID_HASH];
    NotProven.unless((flags & USER_PRESENT) != 0, "nobody was present at the passkey");
    NotProven.unless(
        (flags & USER_VERIFIED) != 0, "the passkey did not verify the person who used it");
    long count = Integer.toUnsignedLong(ByteBuffer.wrap(data).getInt(RP_ID_HASH + 1));
    long before = assertion.signCountBefore();
    NotProven.unless(
        (count == 0 && before == 0) || count > before,
        "the passkey's counter did not go up: it may have been copied");
  }

  // Steps 19 and 20.
  private static boolean signed(Assertion assertion) throws NotProven {
    PublicKey key = publicKey(bytes(assertion.publicKey()));
    return Signatures.verifies(
        algorithm(key),
        key,
        bytes(assertion.signature()),
        bytes(assertion.authenticatorData()),
        sha256(bytes(assertion.clientDataJSON())));
  }

  private static PublicKey publicKey(byte[] spki) throws NotProven {
    for (String kind : List.of("EC", "Ed25519", "RSA")) {
      try {
        return KeyFactory.getInstance(kind).generatePublic(new X509EncodedKeySpec(spki));
      } catch (GeneralSecurityException _) {
        // Of another kind, perhaps of the next.
      }
    }
    throw new NotProven("the passkey's public key can't be read");
  }

  /// The one algorithm of COSE (RFC 9053, RFC 8812) that passkeys use with such a key.
  private static String algorithm(PublicKey key) throws NotProven {
    return switch (key) {
      case ECPublicKey ec ->
          switch (ec.getParams().getCurve().getField().getFieldSize()) {
            case 256 -> "SHA256withECDSA";
            case 384 -> "SHA384withECDSA";
            case 521 -> "SHA512withECDSA";
            default -> throw new NotProven("the passkey's curve is none of WebAuthn's");
          };
      case EdECPublicKey _ -> "Ed25519";
      case RSAPublicKey _ -> "SHA256withRSA";
      default -> throw new NotProven("the passkey's key is of a kind that can't be verified");
    };
  }

  private static byte[] bytes(String base64) {
    return Base64.getUrlDecoder().decode(base64);
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static byte[] sha256(byte[] bytes) {
    return Hash.sha256().digest(bytes);
  }
}
