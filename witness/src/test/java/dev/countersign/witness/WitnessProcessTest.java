package dev.countersign.witness;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.tlog.Hash;
import dev.countersign.tlog.Note;
import dev.countersign.tlog.VerifierKey;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The program as a process of its own: killed, stopped, kept waiting.
class WitnessProcessTest {

  private static final int KILLS = 6;
  private static final int LOGS = 2;

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path folder;

  /// What the witness put its name to, as the log got it.
  private record Cosigned(int size, Hash root) {}

  /// A log, its other story, and what was cosigned of either.
  private record Contest(TestLog one, TestLog other, ConcurrentLinkedQueue<Cosigned> cosigned) {

    List<TestLog> sides() {
      return List.of(one, other);
    }

    int largest() {
      return cosigned.stream().mapToInt(Cosigned::size).max().orElse(0);
    }
  }

  /// From each log two stories come at once, as fast as the witness takes them, while it is killed
  /// again and again. The two differ from the third entry on, so nearly all that is cosigned says
  /// which one it is of.
  @Test
  void howeverOftenItIsKilledAllThatItCosignedLiesOnOneLine() throws Exception {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    Path logs = folder.resolve("logs");
    List<Contest> contests = new ArrayList<>();
    for (int n = 0; n < LOGS * KILLS; n++) {
      TestLog log = TestLog.named("example.com/log" + n, folder);
      log.publish(logs);
      contests.add(new Contest(log, log.forkedAt(2), new ConcurrentLinkedQueue<>()));
    }
    for (int kill = 0; kill < KILLS; kill++) {
      RunningWitness witness = RunningWitness.start(folder.resolve("state"), logs.toString());
      try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
        VerifierKey key = VerifierKey.read(witness.http().get("/vkey").body());
        CountDownLatch some = new CountDownLatch(5 + random.nextInt(60));
        List<Future<?>> running = new ArrayList<>();
        List<Contest> known = contests.subList(0, (kill + 1) * LOGS);
        for (Contest each : known) {
          assertHolds(witness.http(), each, "seed " + seed);
        }
        // Those of the round before, and some that it has never been asked about.
        for (Contest each : known.subList(Math.max(0, kill - 1) * LOGS, known.size())) {
          for (TestLog side : each.sides()) {
            running.add(pool.submit(() -> submit(witness.http(), key, side, each, some)));
          }
        }
        assertTrue(some.await(60, TimeUnit.SECONDS), "seed " + seed + " " + witness.lines());
        witness.kill();
        for (Future<?> each : running) {
          each.get();
        }
      } finally {
        witness.kill();
      }
      contests.forEach(each -> assertOneLine(each, "seed " + seed));
    }
  }

  /// Submits ever larger checkpoints of one side, until the witness is gone.
  private static void submit(
      Http http, VerifierKey key, TestLog side, Contest contest, CountDownLatch some) {
    int old = 0;
    try {
      while (true) {
        int size = Math.min(old + 1, side.leaves().size());
        HttpResponse<String> answer = http.submit(side.submission(old, size));
        some.countDown();
        switch (answer.statusCode()) {
          case 200 -> {
            Note note = Note.read((side.checkpoint(size) + answer.body()).getBytes(UTF_8));
            assertTrue(key.cosigned(note).isPresent());
            contest.cosigned().add(new Cosigned(size, side.root(size)));
            old = size;
          }
          case 409 -> old = Http.told(answer);
          // The other side has won; this one tries its luck from the beginning.
          case 422 -> old = 0;
          default -> throw new AssertionError(answer.statusCode() + " " + answer.body());
        }
      }
    } catch (IOException e) {
      // It was killed.
      return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// What it has put its name to it knows, after whatever happened.
  private static void assertHolds(Http http, Contest contest, String seed)
      throws IOException, InterruptedException {
    int old = contest.one().leaves().size();
    HttpResponse<String> answer = http.submit(contest.one().submission(old, old));
    // One that has come to its end is cosigned once more, or refused as the other story.
    int held =
        answer.headers().firstValue("Content-Type").orElse("").equals("text/x.tlog.size")
            ? Http.told(answer)
            : old;
    assertTrue(held >= contest.largest(), held + " < " + contest.largest() + ", " + seed);
  }

  private static void assertOneLine(Contest contest, String seed) {
    long sides =
        contest.sides().stream()
            .filter(side ->
                contest.cosigned().stream()
                    .anyMatch(
                        each -> each.size() > 2 && side.root(each.size()).equals(each.root())))
            .count();
    assertTrue(sides <= 1, contest.one().name() + " was cosigned with both stories, " + seed);
  }

  @Test
  void itStopsWhenItIsToldToAndGivesItsFolderBack() throws Exception {
    TestLog log = TestLog.named("example.com/log", folder);
    Path vkey = log.publish(folder.resolve("logs"));
    // Places that aren't there yet are no mistake.
    String places = folder.resolve("later") + File.pathSeparator + vkey;
    Path state = folder.resolve("state");
    RunningWitness first = RunningWitness.start(state, places);
    try {
      assertEquals(200, first.http().submit(log.submission(0, 4)).statusCode());
      IOException second =
          assertThrows(IOException.class, () -> RunningWitness.start(state, places));
      assertTrue(String.valueOf(second.getMessage()).contains("in use by another witness"));
      assertEquals(143, first.stop());
    } finally {
      first.kill();
    }
    RunningWitness again = RunningWitness.start(state, places);
    try {
      assertEquals(4, Http.told(again.http().submit(log.submission(0, 5))));
    } finally {
      again.kill();
    }
    assertTrue(Files.exists(state.resolve("witness/witness.vkey")), "where DESIGN has it");
  }

  @Test
  void whoSendsHalfASubmissionAndWaitsLosesTheConnection() throws Exception {
    TestLog log = TestLog.named("example.com/log", folder);
    RunningWitness witness =
        RunningWitness.start(
            folder.resolve("state"),
            log.publish(folder.resolve("logs")).toString(),
            "-Dsun.net.httpserver.maxReqTime=1");
    try (Socket slow = new Socket(InetAddress.getLoopbackAddress(), witness.http().port())) {
      slow.setSoTimeout(30_000);
      slow.getOutputStream()
          .write(
              "POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\nold 0\n"
                  .getBytes(UTF_8));
      slow.getOutputStream().flush();
      assertEquals(-1, slow.getInputStream().read());
      assertEquals(200, witness.http().submit(log.submission(0, 4)).statusCode());
    } finally {
      witness.kill();
    }
  }

  @Test
  void withoutItsSettingsItSaysWhatItNeeds() {
    IOException refused =
        assertThrows(IOException.class, () -> RunningWitness.start(folder.resolve("state"), " "));
    assertTrue(String.valueOf(refused.getMessage()).contains("set COUNTERSIGN_WITNESS_LOGS"));
  }
}
