package dev.countersign.ticket.outbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GrantKeyTest {

  @TempDir Path state;

  @Test
  void theKeyIsMadeOnceAndOnlyItsOwnerReadsIt() throws Exception {
    GrantKey first = new GrantKey(state);
    GrantKey again = new GrantKey(state);
    assertEquals(first.kid(), again.kid());
    Path file = state.resolve("ticket/grant-key.pem");
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    try (var left = Files.list(file.getParent())) {
      assertEquals(1, left.count(), "nothing of its making is left behind");
    }
    assertNotEquals(first.kid(), new GrantKey(state.resolve("elsewhere")).kid());
  }

  @Test
  void theFileIsAPlainPkcs8KeyThatOthersCanRead() throws Exception {
    new GrantKey(state);
    String pem = Files.readString(state.resolve("ticket/grant-key.pem"));
    String base64 = pem.replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", "");
    var key =
        KeyFactory.getInstance("Ed25519")
            .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64)));
    assertEquals("EdDSA", key.getAlgorithm());
  }

  @Test
  void aFileThatIsNoKeyStopsTheStartAndIsNotReplaced() throws Exception {
    Path file = Files.createDirectories(state.resolve("ticket")).resolve("grant-key.pem");
    Files.writeString(file, "not a key");
    IOException refused = assertThrows(IOException.class, () -> new GrantKey(state));
    assertTrue(String.valueOf(refused.getMessage()).contains("no PKCS #8 key"));
    assertEquals("not a key", Files.readString(file));
  }

  @Test
  void itSignsNothingButItsOwnAlgorithm() throws Exception {
    GrantKey key = new GrantKey(state);
    assertThrows(
        JOSEException.class, () -> key.sign(new JWSHeader(JWSAlgorithm.HS256), new byte[] {1}));
  }
}
