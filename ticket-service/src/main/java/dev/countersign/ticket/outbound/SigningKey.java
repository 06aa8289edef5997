package dev.countersign.ticket.outbound;

import dev.countersign.ticket.application.Signer.Role;
import dev.countersign.verifier.AwsLc;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.Optional;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.util.PrivateKeyFactory;

/// A private key with what is published of it.
///
/// It signs by AWS-LC, and where that does not load by Bouncy Castle: ES256 in 0.02 ms or 0.10, the
/// JDK in 0.16; Ed25519 in 0.03 or 0.05, the JDK in 0.67.
final class SigningKey {

  private final PublishedKey published;
  private final PrivateHalf half;

  private SigningKey(PublishedKey published, PrivateHalf half) {
    this.published = published;
    this.half = half;
  }

  /// Throws `IOException`, with a sentence, where the key is none that signs for the role.
  static SigningKey of(Role role, PrivateKey privateKey, X509Certificate certificate)
      throws IOException {
    return of(role, privateKey, certificate, AwsLc.find());
  }

  /// As above.
  ///
  /// @param awsLc empty where Bouncy Castle is to sign
  static SigningKey of(
      Role role, PrivateKey privateKey, X509Certificate certificate, Optional<Provider> awsLc)
      throws IOException {
    AsymmetricKeyParameter key = PrivateKeyFactory.createKey(privateKey.getEncoded());
    try {
      checkSignsFor(role, key);
      PrivateHalf half =
          awsLc.isPresent()
              ? AwsLcHalf.of(role, privateKey, awsLc.get())
              : new BouncyCastleHalf(role, key);
      SigningKey made = new SigningKey(PublishedKey.of(role, certificate), half);
      made.checkBelongsTo(certificate);
      return made;
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IOException("a key of role " + role.word() + " is none: " + e.getMessage(), e);
    }
  }

  private static void checkSignsFor(Role role, AsymmetricKeyParameter key) {
    switch (role) {
      case ATTESTATION -> {
        if (!(key instanceof ECPrivateKeyParameters)) {
          throw new IllegalArgumentException("attestations are signed by a key on P-256");
        }
      }
      case GRANT -> {
        if (!(key instanceof Ed25519PrivateKeyParameters)) {
          throw new IllegalArgumentException("grants are signed by an Ed25519 key");
        }
      }
    }
  }

  /// What another key signed than the one that is published, nobody could verify.
  private void checkBelongsTo(X509Certificate certificate) throws GeneralSecurityException {
    byte[] message = {1};
    Signature signature = Signature.getInstance(PrivateHalf.algorithm(role()));
    signature.initVerify(certificate.getPublicKey());
    signature.update(message);
    if (!signature.verify(sign(message))) {
      throw new IllegalArgumentException("its certificate is that of another key");
    }
  }

  PublishedKey published() {
    return published;
  }

  Role role() {
    return published.role();
  }

  String kid() {
    return published.kid();
  }

  Validity validity() {
    return published.validity();
  }

  byte[] sign(byte[] message) {
    try {
      return half.sign(message);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a key that was read signs", e);
    }
  }
}
