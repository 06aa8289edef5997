package dev.countersign.verifier;

import java.security.Provider;
import java.security.Security;

/// ES256 (RFC 7518 §3.4) for everything in the process that asks the platform for it, by Bouncy
/// Castle where that is on the class path: the JDK's needs an intrinsic that only C2 has, and
/// without it takes some five times as long. Keys stay the JDK's; other algorithms, too.
public final class EcdsaByBouncyCastle extends Provider {

  private static final long serialVersionUID = 1L;

  private EcdsaByBouncyCastle() {
    super("CountersignEcdsa", "1", "ES256 by Bouncy Castle");
    put(
        "Signature.SHA256withECDSA",
        "org.bouncycastle.jcajce.provider.asymmetric.ec.SignatureSpi$ecDSA256");
  }

  /// Puts it before the platform's own, once; a second call changes nothing.
  public static void prefer() {
    Security.insertProviderAt(new EcdsaByBouncyCastle(), 1);
  }
}
