package dev.countersign.verifier;

import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.Signature;
import java.util.Optional;

/// Who verifies here: AWS-LC, where Amazon Corretto Crypto Provider is on the class path and its
/// library runs on this platform, else the platform's providers. It is no provider of the
/// process's: TLS would then sign with it, and have it read what any stranger sends.
final class Signatures {

  static final String ES256 = "SHA256withECDSA";
  static final String ED25519 = "Ed25519";

  private static final String AWS_LC_PROVIDER =
      "com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider";
  private static final Optional<Provider> AWS_LC = load();

  private Signatures() {}

  /// @param algorithm its name in the JCA
  static Signature of(String algorithm) throws NoSuchAlgorithmException {
    Optional<Provider> awsLc = AWS_LC.filter(it -> it.getService("Signature", algorithm) != null);
    return awsLc.isPresent()
        ? Signature.getInstance(algorithm, awsLc.get())
        : Signature.getInstance(algorithm);
  }

  /// Empty where it is not on the class path, or its library does not load here.
  private static Optional<Provider> load() {
    try {
      Class<?> type = Class.forName(AWS_LC_PROVIDER);
      Provider provider = (Provider) type.getField("INSTANCE").get(null);
      return type.getMethod("getLoadingError").invoke(provider) == null
          ? Optional.of(provider)
          : Optional.empty();
    } catch (ReflectiveOperationException | LinkageError e) {
      return Optional.empty();
    }
  }
}
