package dev.countersign.verifier;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.countersign.tlog.Checkpoint;
import dev.countersign.tlog.EntryBundle;
import dev.countersign.tlog.Frontier;
import dev.countersign.tlog.Hash;
import dev.countersign.tlog.NoteSigner;
import dev.countersign.tlog.Row;
import dev.countersign.tlog.Tile;
import dev.countersign.tlog.VerifierKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A log of years is verified on a small machine.
class MillionEntriesTest {

  private static final int SIZE = 1_000_000;

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path folder;

  @Test
  void aMillionEntriesAreVerifiedIn32MegabytesAndOneBitIsFound() throws Exception {
    NoteSigner log = TestLog.signer("example.com/log", VerifierKey.Kind.LOG);
    Checkpoint tree = write();
    Files.write(folder.resolve("checkpoint"), log.sign(tree.text(), TestLog.COSIGNED).bytes());
    Files.writeString(folder.resolve("log.vkey"), log.key().toString());

    assertEquals(0, verify());

    // 1,000,000 is 3,906 tiles and 64 entries.
    Path last = folder.resolve("tile/entries/x003/906.p/64");
    byte[] bytes = Files.readAllBytes(last);
    bytes[bytes.length - 2] ^= 1;
    Files.write(last, bytes);
    assertEquals(1, verify());
  }

  private int verify() throws Exception {
    return Programs.run(
        folder,
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:+UseSerialGC",
        "-Xmx32m",
        "-cp",
        System.getProperty("java.class.path"),
        Verify.class.getName(),
        folder.toString(),
        "--log",
        folder.resolve("log.vkey").toString());
  }

  private Checkpoint write() throws IOException {
    Frontier frontier = Frontier.EMPTY;
    List<List<Hash>> above = new ArrayList<>();
    for (int from = 0; from < SIZE; from += Row.WIDTH) {
      List<byte[]> entries = new ArrayList<>();
      for (int i = from; i < Math.min(SIZE, from + Row.WIDTH); i++) {
        entries.add(("{\"entry\":" + i + "}").getBytes(UTF_8));
      }
      List<Hash> hashes = entries.stream().map(Hash::ofLeaf).toList();
      write(Tile.ENTRIES, from / Row.WIDTH, entries.size(), EntryBundle.bytes(entries));
      write(0, from / Row.WIDTH, hashes);
      frontier =
          frontier.append(
              hashes,
              (level, _, hash) -> {
                if (above.size() < level) {
                  above.add(new ArrayList<>());
                }
                above.get(level - 1).add(hash);
              });
    }
    for (int level = 1; level <= above.size(); level++) {
      List<Hash> all = above.get(level - 1);
      for (int from = 0; from < all.size(); from += Row.WIDTH) {
        List<Hash> some = all.subList(from, Math.min(all.size(), from + Row.WIDTH));
        write(level, from / Row.WIDTH, some);
      }
    }
    return new Checkpoint("example.com/log", frontier.size(), frontier.root());
  }

  private void write(int level, int index, List<Hash> hashes) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    hashes.forEach(each -> bytes.writeBytes(each.bytes()));
    write(level, index, hashes.size(), bytes.toByteArray());
  }

  private void write(int level, int index, int width, byte[] bytes) throws IOException {
    Path file = folder.resolve(new Tile(level, index, width).path());
    Files.createDirectories(file.getParent());
    Files.write(file, bytes);
  }
}
