package dev.countersign.mirror;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.tlog.KeyFile;
import dev.countersign.tlog.VerifierKey;
import dev.countersign.verifier.LogFiles;
import dev.countersign.verifier.NotProven;
import dev.countersign.verifier.Verify;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A folder that follows a log: whole at any moment, and never of another log.
class MirrorTest {

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path temporary;

  @SuppressWarnings("NullAway.Init") // set before each test
  private RunningLog log;

  @SuppressWarnings("NullAway.Init") // set before each test
  private Path folder;

  private final ByteArrayOutputStream said = new ByteArrayOutputStream();

  @BeforeEach
  void start() throws IOException {
    log = new RunningLog(temporary);
    folder = temporary.resolve("mirror");
  }

  @AfterEach
  void stop() {
    log.close();
  }

  private int mirror(String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                log.url(),
                folder.toString(),
                "--log",
                log.keyFile.toString(),
                "--witness",
                log.witnessFile.toString()));
    arguments.addAll(List.of(more));
    said.reset();
    try (PrintStream print = new PrintStream(said, true, UTF_8)) {
      return Mirror.run(arguments, Map.of(), print, print);
    }
  }

  private String said() {
    return said.toString(UTF_8);
  }

  /// What a stranger says of the mirror, who knows nothing of how it came about.
  private void assertVerifies(long size) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (PrintStream print = new PrintStream(out, true, UTF_8)) {
      assertEquals(
          0,
          Verify.run(
              List.of(
                  folder.toString(),
                  "--log",
                  log.keyFile.toString(),
                  "--witness",
                  log.witnessFile.toString()),
              Map.of(),
              print,
              print),
          () -> out.toString(UTF_8));
    }
    assertTrue(out.toString(UTF_8).contains(" holds " + size + " entries"), out.toString(UTF_8));
  }

  private Map<String, String> files() throws IOException {
    TreeMap<String, String> files = new TreeMap<>();
    if (Files.exists(folder)) {
      try (Stream<Path> all = Files.walk(folder)) {
        for (Path each : all.filter(Files::isRegularFile).toList()) {
          String path = folder.relativize(each).toString();
          if (!path.startsWith(".")) {
            files.put(path, Arrays.toString(Files.readAllBytes(each)));
          }
        }
      }
    }
    return files;
  }

  @Test
  void theMirrorFollowsTheLogAndAsksForNothingThatItHas() throws Exception {
    long before = 0;
    for (int size : new int[] {0, 1, 255, 256, 257, 600, 600, 1_000, 66_000, 66_001}) {
      log.growTo(size);
      log.asked.clear();
      TreeSet<String> had = new TreeSet<>(files().keySet());

      assertEquals(0, mirror(), said());

      assertVerifies(size);
      assertTrue(
          said()
              .contains(
                  "holds the "
                      + size
                      + " entries of the log example.com/log, "
                      + (size - before)
                      + " of them new. The checkpoint at "
                      + size
                      + " entries is signed by example.com/log and cosigned by example.com/witness at"),
          said());
      // The checkpoint, and what was not full and stands on a level that may have grown.
      had.removeIf(path -> path.equals("checkpoint") || path.contains(".p/"));
      had.retainAll(log.asked);
      assertEquals(new TreeSet<String>(), had, "asked for again");
      before = size;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      assertEquals(
          new TreeSet<>(
              List.of("tile/0/257.p", "tile/1/001.p", "tile/2/000.p", "tile/entries/257.p")),
          new TreeSet<>(
              all.map(each -> folder.relativize(each).toString())
                  .filter(each -> each.endsWith(".p"))
                  .toList()),
          "nothing is left of what a full tile replaced");
    }
    log.asked.clear();
    assertEquals(0, mirror());
    assertEquals(List.of("checkpoint"), log.asked, "nothing is new");
  }

  /// A folder that tells after each change, and may end the run there.
  private final class Watched implements Target {
    private final Target target;
    private final int most;
    private final ThrowingRunnable after;
    int changes;

    Watched(int most, ThrowingRunnable after) throws IOException {
      this.target = FolderTarget.open(folder);
      this.most = most;
      this.after = after;
    }

    private void changing() throws IOException {
      if (changes == most) {
        throw new IOException("killed");
      }
      changes++;
    }

    @Override
    public Optional<byte[]> find(String path, int longest) throws IOException {
      return target.find(path, longest);
    }

    @Override
    public void write(String path, byte[] bytes) throws IOException {
      changing();
      target.write(path, bytes);
      after.run();
    }

    @Override
    public List<String> names(String name) throws IOException {
      return target.names(name);
    }

    @Override
    public void remove(String path) throws IOException {
      changing();
      target.remove(path);
      after.run();
    }

    @Override
    public void close() {
      target.close();
    }
  }

  private interface ThrowingRunnable {
    void run() throws IOException;
  }

  private int copy(int most, ThrowingRunnable after) throws IOException, NotProven {
    try (LogFiles files = LogFiles.Http.of(URI.create(log.url()));
        Watched watched = new Watched(most, after)) {
      new CopyLog(files, watched, log.key.key(), List.of(log.witness.key())).run();
      return watched.changes;
    }
  }

  @Test
  void whereverARunEndsTheMirrorIsWholeAndTheNextRunGoesOn() throws Exception {
    log.growTo(300);
    assertEquals(0, mirror());
    Path origin = temporary.resolve("origin");
    copyFolder(folder, origin);
    log.growTo(1_100);
    long[] now = {300};
    int changes =
        copy(
            Integer.MAX_VALUE,
            () -> {
              if (Arrays.equals(
                  Files.readAllBytes(folder.resolve("checkpoint")), log.file("checkpoint"))) {
                now[0] = 1_100;
              }
              assertVerifies(now[0]);
            });
    assertEquals(1_100, now[0]);
    Map<String, String> whole = files();
    assertFalse(whole.containsKey("tile/0/001.p/44"));
    assertFalse(whole.containsKey("tile/entries/001.p/44"));
    assertTrue(whole.containsKey("tile/1/000.p/1"), "the level is still not full");
    assertEquals(12, changes, "nine tiles, the checkpoint, two removals");

    for (int most = 0; most < changes; most++) {
      deleteFolder(folder);
      copyFolder(origin, folder);
      int end = most;
      IOException killed = assertThrows(IOException.class, () -> copy(end, () -> {}));
      assertEquals("killed", killed.getMessage());
      boolean published =
          Arrays.equals(Files.readAllBytes(folder.resolve("checkpoint")), log.file("checkpoint"));
      assertVerifies(published ? 1_100 : 300);
      assertEquals(0, mirror(), said());
      assertVerifies(1_100);
      assertEquals(whole, files(), "after a run that ended at change " + most);
    }
  }

  @Test
  void whatAnEndedRunLeftOfAnotherLogIsReplaced() throws Exception {
    log.growTo(300);
    assertEquals(0, mirror());
    log.growTo(1_100);
    assertThrows(IOException.class, () -> copy(6, () -> {}));
    // It is published nowhere: the log may still become another from there.
    log.write(1_200, 400);
    assertEquals(0, mirror(), said());
    assertVerifies(1_200);
  }

  @Test
  void aProcessThatIsKilledIsRepairedByTheNext() throws Exception {
    log.growTo(66_000);
    log.holdFrom(200);
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Mirror.class.getName(),
                log.url(),
                folder.toString(),
                "--log",
                log.keyFile.toString())
            .redirectErrorStream(true)
            .start();
    log.awaitHeld();
    process.destroyForcibly().waitFor();
    log.release();
    assertFalse(files().containsKey("checkpoint"));
    int written = files().size();
    assertTrue(written > 50, "files: " + written);
    log.asked.clear();
    assertEquals(0, mirror(), said());
    assertVerifies(66_000);
    assertTrue(log.asked.size() < 525 - written, "fetched again: " + log.asked.size());
  }

  private void assertRefused(String sentence, String... more) throws IOException {
    Map<String, String> before = files();
    assertEquals(1, mirror(more), said());
    assertTrue(said().startsWith("NOT MIRRORED: "), said());
    assertTrue(said().contains(sentence), said());
    assertEquals(before, files(), "the mirror stays as it was");
  }

  @Test
  void aLogThatShrankOrForkedIsRefused() throws Exception {
    log.growTo(700);
    assertEquals(0, mirror());
    log.write(600, 1_000);
    assertRefused("entry 600: the log ends before it, and the mirror has 700 entries of it");
    for (int size : new int[] {700, 701, 1_024, 2_000}) {
      for (int fork : new int[] {0, 300, 699}) {
        log.write(size, fork);
        assertRefused(
            "the first 700 entries are not those of the mirror: the log was forked or written"
                + " anew");
      }
    }
    assertVerifies(700);
    log.write(2_000, 700);
    assertEquals(0, mirror(), "another entry 700 than nobody has seen");
    assertVerifies(2_000);
  }

  @Test
  void aCheckpointThatIsNotSignedOrNotCosignedIsRefused() throws Exception {
    log.growTo(300);
    assertEquals(0, mirror());
    log.growTo(700);
    log.instead.put("checkpoint", log.signed().bytes());
    assertRefused("the witness example.com/witness has not cosigned the checkpoint");
    log.instead.put(
        "checkpoint",
        log.signedBy(
                KeyFile.open(
                    temporary.resolve("other.key"), "example.com/log", VerifierKey.Kind.LOG))
            .bytes());
    assertRefused("not signed by the log example.com/log");
    log.instead.put("checkpoint", "nothing".getBytes(UTF_8));
    assertRefused("the checkpoint can't be read");
  }

  @Test
  void aTileOrEntryThatWasTamperedWithIsNamedAndNeverWritten() throws Exception {
    log.growTo(300);
    assertEquals(0, mirror());
    Path origin = temporary.resolve("origin");
    copyFolder(folder, origin);
    log.growTo(1_300);
    Map<String, String> tampered =
        Map.of(
            "tile/1/000.p/5", "the tiles at the log's end do not give the root",
            "tile/0/005.p/20", "the tiles at the log's end do not give the root",
            "tile/0/003",
                "entry 768: from it to entry 1023 other hashes stand in tile/0/003 than the log"
                    + " signed",
            "tile/entries/002", "it is not the entry whose hash stands in tile/0/002",
            "tile/entries/005.p/20", "it is not the entry whose hash stands in tile/0/005.p/20");
    for (Map.Entry<String, String> each : tampered.entrySet()) {
      byte[] right = log.file(each.getKey());
      byte[] flipped = right.clone();
      // Within the first entry's text; of hashes, in the middle.
      flipped[each.getKey().contains("entries") ? 9 : right.length / 2] ^= 1;
      byte[] cut = Arrays.copyOf(right, right.length - 3);
      for (byte[] wrong : List.of(flipped, cut, new byte[0])) {
        // What an earlier one got right would not be asked for.
        deleteFolder(folder);
        copyFolder(origin, folder);
        log.instead.put(each.getKey(), wrong);
        assertEquals(1, mirror(), said());
        assertTrue(
            said().contains(wrong == flipped ? each.getValue() : "entry "), each + ": " + said());
        assertVerifies(300);
      }
      log.instead.remove(each.getKey());
      Map<String, String> kept = files();
      kept.keySet().removeIf(path -> path.equals("checkpoint"));
      kept.forEach((path, bytes) -> assertEquals(Arrays.toString(log.file(path)), bytes, path));
    }
    assertEquals(0, mirror(), said());
    assertVerifies(1_300);
  }

  @Test
  void aMirrorThatWasTamperedWithIsRefusedOrWrittenAnew() throws Exception {
    log.growTo(700);
    assertEquals(0, mirror());
    Path checkpoint = folder.resolve("checkpoint");
    byte[] right = Files.readAllBytes(checkpoint);
    byte[] wrong = right.clone();
    wrong[20] ^= 1;
    Files.write(checkpoint, wrong);
    assertRefused("of the mirror: the checkpoint");
    // Without its checkpoint all that lies there is proven again.
    Files.delete(checkpoint);
    Path entries = folder.resolve("tile/entries/001");
    byte[] changed = Files.readAllBytes(entries);
    changed[9] ^= 1;
    Files.write(entries, changed);
    Files.write(folder.resolve("tile/0/000"), new byte[8_192]);
    log.asked.clear();
    assertEquals(0, mirror(), said());
    assertVerifies(700);
    assertEquals(List.of("checkpoint", "tile/0/000", "tile/entries/001"), log.asked);
  }

  @Test
  void aFullTileServesInPlaceOfOneThatIsGone() throws Exception {
    log.growTo(700);
    log.instead.put("checkpoint", log.file("checkpoint"));
    log.growTo(1_000);
    log.gone.addAll(List.of("tile/0/002.p/188", "tile/entries/002.p/188"));
    assertEquals(0, mirror(), said());
    assertVerifies(700);
    assertTrue(files().containsKey("tile/entries/002.p/188"), "as the checkpoint wants it");
    log.gone.add("tile/0/002");
    deleteFolder(folder);
    assertRefused("entry 512: tile/0/002.p/188 is missing");
  }

  @Test
  void whoFollowsComesBackFromWhatIsAwayAndStopsAtWhatIsWrong() throws Exception {
    int[] exit = {-1};
    CountDownLatch ended = new CountDownLatch(1);
    Thread follower =
        Thread.ofPlatform()
            .start(() -> {
              exit[0] = mirror("--follow", "1");
              ended.countDown();
            });
    log.growTo(300);
    awaitCheckpoint();
    log.growTo(600);
    awaitCheckpoint();
    log.write(500, 0);
    ended.await();
    follower.join();
    assertEquals(1, exit[0], said());
    assertTrue(said().contains("NOT MIRRORED: entry 500: the log ends before it"), said());
    assertVerifies(600);
  }

  private void awaitCheckpoint() throws Exception {
    while (!Files.exists(folder.resolve("checkpoint"))
        || !Arrays.equals(
            Files.readAllBytes(folder.resolve("checkpoint")), log.file("checkpoint"))) {
      Thread.onSpinWait();
    }
  }

  @Test
  void whatCannotBeReadOrWrittenIsNoJudgement() throws Exception {
    assertEquals(2, mirror(), "no checkpoint");
    assertTrue(said().startsWith("It can't be mirrored: there is no checkpoint"), said());
    log.growTo(10);
    try (Target other = FolderTarget.open(folder)) {
      assertEquals(2, mirror());
      assertTrue(said().contains("another mirror writes it"), said());
      assertEquals(List.of(), other.names("tile"));
    }
    assertEquals(2, mirror("--region", "eu"), "a folder has no region");
    assertEquals(2, mirror("more"));
    assertEquals(2, mirror("--log", temporary.resolve("missing").toString()));
    assertEquals(2, mirror("--log", log.witnessFile.toString()), "the wrong kind of key");
    log.close();
    assertEquals(2, mirror(), "nobody is there");
  }

  private static void copyFolder(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path each : all.toList()) {
        Files.copy(each, to.resolve(from.relativize(each)), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  private static void deleteFolder(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }
}
