package dev.countersign.verifier;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.events.DsseEnvelope;
import dev.countersign.events.EventJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Whoever writes a verifier after `docs/attestation.md` tries it on the example there.
class WorkedExampleTest {

  private static final Path DOCUMENT = Path.of("../docs/attestation.md");

  private static String block(String name) throws IOException {
    Matcher found =
        Pattern.compile("(?s)```json " + name + "\n(.*?)```").matcher(Files.readString(DOCUMENT));
    assertTrue(found.find(), name);
    return found.group(1);
  }

  @Test
  void theExampleInTheDocumentIsTrue() throws Exception {
    byte[] envelope = block("envelope").getBytes(UTF_8);
    assertEquals(
        EventJson.readTree(block("statement").getBytes(UTF_8)),
        EventJson.readTree(EventJson.read(envelope, DsseEnvelope.class).body()));

    Finding finding = Verification.of(envelope, KeySet.read(block("jwks").getBytes(UTF_8)));

    assertInstanceOf(Finding.Proven.class, finding, finding.sentence());
    assertTrue(Files.readString(DOCUMENT).contains("verified: " + finding.sentence()));
  }
}
