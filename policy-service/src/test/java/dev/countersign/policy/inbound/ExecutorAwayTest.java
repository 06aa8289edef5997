package dev.countersign.policy.inbound;

import static dev.countersign.policy.domain.Proposals.proposal;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.countersign.events.EventJson;
import dev.countersign.events.Topics;
import dev.countersign.events.Verdict;
import dev.countersign.launcher.FreePorts;
import dev.countersign.testservers.Servers;
import dev.countersign.testservers.Wire;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What rests on nothing that the executor reads does not wait for it, however long it is away.
@QuarkusTest
@TestProfile(ExecutorAwayTest.OfOurs.class)
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = PolicyFolder.class, scope = TestResourceScope.GLOBAL)
@SuppressWarnings("NullAway.Init") // injected, and before each
class ExecutorAwayTest {

  /// With an executor at a port of ours.
  public static class OfOurs implements QuarkusTestProfile {

    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of(
          "countersign.executor.url",
          "http://127.0.0.1:" + FreePorts.one(),
          "countersign.executor.patience",
          "PT5S");
    }
  }

  private static final String FOUND =
      """
      {"readings": [{"preconditions":
          [{"label": "Tables", "value": "14", "fingerprint": "sha256:%s"}]}]}\
      """
          .formatted("ab".repeat(32));

  @ConfigProperty(name = "countersign.executor.url")
  URI executor;

  Wire wire;

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch back = new CountDownLatch(1);
  private final AtomicInteger held = new AtomicInteger();
  private HttpServer server;
  private volatile boolean hangs;

  @BeforeEach
  void open() throws IOException {
    server =
        HttpServer.create(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), executor.getPort()), 0);
    server.setExecutor(threads);
    server.createContext("/v1/preconditions", this::answer);
    server.start();
  }

  @AfterEach
  void close() {
    back.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  private void answer(HttpExchange exchange) throws IOException {
    exchange.getRequestBody().readAllBytes();
    if (!hangs) {
      exchange.sendResponseHeaders(503, -1);
      exchange.close();
      return;
    }
    held.incrementAndGet();
    try {
      back.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    byte[] body = FOUND.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private Verdict verdict(String tool, String parameters) {
    String id = UUID.randomUUID().toString();
    // One partition has one order.
    wire.send(ProposalRecords.binary("same", proposal(tool).id(id).parameters(parameters).bytes()));
    wire.await("verdict", () -> !wire.under(id, Topics.VERDICT).isEmpty());
    return EventJson.read(wire.under(id, Topics.VERDICT).getFirst().value(), Verdict.class);
  }

  private Verdict dropped() {
    return verdict("database/drop_database", "{\"database\": \"sandbox\"}");
  }

  @Test
  void anExecutorThatStaysAwayHoldsOthersUpOnceAndIsAskedUntilItIsBack() {
    assertUnread(dropped());

    hangs = true;
    int batches = 10;
    for (int i = 0; i < batches; i++) {
      assertUnread(dropped());
      assertInstanceOf(Verdict.Allowed.class, verdict("demo/noop", "{}"));
    }
    // What waits for the executor asks it first; and it is asked on the side.
    wire.await("that it is asked", () -> held.get() > 0);
    assertTrue(held.get() < batches, () -> held.get() + " were waited for");

    back.countDown();
    wire.await("a question again", () -> dropped() instanceof Verdict.ApprovalRequired);
  }

  private static void assertUnread(Verdict verdict) {
    assertEquals(
        "precondition-unreadable",
        assertInstanceOf(Verdict.Refused.class, verdict).reason().code());
  }
}
