package dev.countersign.ticket.outbound;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.util.Base64URL;
import dev.countersign.ticket.application.Signer.Role;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/// The public half of a key, with its role and the time in which it signs, or signed, as its
/// certificate says.
record PublishedKey(Role role, JWK publicKey, Validity validity) {

  /// Throws `IOException`, with a sentence, where the key is none that signs for the role.
  static PublishedKey of(Role role, X509Certificate certificate) throws IOException {
    try {
      JWK plain =
          switch (role) {
            case ATTESTATION -> es256(certificate);
            case GRANT -> ed25519(certificate);
          };
      // RFC 7638: the same key has the same name wherever it is read.
      String kid = plain.computeThumbprint().toString();
      return new PublishedKey(role, named(plain, kid), Validity.of(certificate));
    } catch (JOSEException | IllegalArgumentException e) {
      throw new IOException("a key of role " + role.word() + " is none: " + e.getMessage(), e);
    }
  }

  private static JWK es256(X509Certificate certificate) {
    if (certificate.getPublicKey() instanceof ECPublicKey published
        && Curve.P_256.equals(Curve.forECParameterSpec(published.getParams()))) {
      return new ECKey.Builder(Curve.P_256, published).build();
    }
    throw new IllegalArgumentException("attestations are signed by a key on P-256");
  }

  private static JWK ed25519(X509Certificate certificate) {
    if (certificate.getPublicKey().getAlgorithm().equals("EdDSA")
        || certificate.getPublicKey().getAlgorithm().equals("Ed25519")) {
      SubjectPublicKeyInfo spki =
          SubjectPublicKeyInfo.getInstance(certificate.getPublicKey().getEncoded());
      return new OctetKeyPair.Builder(
              Curve.Ed25519, Base64URL.encode(spki.getPublicKeyData().getBytes()))
          .build();
    }
    throw new IllegalArgumentException("grants are signed by an Ed25519 key");
  }

  private static JWK named(JWK plain, String kid) {
    return switch (plain) {
      case ECKey ec ->
          new ECKey.Builder(ec)
              .keyUse(KeyUse.SIGNATURE)
              .algorithm(JWSAlgorithm.ES256)
              .keyID(kid)
              .build();
      case OctetKeyPair ed25519 ->
          new OctetKeyPair.Builder(ed25519)
              .keyUse(KeyUse.SIGNATURE)
              .algorithm(JWSAlgorithm.EdDSA)
              .keyID(kid)
              .build();
      default -> throw new IllegalArgumentException("no other kind of key is made here");
    };
  }

  String kid() {
    return publicKey.getKeyID();
  }

  Map<String, Object> jwk() {
    Map<String, Object> jwk = new LinkedHashMap<>(publicKey.toPublicJWK().toJSONObject());
    jwk.put("role", role.word());
    jwk.put("validFor", validity.json());
    return jwk;
  }
}
