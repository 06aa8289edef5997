package dev.countersign.verifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Provider;
import java.security.Security;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FastSignaturesTest {

  private static final byte[] MESSAGE = {1, 2, 3};
  private static final byte[] OTHER_MESSAGE = {1, 2, 4};

  @AfterEach
  void asItWas() {
    Security.removeProvider(FastSignatures.NAME);
  }

  @ParameterizedTest
  @CsvSource({"SHA256withECDSA", "Ed25519"})
  void itTakesOverOnce(String algorithm) throws Exception {
    FastSignatures.prefer();
    FastSignatures.prefer();
    assertEquals(FastSignatures.NAME, Security.getProviders()[0].getName());
    Signature signature = Signature.getInstance(algorithm);
    assertEquals(FastSignatures.NAME, signature.getProvider().getName());
    assertFalse(Security.getProviders()[1].getName().equals(FastSignatures.NAME));
  }

  @Test
  @EnabledOnOs(
      value = OS.LINUX,
      architectures = {"amd64", "aarch64"})
  void itsLibraryLoadsWhereServicesRun() {
    assertTrue(FastSignatures.awsLc().isPresent());
  }

  /// What one of them takes and another refuses could be shown to whoever has the other.
  @ParameterizedTest
  @CsvSource({"SHA256withECDSA, true", "SHA256withECDSA, false", "Ed25519, true", "Ed25519, false"})
  void itTakesWhatTheJdkTakesAndRefusesWhatThatRefuses(String algorithm, boolean awsLc)
      throws Exception {
    Optional<Provider> lender = FastSignatures.awsLc();
    assumeTrue(!awsLc || lender.isPresent());
    FastSignatures fast = new FastSignatures(awsLc ? lender : Optional.empty());
    KeyPair pair = pair(algorithm);
    KeyPair stranger = pair(algorithm);
    byte[] byJdk = sign(Signature.getInstance(algorithm, "SunEC"), pair);
    byte[] byFast = sign(Signature.getInstance(algorithm, fast), pair);

    for (byte[] signed : List.of(byJdk, byFast)) {
      assertTrue(verifies(fast, algorithm, pair, MESSAGE, signed));
      assertTrue(verifies(Security.getProvider("SunEC"), algorithm, pair, MESSAGE, signed));
      assertFalse(verifies(fast, algorithm, pair, OTHER_MESSAGE, signed));
      assertFalse(verifies(fast, algorithm, stranger, MESSAGE, signed));
    }
    for (byte[] spoilt : spoilt(byJdk)) {
      assertFalse(verifies(fast, algorithm, pair, MESSAGE, spoilt), () -> Arrays.toString(spoilt));
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
        KeyPairGenerator.getInstance(algorithm.equals("Ed25519") ? algorithm : "EC");
    if (!algorithm.equals("Ed25519")) {
      generator.initialize(new ECGenParameterSpec("secp256r1"));
    }
    return generator.generateKeyPair();
  }

  private static byte[] sign(Signature signature, KeyPair pair) throws GeneralSecurityException {
    signature.initSign(pair.getPrivate());
    signature.update(MESSAGE);
    return signature.sign();
  }

  private static boolean verifies(
      Provider provider, String algorithm, KeyPair pair, byte[] message, byte[] signed)
      throws GeneralSecurityException {
    Signature signature = Signature.getInstance(algorithm, provider);
    signature.initVerify(pair.getPublic());
    signature.update(message);
    try {
      return signature.verify(signed);
    } catch (SignatureException e) {
      // No signature at all, says the provider: as bad as a wrong one.
      return false;
    }
  }
}
