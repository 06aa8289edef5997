package dev.countersign.tlog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NoteTest {

  /// The example of Go's `golang.org/x/mod/sumdb/note`, which that package's documentation has.
  private static final String PETER =
      "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

  private static final String PETERS_NOTE =
      """
      If you think cryptography is the answer to your problem,
      then you don't know what your problem is.

      \u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
      """;

  private static final Instant NOW = Instant.parse("2026-11-26T12:00:00Z");

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path folder;

  private NoteSigner log() throws IOException {
    return KeyFile.open(folder.resolve("log"), "example.com/log", VerifierKey.Kind.LOG);
  }

  private NoteSigner witness() throws IOException {
    return KeyFile.open(folder.resolve("witness"), "w1", VerifierKey.Kind.WITNESS);
  }

  @Test
  void aNoteThatGoSignedIsVerified() {
    VerifierKey peter = VerifierKey.read(PETER);
    assertEquals(PETER, peter.toString());
    Note note = Note.read(PETERS_NOTE.getBytes(UTF_8));
    assertEquals(PETERS_NOTE, note.toString());
    assertTrue(peter.signed(note));
    assertFalse(peter.signed(new Note(note.text().replace("answer", "cause"), note.signatures())));
  }

  @Test
  void aLogSignsAndAWitnessCosigns() throws IOException {
    String text = new Checkpoint("example.com/log", 5, Hash.ofLeaf(new byte[0])).text();
    Note signed = log().sign(text, NOW);
    Note both = Note.read(signed.with(witness().signature(text, NOW)).bytes());
    VerifierKey logKey = VerifierKey.read(log().key().toString());
    VerifierKey witnessKey = VerifierKey.read(witness().key().toString());
    assertTrue(logKey.signed(both));
    assertEquals(Optional.of(NOW), witnessKey.cosigned(both));
    assertEquals(Optional.empty(), witnessKey.cosigned(signed));
    assertEquals(Optional.empty(), logKey.cosigned(both));
    Note other = new Note(text.replace("\n5\n", "\n6\n"), both.signatures());
    assertFalse(logKey.signed(other));
    assertEquals(Optional.empty(), witnessKey.cosigned(other));
  }

  @Test
  void aWitnessSignatureWithAnotherTimeIsNone() throws IOException {
    String text = new Checkpoint("example.com/log", 5, Hash.ofLeaf(new byte[0])).text();
    byte[] bytes = witness().signature(text, NOW).bytes();
    bytes[11] ^= 1;
    assertFalse(witness().key().signed(text, new Note.Signature("w1", bytes)));
  }

  @Test
  void aWitnessSignatureWithATimeBeyondAnyClockIsNone() throws IOException {
    String text = new Checkpoint("example.com/log", 5, Hash.ofLeaf(new byte[0])).text();
    NoteSigner forged = witness();
    assertEquals(
        Optional.of(Instant.MAX.truncatedTo(ChronoUnit.SECONDS)),
        forged.key().cosigned(forged.sign(text, Instant.MAX)));
    assertEquals(
        Optional.empty(),
        forged.key().cosigned(new Note(text, List.of(forged.signature(text, -1)))));
    assertEquals(
        Optional.empty(),
        forged.key().cosigned(new Note(text, List.of(forged.signature(text, Long.MAX_VALUE)))));
  }

  @Test
  void aKeyStaysAndIsItsOwnersAlone() throws IOException {
    assertEquals(log().key(), log().key());
    assertEquals(
        "rw-------",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("log"))));
    assertThrows(
        IOException.class,
        () -> KeyFile.open(folder.resolve("log"), "another", VerifierKey.Kind.LOG));
    assertThrows(
        IOException.class,
        () -> KeyFile.open(folder.resolve("log"), "example.com/log", VerifierKey.Kind.WITNESS));
    List<String> mine = Files.readAllLines(folder.resolve("log"));
    witness();
    List<String> others = Files.readAllLines(folder.resolve("witness"));
    Files.write(folder.resolve("mixed"), List.of(mine.getFirst(), others.get(1)));
    assertThrows(
        IOException.class,
        () -> KeyFile.open(folder.resolve("mixed"), "w1", VerifierKey.Kind.WITNESS));
  }

  @Test
  void whatIsNoNoteIsSaidSo() {
    for (String none :
        List.of(
            "",
            "text\n",
            "text\n\n",
            "text\n\nx\n",
            "text\n\n\u2014 name\n",
            "text\n\n\u2014 name AAAA\n",
            "text\n\n\u2014 na+me AAAAAAAA\n",
            "text\n\n\u2014 name AAAAAAAA",
            "te\u0000xt\n\n\u2014 name AAAAAAAA\n",
            "text\n\n\u2014 name not*base64\n")) {
      assertThrows(IllegalArgumentException.class, () -> Note.read(none.getBytes(UTF_8)), none);
    }
    assertThrows(
        IllegalArgumentException.class, () -> Note.read(new byte[] {(byte) 0xff, '\n', '\n', 1}));
  }

  @Test
  void whatIsNoKeyIsSaidSo() {
    for (String none :
        List.of(
            "", "a+b", PETER.replace("c74f", "c74e"), PETER.replace("Peter", "Paul"), "a+b+c")) {
      assertThrows(IllegalArgumentException.class, () -> VerifierKey.read(none), none);
    }
  }

  @Test
  void whatIsNoCheckpointIsSaidSo() {
    String root = Hash.EMPTY_TREE.base64();
    Checkpoint read = Checkpoint.read("a b\n0\n" + root + "\nmore\n");
    assertEquals(List.of("more"), read.extensions());
    assertEquals("a b\n0\n" + root + "\nmore\n", read.text());
    for (String none :
        List.of(
            "",
            "a\n1\n",
            "a\n01\n" + root + "\n",
            "a\n-1\n" + root + "\n",
            "a\n99999999999999999999\n" + root + "\n",
            "\n1\n" + root + "\n",
            "a\n1\n" + root,
            "a\n1\nAAAA\n",
            "a\n1\n" + root + "\n\n")) {
      assertThrows(IllegalArgumentException.class, () -> Checkpoint.read(none), none);
    }
  }
}
