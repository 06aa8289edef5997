package dev.countersign.verifier;

import java.security.Provider;
import java.util.Optional;
import java.util.Set;

/// AWS-LC, where Amazon Corretto Crypto Provider is on the class path and its library runs on this
/// platform. It is no provider of the process's: TLS would then sign with it, and have it read what
/// any stranger sends. Who is to use it asks for it here, and names it.
public final class AwsLc {

  /// What it is for, as the JCA calls them. Anything else is the platform's.
  static final Set<String> ALGORITHMS = Set.of(Signatures.ES256, Signatures.ED25519);

  private static final String PROVIDER =
      "com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider";
  private static final Optional<Provider> LOADED = load();

  private AwsLc() {}

  /// Empty where it is not on the class path, or its library does not load here.
  public static Optional<Provider> find() {
    return LOADED;
  }

  private static Optional<Provider> load() {
    try {
      Class<?> type = Class.forName(PROVIDER);
      Provider provider = (Provider) type.getField("INSTANCE").get(null);
      boolean loaded = type.getMethod("getLoadingError").invoke(provider) == null;
      return loaded
              && ALGORITHMS.stream().allMatch(it -> provider.getService("Signature", it) != null)
          ? Optional.of(provider)
          : Optional.empty();
    } catch (ReflectiveOperationException | LinkageError e) {
      return Optional.empty();
    }
  }
}
