package dev.countersign.ticket.outbound;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.ticket.application.Signer.Role;
import dev.countersign.verifier.AwsLc;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Security;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SigningKeyTest {

  static final byte[] MESSAGE = {1, 2, 3};

  private static final Optional<Provider> BOUNCY_CASTLE = Optional.empty();
  private static final Validity VALIDITY =
      new Validity(Instant.parse("2026-11-26T09:00:00Z"), null);

  @Test
  @EnabledOnOs(
      value = OS.LINUX,
      architectures = {"amd64", "aarch64"})
  void whereServicesRunAwsLcIsAtHandAndTlsDoesNotKnowIt() {
    assertNull(Security.getProvider(AwsLc.find().orElseThrow().getName()));
  }

  /// A key's signatures must not show where it signed.
  @ParameterizedTest
  @EnumSource(Role.class)
  void whatEitherSignsTheJdkVerifies(Role role) throws Exception {
    KeyPair keys = pair(role);
    for (Optional<Provider> signer : both()) {
      SigningKey key = key(role, keys, keys, signer);
      // Each nonce of ES256 makes another signature, and some are shorter.
      for (int i = 0; i < 100; i++) {
        assertTrue(verifies(role, keys.getPublic(), key.sign(MESSAGE)), signer::toString);
      }
    }
  }

  /// RFC 8032 leaves nothing to choose.
  @Test
  void aGrantHasTheSameSignatureByEither() throws Exception {
    KeyPair keys = pair(Role.GRANT);
    byte[] signed = key(Role.GRANT, keys, keys, BOUNCY_CASTLE).sign(MESSAGE);
    for (Optional<Provider> signer : both()) {
      assertArrayEquals(signed, key(Role.GRANT, keys, keys, signer).sign(MESSAGE));
    }
  }

  @ParameterizedTest
  @EnumSource(Role.class)
  void neitherTakesTheCertificateOfAnotherKeyNorTheKeyOfAnotherRole(Role role) throws Exception {
    Role other = role == Role.GRANT ? Role.ATTESTATION : Role.GRANT;
    for (Optional<Provider> signer : both()) {
      assertThrows(IOException.class, () -> key(role, pair(role), pair(role), signer));
      KeyPair keys = pair(other);
      assertThrows(IOException.class, () -> key(role, keys, keys, signer));
    }
  }

  private static List<Optional<Provider>> both() {
    return List.of(AwsLc.find(), BOUNCY_CASTLE);
  }

  private static SigningKey key(
      Role role, KeyPair keys, KeyPair published, Optional<Provider> signer)
      throws GeneralSecurityException, IOException {
    X509Certificate certificate = Certificates.selfSigned("test", published, VALIDITY);
    return SigningKey.of(role, keys.getPrivate(), certificate, signer);
  }

  private static KeyPair pair(Role role) throws GeneralSecurityException {
    return switch (role) {
      case ATTESTATION -> {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        yield generator.generateKeyPair();
      }
      case GRANT -> KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    };
  }

  /// Whether the JDK says that this key signed the message.
  static boolean verifies(Role role, PublicKey key, byte[] signed) throws GeneralSecurityException {
    Signature jdk = Signature.getInstance(PrivateHalf.algorithm(role), "SunEC");
    jdk.initVerify(key);
    jdk.update(MESSAGE);
    return jdk.verify(signed);
  }
}
