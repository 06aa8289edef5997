package dev.countersign.verifier;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.countersign.tlog.Checkpoint;
import dev.countersign.tlog.EntryBundle;
import dev.countersign.tlog.Hash;
import dev.countersign.tlog.VerifierKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A whole log against whoever can write its files: an owner of the database, or of the disk.
class LogVerifierTest {

  /// Three levels of tiles, and none of them full at its end.
  private static final int SIZE = 66_000;

  private static final TestLog LOG = new TestLog().fill(SIZE);
  private static final String WHOLE =
      "The log example.com/log holds 66000 entries, each where and as it was written. The"
          + " checkpoint at 66000 entries is signed by example.com/log and cosigned by"
          + " example.com/witness at 2026-11-26T10:00:05Z.";

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path folder;

  @BeforeEach
  void write() throws IOException {
    LOG.write(folder);
  }

  private static String check(Path folder, byte @Nullable [] since) throws Exception {
    return LogVerifier.check(
        new LogFiles.Folder(folder), LOG.log.key(), List.of(LOG.witness.key()), since);
  }

  private void assertWrong(String sentence, byte @Nullable [] since) {
    NotProven wrong = assertThrows(NotProven.class, () -> check(folder, since));
    assertTrue(wrong.sentence().contains(sentence), wrong.sentence());
  }

  private void assertWrong(String sentence) {
    assertWrong(sentence, null);
  }

  private byte[] change(String path, UnaryOperator<byte[]> change) throws IOException {
    byte[] before = Files.readAllBytes(folder.resolve(path));
    Files.write(folder.resolve(path), change.apply(before.clone()));
    return before;
  }

  private void changeEntries(String path, UnaryOperator<List<byte[]>> change) throws IOException {
    change(
        path, bytes -> EntryBundle.bytes(change.apply(new ArrayList<>(EntryBundle.read(bytes)))));
  }

  private static UnaryOperator<byte[]> flip(int at) {
    return bytes -> {
      bytes[at] ^= 1;
      return bytes;
    };
  }

  @Test
  void aLogAsItWasWrittenIsProven() throws Exception {
    assertEquals(WHOLE, check(folder, null));
    for (int size : new int[] {0, 1, 255, 256, 257, 512, 1_000}) {
      TestLog small = new TestLog().fill(size);
      Path files = Files.createDirectory(folder.resolve("log" + size));
      small.write(files);
      String said = LogVerifier.check(new LogFiles.Folder(files), small.log.key(), List.of(), null);
      assertTrue(said.contains("holds " + size + " entries"), said);
    }
  }

  @Test
  void anEntryThatWasEditedDeletedSwappedOrCutOffIsNamed() throws Exception {
    // Tile 2 begins with entry 512; entries there have 13 bytes, and 2 of length before.
    byte[] good = change("tile/entries/002", flip(188 * 15 + 7));
    assertWrong("entry 700: it is not the entry whose hash stands in tile/0/002");
    Files.write(folder.resolve("tile/entries/002"), good);

    changeEntries("tile/entries/002", entries -> without(entries, 188));
    assertWrong("entry 700: it is not the entry");
    Files.write(folder.resolve("tile/entries/002"), good);

    changeEntries("tile/entries/002", entries -> without(entries, 255));
    assertWrong("entry 767: it is missing: tile/entries/002 ends before it");
    Files.write(folder.resolve("tile/entries/002"), good);
    change("tile/entries/002", bytes -> Arrays.copyOf(bytes, 1_000));
    assertWrong("entry 578: it is missing: tile/entries/002 ends before it");
    Files.write(folder.resolve("tile/entries/002"), good);

    changeEntries(
        "tile/entries/002",
        entries -> {
          Collections.swap(entries, 5, 6);
          return entries;
        });
    assertWrong("entry 517: it is not the entry");

    Files.delete(folder.resolve("tile/entries/002"));
    assertWrong("entry 512: tile/entries/002 is missing");
    Files.write(folder.resolve("tile/entries/002"), good);
    assertEquals(WHOLE, check(folder, null));
  }

  private static List<byte[]> without(List<byte[]> entries, int index) {
    entries.remove(index);
    return entries;
  }

  @Test
  void nothingFollowsBehindTheLastOfATile() throws Exception {
    Map<String, Long> last =
        Map.of(
            "tile/entries/002", 767L,
            "tile/entries/257.p/208", 65_999L,
            "tile/0/257.p/208", 65_999L,
            "tile/1/001.p/1", 65_791L,
            "tile/2/000.p/1", 65_535L);
    for (String path : last.keySet()) {
      for (int more : new int[] {1, 2, Hash.BYTES}) {
        byte[] good = change(path, bytes -> Arrays.copyOf(bytes, bytes.length + more));
        assertWrong("entry " + last.get(path) + ": bytes follow it in " + path);
        Files.write(folder.resolve(path), good);
      }
    }
    // What is wrong before it is named first.
    change("tile/0/257.p/208", bytes -> Arrays.copyOf(bytes, bytes.length + 1));
    change("tile/entries/257.p/208", flip(7));
    assertWrong("entry 65792: it is not the entry");
  }

  /// Of a log that grew while its files were copied.
  @Test
  void aFullTileInThePlaceOfAPartialOneIsFull() throws Exception {
    TestLog grown = new TestLog().fill(512);
    grown.write(folder.resolve("grown"));
    Map<String, String> full =
        Map.of("tile/entries/001.p/44", "tile/entries/001", "tile/0/001.p/44", "tile/0/001");
    TestLog log = new TestLog().fill(300);
    Path files = folder.resolve("log");
    log.write(files);
    for (Map.Entry<String, String> each : full.entrySet()) {
      Files.delete(files.resolve(each.getKey()));
      byte[] good = Files.readAllBytes(folder.resolve("grown").resolve(each.getValue()));
      Path stands = files.resolve(each.getValue());
      Files.write(stands, good);
      assertTrue(
          LogVerifier.check(new LogFiles.Folder(files), log.log.key(), List.of(), null)
              .contains("holds 300 entries"));
      // A longer tile of hashes is not even read.
      int other = each.getKey().startsWith("tile/entries") ? 1 : -1;
      for (int length : new int[] {good.length + other, good.length - Hash.BYTES}) {
        Files.write(stands, Arrays.copyOf(good, length));
        NotProven wrong =
            assertThrows(
                NotProven.class,
                () ->
                    LogVerifier.check(new LogFiles.Folder(files), log.log.key(), List.of(), null));
        assertEquals(
            "entry 299: "
                + each.getValue()
                + " is in the place of "
                + each.getKey()
                + ", and is not full",
            wrong.sentence());
      }
      Files.write(stands, good);
    }
  }

  @Test
  void theEndOfTheLogCannotBeCutOff() throws Exception {
    // 66,000 = 257 * 256 + 208
    changeEntries("tile/entries/257.p/208", entries -> entries.subList(0, 100));
    assertWrong("entry 65892: it is missing");
    Files.delete(folder.resolve("tile/entries/257.p/208"));
    assertWrong("entry 65792: tile/entries/257.p/208 is missing");
  }

  @Test
  void aTileThatDoesNotFollowFromTheOneBelowIsNamed() throws Exception {
    byte[] edited = "{\"other\":-700}".getBytes(UTF_8);
    changeEntries(
        "tile/entries/002",
        entries -> {
          entries.set(188, edited);
          return entries;
        });
    change(
        "tile/0/002",
        bytes -> {
          System.arraycopy(Hash.ofLeaf(edited).bytes(), 0, bytes, 188 * 32, 32);
          return bytes;
        });
    assertWrong("entry 512: from it to entry 767 another hash stands in tile/1/000");
    LOG.write(folder);

    byte[] good = change("tile/0/002", bytes -> Arrays.copyOf(bytes, 5 * 32 + 7));
    assertWrong("entry 517: its hash is missing: tile/0/002 ends before it");
    Files.write(folder.resolve("tile/0/002"), flip(3 * 32).apply(good));
    assertWrong("entry 515: it is not the entry whose hash stands in tile/0/002");
    LOG.write(folder);

    change("tile/1/000", flip(4 * 32));
    assertWrong("entry 1024: from it to entry 1279 another hash stands in tile/1/000");
    LOG.write(folder);
    // Two of the leaves' tiles are complete behind the first 65,536 entries.
    change("tile/1/001.p/1", flip(0));
    assertWrong("entry 65536: from it to entry 65791 another hash stands in tile/1/001.p/1");
    LOG.write(folder);
    change("tile/2/000.p/1", flip(0));
    assertWrong("entry 0: from it to entry 65535 another hash stands in tile/2/000.p/1");
  }

  /// The same log with one entry changed, all its tiles computed anew.
  private static TestLog rewritten(int index) {
    TestLog other = new TestLog();
    for (int i = 0; i < SIZE; i++) {
      other.append(i == index ? "{}".getBytes(UTF_8) : LOG.entries.get(i));
    }
    return other;
  }

  private static byte[] remembered(int size) {
    TestLog then = new TestLog();
    LOG.entries.subList(0, size).forEach(then::append);
    return LOG.log.sign(then.tree().text(), TestLog.COSIGNED).bytes();
  }

  @Test
  void aLogThatWasWrittenAnewIsNotTheOneThatWasSigned() throws Exception {
    byte[] checkpoint = Files.readAllBytes(folder.resolve("checkpoint"));
    TestLog rewritten = rewritten(700);
    rewritten.write(folder);
    Files.write(folder.resolve("checkpoint"), checkpoint);
    assertWrong("the entries and tiles agree with each other, and not with the root");
    assertWrong(
        "entry 600: the log is as it was remembered up to here; from here on", remembered(600));

    // Whoever has the log's key signs it anew: the witness does not, and who remembers sees it.
    String text = rewritten.tree().text();
    Files.write(
        folder.resolve("checkpoint"),
        LOG.log
            .sign(text, TestLog.COSIGNED)
            .with(rewritten.witness.signature(text, TestLog.COSIGNED))
            .bytes());
    assertWrong("the witness example.com/witness has not cosigned");
    Files.write(folder.resolve("checkpoint"), LOG.cosign(text).bytes());
    assertWrong("the first 1000 entries are not those that were remembered", remembered(1_000));
    assertTrue(check(folder, remembered(700)).endsWith("It begins with the 700 remembered."));
  }

  @Test
  void aCheckpointByAnotherKeyIsRefused() throws Exception {
    String text = LOG.tree().text();
    Files.write(
        folder.resolve("checkpoint"),
        TestLog.signer("example.com/log", VerifierKey.Kind.LOG)
            .sign(text, TestLog.COSIGNED)
            .with(LOG.witness.signature(text, TestLog.COSIGNED))
            .bytes());
    assertWrong("not signed by the log example.com/log");
  }

  @Test
  void aLogThatWasRewoundIsNamedWhereItEnds() throws Exception {
    TestLog earlier = new TestLog();
    LOG.entries.subList(0, 5_000).forEach(earlier::append);
    Path rewound = folder.resolve("rewound");
    earlier.write(rewound);
    Files.write(rewound.resolve("checkpoint"), LOG.cosign(earlier.tree().text()).bytes());
    assertTrue(check(rewound, null).contains("holds 5000 entries"));
    NotProven wrong = assertThrows(NotProven.class, () -> check(rewound, remembered(6_000)));
    assertEquals(
        "entry 5000: the log ends before it, and had 6000 entries when it was remembered",
        wrong.sentence());
  }

  @Test
  void whatIsRememberedMayBeOfAnySizeAndMustBeOfThisLog() throws Exception {
    for (int size : new int[] {0, 1, 255, 256, 300, 65_536, SIZE}) {
      assertTrue(
          check(folder, remembered(size)).endsWith("It begins with the " + size + " remembered."));
    }
    Checkpoint other = new Checkpoint("example.com/log", 256, Hash.EMPTY_TREE);
    assertWrong(
        "the first 256 entries are not those",
        LOG.log.sign(other.text(), TestLog.COSIGNED).bytes());
    Checkpoint nothing = new Checkpoint("example.com/log", 0, Hash.ofLeaf(new byte[0]));
    assertWrong(
        "the first 0 entries are not those",
        LOG.log.sign(nothing.text(), TestLog.COSIGNED).bytes());
    assertWrong("of the remembered checkpoint: ", new TestLog().checkpoint().bytes());
    assertWrong("of the remembered checkpoint: ", "nothing".getBytes(UTF_8));
  }

  @Test
  void aLogThatGrewMeanwhileHasFullTilesInPlaceOfPartialOnes() throws Exception {
    byte[] checkpoint = LOG.cosign(sized(600).tree().text()).bytes();
    Files.write(folder.resolve("checkpoint"), checkpoint);
    assertTrue(check(folder, null).contains("holds 600 entries"));
  }

  private static TestLog sized(int size) {
    TestLog log = new TestLog();
    LOG.entries.subList(0, size).forEach(log::append);
    return log;
  }

  // The command, on a folder and on a running log.

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private int run(String what, String... more) throws IOException {
    List<String> arguments = new ArrayList<>(List.of(what, "--log", "log.vkey"));
    arguments.addAll(List.of(more));
    arguments.replaceAll(it -> it.endsWith(".vkey") ? folder.resolve(it).toString() : it);
    Files.writeString(folder.resolve("log.vkey"), LOG.log.key() + "\n");
    Files.writeString(folder.resolve("witness.vkey"), LOG.witness.key() + "\n");
    out.reset();
    try (PrintStream print = new PrintStream(out, true, UTF_8)) {
      return Verify.run(arguments, Map.of(), print, print);
    }
  }

  @Test
  void theCommandVerifiesAFolder() throws Exception {
    assertEquals(0, run(folder.toString(), "--witness", "witness.vkey"));
    assertEquals("verified: " + WHOLE + "\n", out.toString(UTF_8));
    assertEquals(0, run(folder.toString()));
    assertTrue(out.toString(UTF_8).contains("no witness was asked for"), out.toString(UTF_8));
    Path since = Files.write(folder.resolve("since"), remembered(300));
    assertEquals(0, run(folder.toString(), "--since", since.toString()));
    change("tile/entries/002", flip(9));
    assertEquals(1, run(folder.toString()));
    assertTrue(out.toString(UTF_8).startsWith("NOT VERIFIED: entry 512: "), out.toString(UTF_8));

    assertEquals(2, run(Files.createDirectory(folder.resolve("empty")).toString()));
    assertEquals(2, run(folder.toString(), "--since", folder.resolve("missing").toString()));
    assertEquals(2, run(since.toString(), "--since", since.toString()), "a file and --since");
    assertEquals(2, run(folder.toString(), "--log", "witness.vkey"), "the wrong kind of key");
    assertEquals(2, run(folder.toString(), "--witness", "log.vkey"), "the wrong kind of key");
    try (PrintStream print = new PrintStream(out, true, UTF_8)) {
      assertEquals(2, Verify.run(List.of(folder.toString()), Map.of(), print, print), "no key");
    }
  }

  @Test
  void theCommandVerifiesARunningLogAndFollowsItNowhere() throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/log/",
        exchange -> {
          Path file = folder.resolve(exchange.getRequestURI().getPath().substring(5));
          if (Files.isRegularFile(file)) {
            byte[] bytes = Files.readAllBytes(file);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
          } else {
            exchange.sendResponseHeaders(404, -1);
          }
          exchange.close();
        });
    server.createContext(
        "/moved/",
        exchange -> {
          exchange
              .getResponseHeaders()
              .add("Location", exchange.getRequestURI().getPath().replace("/moved/", "/log/"));
          exchange.sendResponseHeaders(302, -1);
          exchange.close();
        });
    server.start();
    try {
      String url = "http://127.0.0.1:" + server.getAddress().getPort();
      assertEquals(0, run(url + "/log", "--witness", "witness.vkey"), out.toString(UTF_8));
      assertEquals("verified: " + WHOLE + "\n", out.toString(UTF_8));
      assertEquals(2, run(url + "/moved/"));
      assertTrue(out.toString(UTF_8).contains("answered with 302"), out.toString(UTF_8));
      assertEquals(2, run(url + "/nothing/"));

      change("tile/0/000", bytes -> Arrays.copyOf(bytes, 8_193));
      assertEquals(2, run(url + "/log/"), "longer than a tile can be");
      Files.delete(folder.resolve("tile/0/000"));
      assertEquals(1, run(url + "/log/"));
      assertTrue(out.toString(UTF_8).contains("entry 0: tile/0/000 is missing"));
    } finally {
      server.stop(0);
    }
    assertEquals(2, run("http://127.0.0.1:1/"), "nobody is there");
  }
}
