package dev.countersign.witness;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.tlog.Durable;
import dev.countersign.tlog.Hash;
import dev.countersign.tlog.Note;
import dev.countersign.tlog.VerifierKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The witness over HTTP, as C2SP tlog-witness has it.
class WitnessTest {

  private static final Pattern REASONS =
      Pattern.compile("countersign_witness_refused_total\\{reason=~\"([^\"]*)\"}");

  private static final Instant NOW = Instant.parse("2026-11-26T12:00:00Z");

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path folder;

  private final List<String> said = new CopyOnWriteArrayList<>();

  @SuppressWarnings("NullAway.Init") // set before each test
  private TestLog log;

  @SuppressWarnings("NullAway.Init") // set before each test
  private Witness witness;

  @SuppressWarnings("NullAway.Init") // set before each test
  private Http http;

  @BeforeEach
  void start() throws IOException {
    log = TestLog.named("example.com/log", folder);
    log.publish(folder.resolve("logs"));
    open();
  }

  @AfterEach
  void stop() throws IOException {
    witness.close();
  }

  private void open() throws IOException {
    witness = Witness.open(settings("example.com/witness"), InstantSource.fixed(NOW), said::add);
    http = new Http(witness.port());
  }

  private Settings settings(String name) {
    return new Settings(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        folder.resolve("state"),
        name,
        List.of(folder.resolve("logs")));
  }

  private VerifierKey key() throws IOException, InterruptedException {
    return VerifierKey.read(http.get("/vkey").body());
  }

  private void assertCosigned(TestLog log, int old, int size)
      throws IOException, InterruptedException {
    HttpResponse<String> answer = http.submit(log.submission(old, size));
    assertEquals(200, answer.statusCode(), answer.body());
    // As the specification has it: the answer, put behind the checkpoint, is a note.
    Note note = Note.read((log.checkpoint(size) + answer.body()).getBytes(UTF_8));
    assertEquals(Optional.of(NOW), key().cosigned(note));
    assertEquals(
        "text/plain; charset=utf-8", answer.headers().firstValue("Content-Type").orElse(""));
  }

  /// Also that it stands in the log in one line, and on the metric.
  private String refused(int status, String reason, String body)
      throws IOException, InterruptedException {
    return refused(status, reason, body.getBytes(UTF_8));
  }

  private String refused(int status, String reason, byte[] body)
      throws IOException, InterruptedException {
    int lines = said.size();
    HttpResponse<String> answer = http.submit(body);
    assertEquals(status, answer.statusCode(), answer.body());
    assertEquals(lines + 1, said.size(), said::toString);
    String line = said.getLast();
    assertTrue(line.startsWith("refused reason=" + reason), line);
    assertEquals(1, line.lines().count());
    String metric = "countersign_witness_refused_total{reason=\"" + reason + "\"} ";
    String metrics = http.get("/q/metrics").body();
    assertTrue(
        metrics.lines().anyMatch(each -> each.startsWith(metric) && !each.endsWith(" 0")), metrics);
    return answer.body();
  }

  @Test
  void aLogThatGrowsIsCosignedAtEverySize() throws Exception {
    assertCosigned(log, 0, 0);
    assertCosigned(log, 0, 1);
    assertCosigned(log, 1, 2);
    assertCosigned(log, 2, 7);
    assertCosigned(log, 7, 7);
    assertCosigned(log, 7, 256);
    assertCosigned(log, 256, 257);
    assertCosigned(log, 257, 400);
    String metrics = http.get("/q/metrics").body();
    assertTrue(
        metrics.contains("countersign_witness_cosigned_total{origin=\"example.com/log\"} 8\n"),
        metrics);
    assertTrue(
        metrics.contains("countersign_witness_size{origin=\"example.com/log\"} 400\n"), metrics);
  }

  @Test
  void aLogMayBeMetWhenItIsLargeAlready() throws Exception {
    assertCosigned(log, 0, 300);
    assertCosigned(log, 300, 301);
  }

  @Test
  void whatItHasCosignedItKnowsAfterARestart() throws Exception {
    assertCosigned(log, 0, 12);
    VerifierKey before = key();
    witness.close();
    open();
    assertEquals(before, key());
    assertTrue(http.get("/q/metrics").body().contains("_size{origin=\"example.com/log\"} 12\n"));
    assertEquals(12, Http.told(http.submit(log.submission(0, 5))));
    assertCosigned(log, 12, 13);
  }

  @Test
  void whoGoesOnFromAnotherSizeIsToldTheRightOne() throws Exception {
    assertEquals(0, Http.told(http.submit(log.submission(5, 9))));
    assertCosigned(log, 0, 9);
    assertEquals(9, Http.told(http.submit(log.submission(0, 20))));
    assertEquals(9, Http.told(http.submit(log.submission(10, 20))));
    refused(409, "other-size", log.submission(8, 20));
    assertCosigned(log, 9, 20);
  }

  @Test
  void aLogThatShrankIsRefused() throws Exception {
    assertCosigned(log, 0, 20);
    refused(400, "smaller-than-old", log.submission(20, 19));
    refused(409, "other-size", log.submission(0, 19));
    refused(409, "other-size", log.submission(19, 19));
    assertTrue(said.getLast().contains("the log shrank"), said.getLast());
    assertCosigned(log, 20, 21);
  }

  @Test
  void aLogThatForkedIsRefusedAtTheSameSizeAndAtAnyOther() throws Exception {
    assertCosigned(log, 0, 20);
    TestLog other = log.forkedAt(17);
    String sentence = refused(409, "forked", other.submission(20, 20));
    assertTrue(sentence.contains(log.root(20).base64()), sentence);
    // Both halves of what proves it stand there: the root before, and the one with its signature.
    assertTrue(sentence.contains(other.root(20).base64()), sentence);
    assertTrue(
        sentence.contains(
            Note.read(other.checkpoint(20).getBytes(UTF_8)).signatures().getFirst().line().strip()),
        sentence);
    refused(422, "not-consistent", other.submission(20, 30));
    refused(422, "not-consistent", other.submission(20, 400));
    // It has the entries of before behind it, and lacks the last three.
    assertCosigned(log, 20, 30);
    assertCosigned(log.forkedAt(30), 30, 40);
  }

  @Test
  void aLogThatWasPutBackIsToldWhereItWas() throws Exception {
    assertCosigned(log, 0, 20);
    assertCosigned(log, 20, 33);
    // The database is that of size 20, and goes on otherwise.
    TestLog rewound = log.forkedAt(21);
    assertEquals(33, Http.told(http.submit(rewound.submission(20, 25))));
    assertEquals(33, Http.told(http.submit(rewound.submission(20, 40))));
    refused(422, "not-consistent", rewound.submission(33, 40));
    refused(409, "forked", rewound.submission(33, 33));
  }

  @Test
  void aProofThatProvesNothingIsRefused() throws Exception {
    refused(422, "not-consistent", TestLog.body(0, List.of(log.root(1)), log.checkpoint(20)));
    assertCosigned(log, 0, 20);
    List<Hash> proof = log.proof(20, 30);
    List<Hash> shorter = proof.subList(0, proof.size() - 1);
    List<Hash> longer = new ArrayList<>(proof);
    longer.add(proof.getFirst());
    List<Hash> turned = new ArrayList<>(proof);
    Collections.reverse(turned);
    for (List<Hash> each : List.of(List.<Hash>of(), shorter, longer, turned)) {
      refused(422, "not-consistent", TestLog.body(20, each, log.checkpoint(30)));
    }
    refused(422, "not-consistent", TestLog.body(20, proof, log.checkpoint(20)));
    assertCosigned(log, 20, 30);
  }

  @Test
  void anUnknownLogIsRefusedUntilItsKeyIsThere() throws Exception {
    TestLog other = TestLog.named("example.org/foreign", folder);
    refused(404, "unknown-log", other.submission(0, 5));
    Path vkey = other.publish(folder.resolve("logs"));
    assertCosigned(other, 0, 5);
    assertCosigned(log, 0, 3);
    assertEquals(5, Http.told(http.submit(other.submission(0, 6))));
    Files.delete(vkey);
    refused(404, "unknown-log", other.submission(5, 6));
  }

  @Test
  void whatNoKnownKeySignedIsRefused() throws Exception {
    // Another key of the same name.
    TestLog impostor = TestLog.named("example.com/log", folder.resolve("impostor"));
    refused(403, "no-good-signature", impostor.submission(0, 5));
    // A good signature, under something else.
    String changed = log.submission(0, 5).replace("\n5\n", "\n6\n");
    refused(403, "no-good-signature", changed);
    // One good among others that nobody knows is enough.
    String both =
        log.checkpoint(5)
            + Note.read(impostor.checkpoint(5).getBytes(UTF_8)).signatures().getFirst().line();
    assertEquals(200, http.submit(TestLog.body(0, List.of(), both)).statusCode());
  }

  @Test
  void whatIsNoKeyOfALogIsSaidOnceAndHindersNoOther() throws Exception {
    Files.write(folder.resolve("logs/binary"), new byte[] {-1, -2, '\n'});
    Files.writeString(folder.resolve("logs/witness.vkey"), key() + "\nno key at all\n# a note\n");
    assertCosigned(log, 0, 1);
    assertTrue(said.stream().anyMatch(line -> line.contains("the key of a witness")));
    assertTrue(said.stream().anyMatch(line -> line.contains("no verifier key")));
    assertTrue(said.stream().anyMatch(line -> line.contains("binary are not known")));
    int lines = said.size();
    assertCosigned(log, 1, 2);
    assertEquals(lines, said.size(), "it is said once");
  }

  @Test
  void whatIsMalformedIsRefused() throws Exception {
    String note = log.checkpoint(5);
    String hash = log.root(5).base64();
    for (String each :
        List.of(
            "",
            "old 0\n",
            "old 0\n" + note,
            "old  0\n\n" + note,
            "old 00\n\n" + note,
            "old -1\n\n" + note,
            "old 0x1\n\n" + note,
            "old 9999999999999999999\n\n" + note,
            "new 0\n\n" + note,
            "old 0 \n\n" + note,
            "old 0\r\n\r\n" + note,
            "old 0\nnot base64!\n\n" + note,
            "old 0\nAAAA\n\n" + note,
            "old 0\n" + (hash + "\n").repeat(64) + "\n" + note,
            "old 0\n\n",
            "old 0\n\nexample.com/log\n5\n" + hash + "\n",
            "old 0\n\nexample.com/log\n05\n" + hash + "\n\n" + note.substring(note.indexOf('—')),
            "old 0\n\n" + note.strip())) {
      refused(400, "malformed", each);
    }
    refused(400, "malformed", new byte[] {'o', 'l', 'd', ' ', '0', '\n', '\n', -1, -2});
    refused(413, "too-large", new byte[(64 << 10) + 1]);
    // As many lines as a proof may have are a proof, though none of anything.
    refused(422, "not-consistent", "old 0\n" + (hash + "\n").repeat(63) + "\n" + note);
    assertCosigned(log, 0, 5);
  }

  @Test
  void whatALogSaysStaysOnOneLineOfOurs() throws Exception {
    String name = "example.com/\"\u202e\u2028log";
    String note = log.checkpoint(5).replace("example.com/log", name);
    refused(400, "malformed", "old 0\n\n" + note);
    refused(404, "unknown-log", "old 0\n\n" + note.replace("— " + name, "— someone"));
    assertTrue(said.getLast().contains("\"example.com/\\u0022\\u202e\\u2028log\""), said.getLast());
  }

  @Test
  void ofTwoForksAtOnceOneWins() throws Exception {
    TestLog other = log.forkedAt(1);
    assertCosigned(log, 0, 1);
    int size = 1;
    TestLog winner = log;
    try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<HttpResponse<String>>> answers = new ArrayList<>();
      for (int n = 0; n < 20; n++) {
        for (TestLog each : List.of(log, other)) {
          answers.add(pool.submit(() -> http.submit(each.submission(1, 40))));
        }
      }
      List<String> cosigned = new ArrayList<>();
      for (int n = 0; n < answers.size(); n++) {
        HttpResponse<String> answer = answers.get(n).get();
        if (answer.statusCode() == 200) {
          winner = n % 2 == 0 ? log : other;
          cosigned.add(answer.body());
        } else {
          assertEquals(40, Http.told(answer));
        }
      }
      // All but the first go on from a size that is no more the last.
      assertEquals(1, cosigned.size());
      size = 40;
    }
    assertCosigned(winner, size, 50);
    TestLog loser = winner.equals(log) ? other : log;
    refused(422, "not-consistent", loser.submission(50, 60));
  }

  @Test
  void aStoreThatIsDamagedIsNeverBegunAnew() throws Exception {
    TestLog other = TestLog.named("example.org/foreign", folder);
    other.publish(folder.resolve("logs"));
    assertCosigned(log, 0, 20);
    Path file = onlyFile();
    assertCosigned(other, 0, 7);
    byte[] good = Files.readAllBytes(file);
    byte[] smaller = new String(good, UTF_8).replace("\n20\n", "\n10\n").getBytes(UTF_8);
    byte[] cut = Arrays.copyOf(good, good.length - 30);
    for (byte[] bad : List.of(new byte[0], new byte[300], smaller, cut)) {
      Files.write(file, bad);
      refused(500, "store", log.submission(0, 20));
      refused(500, "store", log.submission(20, 30));
      witness.close();
      open();
      assertTrue(said.stream().anyMatch(line -> line.startsWith("nothing of one log is cosigned")));
      refused(500, "store", log.submission(0, 30));
      // What another log was is still known.
      assertEquals(7, Http.told(http.submit(other.submission(0, 8))));
      assertArrayEquals(bad, Files.readAllBytes(file));
    }
    // The file of the one log is not that of the other.
    Files.write(file, Files.readAllBytes(otherThan(file)));
    refused(500, "store", log.submission(0, 30));
    Files.write(file, good);
    assertCosigned(log, 20, 30);
  }

  @Test
  void whatCannotBeKeptIsNotCosigned() throws Exception {
    assertCosigned(log, 0, 20);
    // A folder stands where the new file would be begun: not even root writes there.
    Path begun = folder.resolve("state/seen").resolve(Durable.BEGUN + onlyFile().getFileName());
    Files.createDirectory(begun);
    refused(500, "store", log.submission(20, 30));
    assertEquals(20, Http.told(http.submit(log.submission(0, 30))));
    Files.delete(begun);
    assertCosigned(log, 20, 30);
  }

  /// A process that is killed after it renamed the file and before it synced the folder leaves what
  /// can be read, and may be gone after the next power cut.
  @Test
  void whatIsCosignedAgainIsKeptAgain() throws Exception {
    assertCosigned(log, 0, 20);
    Path file = onlyFile();
    Object before = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    Files.createLink(folder.resolve("before"), file); // so that no other file gets its number
    assertCosigned(log, 20, 20);
    assertNotEquals(before, Files.readAttributes(file, BasicFileAttributes.class).fileKey());
  }

  @Test
  void whatAKilledWitnessHadBegunToWriteIsNoFileOfALog() throws Exception {
    assertCosigned(log, 0, 20);
    witness.close();
    Path file = onlyFile();
    Path begun = file.resolveSibling(Durable.BEGUN + file.getFileName());
    Files.write(begun, Arrays.copyOf(Files.readAllBytes(file), 30));

    open();

    assertTrue(Files.notExists(begun));
    assertEquals(
        String.valueOf(file.getFileName()), Files.readString(folder.resolve("state/seen.index")));
    assertTrue(
        said.stream().noneMatch(each -> each.startsWith("nothing of one log")), said::toString);
    assertCosigned(log, 20, 30);
    assertEquals(200, http.get("/q/health/ready").statusCode());
  }

  @Test
  void anIndexThatNamesWhatWasOnlyBegunHeals() throws Exception {
    assertCosigned(log, 0, 20);
    witness.close();
    Path index = folder.resolve("state/seen.index");
    String good = Files.readString(index);
    Files.writeString(index, Durable.BEGUN + good + "\n" + good);

    open();

    assertEquals(200, http.get("/q/health/ready").statusCode());
    assertEquals(good, Files.readString(index));
  }

  @Test
  void withoutWhatItHasSeenItDoesNotStart() throws Exception {
    assertCosigned(log, 0, 20);
    Path seen = folder.resolve("state/seen");
    witness.close();
    Path away = Files.move(seen, folder.resolve("away"));
    IOException refused = assertThrows(IOException.class, this::open);
    assertTrue(String.valueOf(refused.getMessage()).contains("is gone"));
    Files.move(away, seen);
    open();
    assertEquals(20, Http.told(http.submit(log.submission(0, 30))));
    // Taken away while it runs.
    Files.move(seen, away);
    refused(500, "store", log.submission(0, 30));
    Files.move(away, seen);
  }

  @Test
  void aLogWhoseFileIsTakenAwayDoesNotBeginAnew() throws Exception {
    assertCosigned(log, 0, 20);
    Path file;
    try (Stream<Path> files = Files.list(folder.resolve("state/seen"))) {
      file =
          files.filter(each -> each.toString().endsWith(".checkpoint")).findFirst().orElseThrow();
    }
    Path away = Files.move(file, folder.resolve("away"));
    refused(500, "store", log.submission(0, 30));
    assertEquals(503, http.get("/q/health/ready").statusCode());
    witness.close();
    open();
    assertTrue(said.stream().anyMatch(each -> each.contains("is gone")), said::toString);
    refused(500, "store", log.submission(0, 30));
    assertEquals(503, http.get("/q/health/ready").statusCode());

    Files.move(away, file);

    assertEquals(200, http.get("/q/health/ready").statusCode());
    assertCosigned(log, 20, 30);
  }

  @Test
  void underAnotherNameItDoesNotStart() throws Exception {
    witness.close();
    assertThrows(
        IOException.class,
        () -> Witness.open(settings("example.com/other"), InstantSource.fixed(NOW), said::add));
    open();
  }

  @Test
  void eachPageTakesItsMethodAlone() throws Exception {
    assertEquals(405, http.get("/add-checkpoint").statusCode());
    assertEquals(404, http.get("/").statusCode());
    assertEquals(200, http.get("/q/health/ready").statusCode());
    assertEquals(200, http.get("/q/health/live").statusCode());
    assertEquals(
        key() + "\n", Files.readString(folder.resolve("state/witness.vkey")), "as verify finds it");
  }

  /// Whoever reaches the port can have anything else refused.
  @Test
  void anAlarmIsWhatALogThatIsKnownHereIsRefusedForAndNothingElse() throws Exception {
    Matcher rule =
        REASONS.matcher(Files.readString(Path.of("../docs/runbooks/alerts.yaml"), UTF_8));
    assertTrue(rule.find(), "the alarm names its reasons");
    String told = Files.readString(Path.of("../docs/witness.md"), UTF_8);
    Set<Reason> alarming =
        EnumSet.of(Reason.SMALLER_THAN_OLD, Reason.FORKED, Reason.NOT_CONSISTENT, Reason.STORE);
    for (Reason reason : Reason.values()) {
      assertEquals(alarming.contains(reason), reason.word().matches(rule.group(1)), reason.word());
      assertTrue(!alarming.contains(reason) || told.contains('`' + reason.word() + '`'), told);
    }
  }

  private Path onlyFile() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("state/seen"))) {
      return files
          .filter(each -> each.toString().endsWith(".checkpoint"))
          .reduce((_, _) -> {
            throw new IllegalStateException("more than one");
          })
          .orElseThrow();
    }
  }

  private Path otherThan(Path file) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("state/seen"))) {
      return files
          .filter(each -> each.toString().endsWith(".checkpoint") && !each.equals(file))
          .findFirst()
          .orElseThrow();
    }
  }
}
