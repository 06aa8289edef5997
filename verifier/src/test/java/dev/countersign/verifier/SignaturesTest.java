package dev.countersign.verifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignaturesTest {

  private static final String AWS_LC = "AmazonCorrettoCryptoProvider";
  private static final byte[] MESSAGE = {1, 2, 3};
  private static final byte[] OTHER_MESSAGE = {1, 2, 4};

  @ParameterizedTest
  @ValueSource(strings = {Signatures.ES256, Signatures.ED25519})
  @EnabledOnOs(
      value = OS.LINUX,
      architectures = {"amd64", "aarch64"})
  void whereServicesRunItIsAwsLcAndInThisPackageAlone(String algorithm) throws Exception {
    assertEquals(AWS_LC, Signatures.of(algorithm).getProvider().getName());
    assertNotEquals(AWS_LC, Signature.getInstance(algorithm).getProvider().getName());
  }

  /// What one of them takes and another refuses could be shown to whoever has the other.
  @ParameterizedTest
  @ValueSource(strings = {Signatures.ES256, Signatures.ED25519})
  void itTakesWhatTheJdkTakesAndRefusesWhatThatRefuses(String algorithm) throws Exception {
    KeyPair pair = pair(algorithm);
    byte[] signed = sign(algorithm, pair);

    assertTrue(Signatures.verifies(algorithm, pair.getPublic(), signed, MESSAGE));
    assertFalse(Signatures.verifies(algorithm, pair.getPublic(), signed, OTHER_MESSAGE));
    assertFalse(Signatures.verifies(algorithm, pair(algorithm).getPublic(), signed, MESSAGE));
    for (byte[] spoilt : spoilt(signed)) {
      assertFalse(
          Signatures.verifies(algorithm, pair.getPublic(), spoilt, MESSAGE),
          () -> Arrays.toString(spoilt));
    }
  }

  /// Each bit turned, and what is too short, too long, or nothing at all.
  private static List<byte[]> spoilt(byte[] signature) {
    List<byte[]> all = new ArrayList<>();
    for (int bit = 0; bit < signature.length * Byte.SIZE; bit++) {
      byte[] turned = signature.clone();
      turned[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
      all.add(turned);
    }
    all.add(Arrays.copyOf(signature, signature.length - 1));
    all.add(Arrays.copyOf(signature, signature.length + 1));
    all.add(new byte[signature.length]);
    all.add(new byte[0]);
    return all;
  }

  private static KeyPair pair(String algorithm) throws GeneralSecurityException {
    KeyPairGenerator generator =
        KeyPairGenerator.getInstance(algorithm.equals(Signatures.ED25519) ? algorithm : "EC");
    if (!algorithm.equals(Signatures.ED25519)) {
      generator.initialize(new ECGenParameterSpec("secp256r1"));
    }
    return generator.generateKeyPair();
  }

  private static byte[] sign(String algorithm, KeyPair pair) throws GeneralSecurityException {
    Signature jdk = Signature.getInstance(algorithm, "SunEC");
    jdk.initSign(pair.getPrivate());
    jdk.update(MESSAGE);
    return jdk.sign();
  }
}
