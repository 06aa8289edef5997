package dev.countersign.gateway.inbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.events.Decision;
import dev.countersign.gateway.Samples;
import dev.countersign.testservers.Servers;
import dev.countersign.testservers.Wire;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongPredicate;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Who waits for an action, and for how long that costs anything.
@NullMarked
@QuarkusTest
@TestProfile(RateLimitTest.Slow.class)
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
class WaitingTest {

  private static final int SECONDS = 45;
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  @TestHTTPResource("/")
  URI base = URI.create("/");

  @Inject
  @SuppressWarnings("NullAway.Init")
  MeterRegistry meters;

  @SuppressWarnings("NullAway.Init") // injected
  Wire wire;

  /// Those of other tests have left, or have waited as long as anybody may.
  @BeforeEach
  void nobodyWaits() {
    await(it -> it == 0, PATIENCE);
  }

  private void await(LongPredicate fits, Duration patience) {
    long until = System.nanoTime() + patience.toNanos();
    while (!fits.test(waiting())) {
      assertTrue(System.nanoTime() < until, () -> waiting() + " wait");
      LockSupport.parkNanos(1_000_000);
    }
  }

  private long waiting() {
    return (long) meters.get("countersign.gateway.waiting").gauge().value();
  }

  private Samples proposed() throws Exception {
    Samples sample = Samples.fresh();
    assertEquals(202, Door.of(base).post("/v1/actions", sample.json()).status());
    return sample;
  }

  private Socket send(String request) throws IOException {
    Socket socket = new Socket(base.getHost(), base.getPort());
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static String get(String path) {
    return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  }

  private static String check(Samples sample) {
    String body =
        """
        {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "check_approval",
         "arguments": {"action_id": "%s", "wait_seconds": %d}}}
        """
            .formatted(sample.actionId(), SECONDS);
    return """
    POST /mcp HTTP/1.1\r
    Host: localhost\r
    Content-Type: application/json\r
    MCP-Protocol-Version: 2025-11-25\r
    Content-Length: %d\r
    \r
    %s\
    """
        .formatted(body.length(), body);
  }

  @Test
  void whoHangsUpIsKeptNoLonger() throws Exception {
    Samples sample = proposed();
    String action = "/v1/actions/" + sample.actionId();
    long began = System.nanoTime();
    try (Socket _ = send(get(action + "?wait=" + SECONDS));
        Socket _ = send(check(sample));
        Socket _ = send(get(action + "/events"))) {
      await(it -> it == 3, PATIENCE);
    }
    // Had they stayed, two of them would wait to the end of their time.
    Duration left = Duration.ofSeconds(SECONDS - 5).minusNanos(System.nanoTime() - began);
    await(it -> it == 0, left);
  }

  @Test
  void whereThereIsNoRoomToWaitTheStateIsToldAtOnceAndWhenToAskAgain() throws Exception {
    Samples sample = proposed();
    String action = "/v1/actions/" + sample.actionId();
    Door door = Door.of(base);
    List<CompletableFuture<Door.Answer>> patient = new ArrayList<>();
    for (int i = 0; i < RateLimitTest.ROOM; i++) {
      patient.add(door.later("GET", action + "?wait=" + SECONDS));
    }
    await(it -> it == RateLimitTest.ROOM, PATIENCE);

    Door.Answer rest = door.get(action + "?wait=" + SECONDS);
    assertEquals(200, rest.status(), rest::toString);
    assertEquals("received", rest.text("/status"));
    assertEquals("1", rest.header("retry-after"));
    Door.Answer mcp = door.post("/mcp", check(sample).substring(check(sample).indexOf('{')));
    assertEquals("received", mcp.text("/result/structuredContent/status"), mcp::toString);
    assertEquals("1", mcp.text("/result/structuredContent/retry_after"));
    Door.Answer stream = door.get(action + "/events");
    assertEquals(503, stream.status(), stream::toString);
    assertEquals("no-room", stream.problem());
    assertEquals("1", stream.header("retry-after"));
    Door.Answer listening = door.get("/mcp");
    assertEquals(503, listening.status(), listening::toString);
    assertTrue(patient.stream().noneMatch(CompletableFuture::isDone), "they came first and wait");

    wire.publish(sample.decision(Decision.Outcome.DENIED));
    for (CompletableFuture<Door.Answer> each : patient) {
      assertEquals("denied", each.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).text("/status"));
    }
    // They have left, and there is room again.
    try (Socket _ = send(get("/v1/actions/" + proposed().actionId() + "?wait=" + SECONDS))) {
      await(it -> it == 1, PATIENCE);
    }
  }

  @Test
  void whoListensTakesUpRoomForAsLongAsTheyDo() throws Exception {
    try (Socket _ = send(get("/mcp"))) {
      await(it -> it == 1, PATIENCE);
    }
    await(it -> it == 0, PATIENCE);
  }
}
