package dev.countersign.verifier;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.DsseEnvelope;
import dev.countersign.events.EventJson;
import dev.countersign.tlog.Note;
import dev.countersign.tlog.NoteSigner;
import dev.countersign.tlog.VerifierKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Programs that know nothing of Countersign accept what we accept, and refuse what we refuse.
class OtherVerifiersTest {

  private static final Path GO = Path.of("src/test/resources/go");
  private static final Path GO_LIBRARIES = Path.of("/usr/share/gocode");
  private static final Path STOCK = Path.of("../flow-tests/stock-verifier");

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path folder;

  private final TestLog log = new TestLog().fill(300);

  // Go's golang.org/x/mod/sumdb, note and tlog.

  private int go(NoteSigner by) throws Exception {
    Path logKey = Files.writeString(folder.resolve("log.vkey"), by.key() + "\n");
    Path witnessKey = Files.writeString(folder.resolve("witness.vkey"), log.witness.key() + "\n");
    return Programs.run(
        folder,
        folder.resolve("tiles").toString(),
        folder.toString(),
        logKey.toString(),
        witnessKey.toString());
  }

  private void flip(String path, int at) throws Exception {
    byte[] bytes = Files.readAllBytes(folder.resolve(path));
    bytes[at] ^= 1;
    Files.write(folder.resolve(path), bytes);
  }

  @Test
  void gosOwnTransparencyLogAcceptsTheTilesAndNotWithOneBitChanged() throws Exception {
    Programs.need("go");
    Programs.needFolder(GO_LIBRARIES.resolve("src/golang.org/x/mod/sumdb/tlog"));
    assertEquals(
        0,
        Programs.run(
            GO,
            "env",
            "GO111MODULE=off",
            "GOPATH=" + GO_LIBRARIES,
            "go",
            "build",
            "-o",
            folder.resolve("tiles").toString(),
            "tiles.go"));
    log.evidence(TestEvents.approvedByTwo(), 500);
    log.write(folder);

    assertEquals(0, go(log.log));

    for (String path :
        List.of("tile/0/001", "tile/0/003.p/38", "tile/1/000.p/3", "tile/entries/002")) {
      int at = (int) Files.size(folder.resolve(path)) / 2;
      flip(path, at);
      assertEquals(1, go(log.log), path);
      flip(path, at);
    }
    assertEquals(1, go(TestLog.signer("example.com/log", VerifierKey.Kind.LOG)), "another key");
    String text = log.tree().text();
    NoteSigner other = TestLog.signer("example.com/witness", VerifierKey.Kind.WITNESS);
    for (Note note :
        List.of(
            log.log.sign(text, TestLog.COSIGNED),
            log.log.sign(text, TestLog.COSIGNED).with(other.signature(text, TestLog.COSIGNED)),
            log.cosign(text.replaceFirst("\n806\n", "\n805\n")))) {
      Files.write(folder.resolve("checkpoint"), note.bytes());
      assertEquals(1, go(log.log), note.toString());
    }
    Files.write(folder.resolve("checkpoint"), log.checkpoint().bytes());
    assertEquals(0, go(log.log));
  }

  // Sigstore's.

  private int sigstore(JsonNode bundle) throws Exception {
    Path file = Files.write(folder.resolve("bundle.json"), EventJson.write(bundle));
    Path jwks = Files.write(folder.resolve("jwks.json"), EventJson.write(Signed.jwks()));
    Path key = Files.writeString(folder.resolve("log.vkey"), log.log.key() + "\n");
    return Programs.run(
        STOCK, "node", "bundle.mjs", file.toString(), jwks.toString(), key.toString());
  }

  @Test
  void sigstoresVerifierAcceptsTheBundlesAndNoneThatWasChanged() throws Exception {
    Programs.need("node", "npm");
    assertEquals(0, Programs.run(STOCK, "npm", "ci", "--no-audit", "--no-fund"));
    EvidenceFile evidence = log.evidence(TestEvents.approvedByTwo(), 70);

    for (Bundle each : evidence.bundles()) {
      assertEquals(0, sigstore(EventJson.tree(each)));
    }

    JsonNode other = EventJson.tree(evidence.bundles().get(1));
    assertRefused(
        "another proof",
        evidence,
        it ->
            entry(it)
                .set(
                    "inclusionProof",
                    other.at("/verificationMaterial/tlogEntries/0/inclusionProof")));
    assertRefused(
        "another leaf",
        evidence,
        it ->
            entry(it)
                .set(
                    "canonicalizedBody",
                    other.at("/verificationMaterial/tlogEntries/0/canonicalizedBody")));
    assertRefused(
        "another attestation", evidence, it -> it.set("dsseEnvelope", other.path("dsseEnvelope")));
    assertRefused(
        "another log", evidence, it -> ((ObjectNode) entry(it).path("logId")).put("keyId", "AAAA"));
    assertRefused(
        "another place",
        evidence,
        it -> ((ObjectNode) entry(it).path("inclusionProof")).put("logIndex", "0"));
    assertRefused(
        "a proof too short",
        evidence,
        it -> ((ArrayNode) entry(it).at("/inclusionProof/hashes")).remove(0));
    assertRefused(
        "another checkpoint",
        evidence,
        it ->
            ((ObjectNode) entry(it).at("/inclusionProof/checkpoint"))
                .put("envelope", new TestLog().fill(9).checkpoint().toString()));
    assertRefused(
        "no log at all",
        evidence,
        it -> ((ObjectNode) it.path("verificationMaterial")).putArray("tlogEntries"));
    assertRefused(
        "another key",
        evidence,
        it -> ((ObjectNode) it.at("/verificationMaterial/publicKey")).put("hint", "grant-key"));
    assertRefused(
        "another signature",
        evidence,
        it -> {
          DsseEnvelope bobs = evidence.attestations().get(1);
          ((ObjectNode) it.at("/dsseEnvelope/signatures/0"))
              .put("sig", bobs.signatures().getFirst().sig());
        });
  }

  private void assertRefused(String what, EvidenceFile evidence, Consumer<ObjectNode> change)
      throws Exception {
    ObjectNode bundle = (ObjectNode) EventJson.tree(evidence.bundles().getFirst());
    change.accept(bundle);
    assertEquals(1, sigstore(bundle), what);
  }

  private static ObjectNode entry(JsonNode bundle) {
    return (ObjectNode) bundle.at("/verificationMaterial/tlogEntries/0");
  }
}
