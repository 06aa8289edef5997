package dev.countersign.verifier;

import java.security.GeneralSecurityException;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Optional;

/// Who verifies here: [AwsLc] where it is at hand, else the platform's providers.
final class Signatures {

  static final String ES256 = "SHA256withECDSA";
  static final String ED25519 = "Ed25519";

  private Signatures() {}

  /// Whether this key signed the message.
  ///
  /// @param algorithm its name in the JCA
  /// @param message in as many parts as it comes in
  static boolean verifies(String algorithm, PublicKey key, byte[] signed, byte[]... message) {
    try {
      Signature signature = of(algorithm);
      signature.initVerify(key);
      for (byte[] part : message) {
        signature.update(part);
      }
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      // A signature that is none is as bad as a wrong one.
      return false;
    }
  }

  /// Of any other algorithm than these two it is the platform's.
  static Signature of(String algorithm) throws NoSuchAlgorithmException {
    Optional<Provider> awsLc = AwsLc.find().filter(_ -> AwsLc.ALGORITHMS.contains(algorithm));
    return awsLc.isPresent()
        ? Signature.getInstance(algorithm, awsLc.get())
        : Signature.getInstance(algorithm);
  }
}
