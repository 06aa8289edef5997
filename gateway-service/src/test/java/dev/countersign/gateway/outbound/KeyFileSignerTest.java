package dev.countersign.gateway.outbound;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.gateway.SigningKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullMarked
class KeyFileSignerTest {

  @Test
  void itSignsTheBytesAndNoOthers() throws Exception {
    Path file = SigningKey.make();
    KeyFileSigner signer = new KeyFileSigner(Optional.of(file), "gateway-1");
    String signature = signer.sign("these".getBytes(UTF_8));
    String header = SigningKey.verified(file, signature, "these".getBytes(UTF_8));
    assertTrue(header.contains("\"kid\":\"gateway-1\""), header);
    assertThrows(
        GeneralSecurityException.class,
        () -> SigningKey.verified(file, signature, "others".getBytes(UTF_8)));
  }

  @Test
  void withoutAKeyItSignsNothing() {
    KeyFileSigner signer = new KeyFileSigner(Optional.empty(), "gateway");
    assertFalse(signer.present());
    assertThrows(IllegalStateException.class, () -> signer.sign(new byte[0]));
  }

  @Test
  void aKeyOfAnotherCurveIsNone(@TempDir Path folder) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp384r1"));
    String pkcs8 =
        Base64.getMimeEncoder()
            .encodeToString(generator.generateKeyPair().getPrivate().getEncoded());
    Path file =
        Files.writeString(
            folder.resolve("key.pem"),
            "-----BEGIN PRIVATE KEY-----\n" + pkcs8 + "\n-----END PRIVATE KEY-----\n");
    assertThrows(
        IllegalStateException.class, () -> new KeyFileSigner(Optional.of(file), "gateway"));
  }

  @Test
  void aFileThatHoldsNoKeySaysWhatToDo(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("key.pem"), "no key");
    IllegalStateException failure =
        assertThrows(
            IllegalStateException.class, () -> new KeyFileSigner(Optional.of(file), "gateway"));
    assertTrue(String.valueOf(failure.getMessage()).contains("openssl genpkey"), failure::toString);
  }
}
