package dev.countersign.verifier;

import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.Security;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// ES256 (RFC 7518 §3.4) and Ed25519 (RFC 8032 §5.1) for everything in the process that asks the
/// platform for them, by what does them quickest: AWS-LC, where Amazon Corretto Crypto Provider is
/// on the class path and its library runs on this platform, else Bouncy Castle, where that is. The
/// JDK's ES256 needs an intrinsic that only C2 has, and takes seven times as long as AWS-LC even
/// with it. Keys stay the JDK's; other algorithms, too.
public final class FastSignatures extends Provider {

  private static final long serialVersionUID = 1L;

  static final String NAME = "CountersignSignatures";

  private static final String ES256 = "SHA256withECDSA";
  private static final String ED25519 = "Ed25519";
  private static final String AWS_LC =
      "com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider";

  /// @param awsLc empty: Bouncy Castle
  FastSignatures(Optional<Provider> awsLc) {
    super(NAME, "1", "ES256 and Ed25519 by AWS-LC or Bouncy Castle");
    awsLc.ifPresentOrElse(
        lender -> {
          for (String algorithm : List.of(ES256, ED25519)) {
            putService(new Lent(this, lender.getService("Signature", algorithm)));
          }
        },
        () -> {
          String asymmetric = "org.bouncycastle.jcajce.provider.asymmetric.";
          put("Signature." + ES256, asymmetric + "ec.SignatureSpi$ecDSA256");
          put("Signature." + ED25519, asymmetric + "edec.SignatureSpi$Ed25519");
        });
  }

  /// Puts it before the platform's own, once; a second call changes nothing.
  public static void prefer() {
    Security.insertProviderAt(new FastSignatures(awsLc()), 1);
  }

  /// Empty where it is not on the class path, or its library does not load here.
  static Optional<Provider> awsLc() {
    try {
      Class<?> type = Class.forName(AWS_LC);
      Provider lender = (Provider) type.getField("INSTANCE").get(null);
      return type.getMethod("getLoadingError").invoke(lender) == null
          ? Optional.of(lender)
          : Optional.empty();
    } catch (ReflectiveOperationException | LinkageError e) {
      return Optional.empty();
    }
  }

  /// Another provider's service under our name: the rest of what that has stays behind the JDK's.
  private static final class Lent extends Service {

    private final Service service;

    Lent(Provider ours, Service service) {
      super(ours, service.getType(), service.getAlgorithm(), service.getClassName(), null, null);
      this.service = service;
    }

    @Override
    public Object newInstance(@Nullable Object parameter) throws NoSuchAlgorithmException {
      return service.newInstance(parameter);
    }

    @Override
    public boolean supportsParameter(@Nullable Object parameter) {
      return service.supportsParameter(parameter);
    }
  }
}
