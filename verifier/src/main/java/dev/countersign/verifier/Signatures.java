package dev.countersign.verifier;

import java.security.GeneralSecurityException;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Optional;
import java.util.Set;

/// Who verifies here: AWS-LC, where Amazon Corretto Crypto Provider is on the class path and its
/// library runs on this platform, else the platform's providers. It is no provider of the
/// process's: TLS would then sign with it, and have it read what any stranger sends.
final class Signatures {

  static final String ES256 = "SHA256withECDSA";
  static final String ED25519 = "Ed25519";

  private static final Set<String> BY_AWS_LC = Set.of(ES256, ED25519);

  private static final String AWS_LC_PROVIDER =
      "com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider";
  private static final Optional<Provider> AWS_LC = load();

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
    return AWS_LC.isPresent() && BY_AWS_LC.contains(algorithm)
        ? Signature.getInstance(algorithm, AWS_LC.get())
        : Signature.getInstance(algorithm);
  }

  /// Empty where it is not on the class path, or its library does not load here.
  private static Optional<Provider> load() {
    try {
      Class<?> type = Class.forName(AWS_LC_PROVIDER);
      Provider provider = (Provider) type.getField("INSTANCE").get(null);
      boolean loaded = type.getMethod("getLoadingError").invoke(provider) == null;
      return loaded
              && BY_AWS_LC.stream().allMatch(it -> provider.getService("Signature", it) != null)
          ? Optional.of(provider)
          : Optional.empty();
    } catch (ReflectiveOperationException | LinkageError e) {
      return Optional.empty();
    }
  }
}
