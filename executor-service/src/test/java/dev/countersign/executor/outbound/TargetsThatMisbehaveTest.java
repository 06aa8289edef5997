package dev.countersign.executor.outbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.countersign.executor.application.Readings;
import dev.countersign.executor.domain.Probe;
import dev.countersign.executor.domain.Reach;
import dev.countersign.executor.domain.Reading;
import dev.countersign.executor.domain.UrlTemplate;
import io.smallrye.mutiny.Uni;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever a target does, an outcome comes, in time and within bounds, and claims no more than is
/// known.
class TargetsThatMisbehaveTest {

  private static final Duration SECONDS = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(400);

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path folder;

  @Test
  void oneThatNeverAnswersIsGivenUp() throws Exception {
    try (RawServer target = RawServer.on((_, closed) -> closed.await())) {
      assertEquals("broken timeout", came(target, SHORT));
    }
  }

  @Test
  void oneThatDripsIsGivenUpInTimeAllTheSame() throws Exception {
    try (RawServer target =
        RawServer.on((out, closed) -> {
          out.write(bytes("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"));
          while (!closed.await(20, TimeUnit.MILLISECONDS)) {
            out.write(' ');
            out.flush();
          }
        })) {
      long begun = System.nanoTime();
      assertEquals("broken timeout", came(target, SHORT));
      assertTrue(System.nanoTime() - begun < Duration.ofSeconds(5).toNanos());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // Cut off half-way, in the body and in the head.
        "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        "HTTP/1.1 200 OK\r\nConte",
        "",
        // No HTTP.
        "what is it you want?\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nXYZ\r\nhalf\r\n",
        "SSH-2.0-OpenSSH_9.9\r\n",
      })
  void oneThatIsCutOffOrSpeaksNoHttpMayHaveDoneIt(String answer) throws Exception {
    try (RawServer target =
        RawServer.on((out, _) -> {
          out.write(bytes(answer));
          out.flush();
          throw new IOException("cut off");
        })) {
      assertEquals("broken cut-off", came(target, Duration.ofSeconds(5)));
    }
  }

  @Test
  void ofAnEndlessAnswerNoMoreIsReadThanWeTake() throws Exception {
    byte[] chunk = new byte[64 * 1024];
    long[] written = new long[1];
    try (RawServer target =
        RawServer.on((out, _) -> {
          out.write(bytes("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n"));
          for (int i = 0; i < 15_000; i++) {
            out.write(chunk);
            written[0] += chunk.length;
          }
        })) {
      assertEquals("answered 200 and not read to its end", came(target, Duration.ofSeconds(20)));
      assertTrue(written[0] < 100_000_000, "read on: " + written[0]);
    }
  }

  @Test
  void anEndlessHeadIsNoAnswer() throws Exception {
    try (RawServer target =
        RawServer.on((out, closed) -> {
          out.write(bytes("HTTP/1.1 200 OK\r\n"));
          for (int i = 0; i < 2_000; i++) {
            out.write(bytes("X-" + i + ": " + "x".repeat(1_000) + "\r\n"));
          }
          closed.await();
        })) {
      assertEquals("broken cut-off", came(target, Duration.ofSeconds(10)));
    }
  }

  @Test
  void theSecondOfTwoAnswersIsNeverTheNextRequests() throws Exception {
    try (RawServer target =
            RawServer.saying(
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst"
                    + "HTTP/1.1 500 No\r\nContent-Length: 6\r\n\r\nsecond");
        Gate gate = Gate.of(folder)) {
      int answered = 0;
      for (int i = 0; i < 20; i++) {
        Gate.Came came = gate.get(target.url(), Gate.reach(true, null, "localhost"));
        boolean isAnswered = came.exchanged() instanceof Exchanged.Answered;
        assertTrue(isAnswered || i > 0, came::toString);
        answered += isAnswered ? 1 : 0;
        // A connection on which somebody says more than was asked is closed: whoever is on it then
        // learns nothing, and nothing wrong.
        assertTrue(
            !isAnswered || (came.code().equals("answered 200") && came.body().equals("first")),
            came::toString);
      }
      assertTrue(answered > 1, "nobody after the first");
    }
  }

  @Test
  void whatManySayAtTheSameTimeIsBoundedAndWhoNeedsNoRoomIsRead() throws Exception {
    int all = 1024 * 1024;
    CountDownLatch goOn = new CountDownLatch(1);
    try (RawServer large =
            RawServer.on((out, _) -> {
              out.write(
                  bytes("HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: " + all + "\r\n\r\n"));
              out.write(bytes(" ".repeat(all - 1)));
              out.flush();
              goOn.await();
              out.write('1');
            });
        RawServer small =
            RawServer.saying("HTTP/1.1 200 OK\r\nETag: \"2\"\r\nContent-Length: 1\r\n\r\n2");
        Gate gate = Gate.of(folder)) {
      Semaphore room = new Semaphore(all);
      TargetReadings readings =
          new TargetReadings(gate.authorized(), gate.vertx, room, new Semaphore(all));
      Probe.Take body = new Probe.Take.Pointer(JsonPointer.empty());

      CompletableFuture<Reading> first =
          read(readings, large, body).subscribe().asCompletionStage().toCompletableFuture();
      while (room.availablePermits() > 0) {
        Thread.onSpinWait();
      }

      Reading.Unread crowded =
          assertInstanceOf(
              Reading.Unread.class, read(readings, small, body).await().atMost(SECONDS));
      assertEquals("precondition-unreadable", crowded.reason().code());
      assertTrue(crowded.reason().text().contains("too much is being read"), crowded::toString);
      assertTrue(crowded.crowded());
      assertEquals("2", value(read(readings::readLast, small, body)));
      assertEquals("\"2\"", value(read(readings, small, new Probe.Take.Etag(false))));
      goOn.countDown();
      assertInstanceOf(Reading.Read.class, first.get(30, TimeUnit.SECONDS));
      assertEquals("2", value(read(readings, small, body)));
      assertEquals(all, room.availablePermits());
    }
  }

  private static Uni<Reading> read(Readings readings, RawServer target, Probe.Take take) {
    Reach reach = Gate.reach(true, null, "localhost");
    return readings.read(
        Gate.connector(
            target.url(),
            reach,
            List.of(new Probe("It", UrlTemplate.of(target.url()), take, SECONDS))),
        MissingNode.getInstance(),
        null);
  }

  private static String value(Uni<Reading> reading) {
    Reading.Read read = assertInstanceOf(Reading.Read.class, reading.await().atMost(SECONDS));
    return read.preconditions().getFirst().value();
  }

  private String came(RawServer target, Duration timeout) throws Exception {
    try (Gate gate = Gate.of(folder)) {
      return gate.get(target.url(), Gate.reach(true, null, "localhost"), timeout).code();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
