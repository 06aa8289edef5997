package dev.countersign.verifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Security;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EcdsaByBouncyCastleTest {

  private static final String ES256 = "SHA256withECDSA";
  private static final byte[] MESSAGE = {1, 2, 3};

  @AfterEach
  void asItWas() {
    Security.removeProvider("CountersignEcdsa");
  }

  @Test
  void itTakesOverOnceAndAgreesWithTheJdk() throws Exception {
    EcdsaByBouncyCastle.prefer();
    EcdsaByBouncyCastle.prefer();
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    KeyPair pair = generator.generateKeyPair();
    Signature jdk = Signature.getInstance(ES256, "SunEC");
    jdk.initSign(pair.getPrivate());
    jdk.update(MESSAGE);
    byte[] signed = jdk.sign();

    Signature signature = Signature.getInstance(ES256);
    assertEquals("CountersignEcdsa", signature.getProvider().getName());
    signature.initVerify(pair.getPublic());
    signature.update(MESSAGE);
    assertTrue(signature.verify(signed));
    signature.update(new byte[] {1, 2, 4});
    assertFalse(signature.verify(signed));
  }
}
