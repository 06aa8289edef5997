package dev.countersign.verifier;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.events.EventJson;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whoever does without any verifier copies the script out of `docs/evidence.md`.
class EvidenceDocumentTest {

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path folder;

  private int byHand(String evidence) throws Exception {
    Files.writeString(folder.resolve("evidence.json"), evidence);
    return Programs.run(folder, "bash", "by-hand.sh");
  }

  @Test
  void theScriptInTheDocumentAcceptsEvidenceAndNotWithOneCharacterChanged() throws Exception {
    Programs.need("bash", "openssl", "jq", "xxd", "sha256sum", "base64");
    Matcher script =
        Pattern.compile("(?s)```sh by-hand\n(.*?)```")
            .matcher(Files.readString(Path.of("../docs/evidence.md")));
    assertTrue(script.find());
    Files.writeString(folder.resolve("by-hand.sh"), script.group(1));
    TestLog log = new TestLog().fill(300);
    EvidenceFile file = log.evidence(TestEvents.approvedByTwo(), 40);
    Files.writeString(folder.resolve("log.vkey"), log.log.key() + "\n");
    Files.writeString(folder.resolve("witness.vkey"), log.witness.key() + "\n");
    String good = new String(EventJson.write(file), UTF_8);

    assertEquals(0, byHand(good));

    EvidenceFile.Item vote = file.entries().get(1);
    String proof = vote.proof().get(3);
    assertNotEquals(0, byHand(good.replace(proof, vote.proof().get(2))), "another proof");
    assertNotEquals(0, byHand(good.replace("\"index\":301,", "\"index\":302,")), "another index");
    String salt = String.valueOf(vote.salt());
    assertNotEquals(0, byHand(good.replace(salt, "B" + salt.substring(1))), "another salt");
    assertNotEquals(0, byHand(good.replace("\\n346\\n", "\\n347\\n")), "another size");
    Files.writeString(folder.resolve("witness.vkey"), new TestLog().witness.key() + "\n");
    assertNotEquals(0, byHand(good), "another witness");
  }
}
