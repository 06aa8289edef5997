package dev.countersign.policy.outbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import dev.countersign.events.Action;
import dev.countersign.events.Agent;
import dev.countersign.events.EventJson;
import dev.countersign.events.Tool;
import dev.countersign.messaging.Unavailable;
import dev.countersign.policy.application.Preconditions.Found;
import dev.countersign.policy.application.Preconditions.Reading;
import dev.countersign.policy.application.Preconditions.Unreadable;
import dev.countersign.policy.inbound.PolicyFolder;
import dev.countersign.testservers.Servers;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What is asked of the executor over HTTP, and what is made of each thing it can answer.
@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = PolicyFolder.class, scope = TestResourceScope.GLOBAL)
class ExecutorPreconditionsTest {

  private static final Action DROP =
      new Action(
          new Agent("ops-bot", null, null, null),
          new Tool("database", "drop_database"),
          JsonNodeFactory.instance.objectNode().put("database", "wiki"));
  private static final String FOUND =
      """
      {"preconditions": [{"label": "Tables", "value": "14", "fingerprint": "sha256:%s"}]}\
      """
          .formatted("ab".repeat(32));

  private final List<JsonNode> asked = new CopyOnWriteArrayList<>();

  @SuppressWarnings("NullAway.Init") // before each
  private HttpServer server;

  private volatile int status = 200;
  private volatile String answer = "";

  @BeforeEach
  void open() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/v1/preconditions",
        exchange -> {
          asked.add(EventJson.readTree(exchange.getRequestBody().readAllBytes()));
          byte[] body = answer.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void close() {
    server.stop(0);
  }

  private List<Reading> read(List<Action> actions) {
    return new ExecutorPreconditions(
            URI.create("http://127.0.0.1:" + server.getAddress().getPort()))
        .read(actions)
        .await()
        .atMost(Duration.ofSeconds(20));
  }

  private static String answers(String... readings) {
    return "{\"readings\": [" + String.join(",", readings) + "]}";
  }

  @Test
  void eachActionGetsItsOwnReadingInOrder() {
    answer =
        answers(
            FOUND,
            "{\"reason\": {\"code\": \"gone\", \"text\": \"It is gone.\"}}",
            "{\"preconditions\": []}");
    List<Reading> readings = read(List.of(DROP, DROP, DROP));

    Found found = assertInstanceOf(Found.class, readings.get(0));
    assertEquals("14", found.preconditions().getFirst().value());
    assertEquals("gone", assertInstanceOf(Unreadable.class, readings.get(1)).reason().code());
    assertEquals(new Found(List.of()), readings.get(2));
    assertEquals(1, asked.size());
    JsonNode first = asked.getFirst().path("readings").path(0);
    assertEquals("drop_database", first.path("tool").path("name").textValue());
    assertEquals(DROP.parameters(), first.path("parameters"));
  }

  @Test
  void asManyAreAskedAtOnceAsTheExecutorTakes() {
    answer = answers(IntStream.range(0, 500).mapToObj(_ -> FOUND).toArray(String[]::new));
    assertEquals(1000, read(Collections.nCopies(1000, DROP)).size());
    assertEquals(
        List.of(500, 500), asked.stream().map(each -> each.path("readings").size()).toList());
  }

  @Test
  void whatIsManyTimesItsTextOnceItIsReadIsAskedAboutInParts() {
    answer = answers(FOUND, FOUND, FOUND);
    ArrayNode many = JsonNodeFactory.instance.arrayNode();
    for (int i = 0; i < 20_000; i++) {
      many.addObject();
    }
    Action large =
        new Action(
            DROP.agent(),
            DROP.tool(),
            JsonNodeFactory.instance.objectNode().<ObjectNode>set("many", many));

    assertEquals(6, read(Collections.nCopies(6, large)).size());
    assertEquals(List.of(3, 3), asked.stream().map(each -> each.path("readings").size()).toList());
  }

  @Test
  void whatIsLargeIsAskedAboutInPartsThatTheExecutorTakes() {
    answer = answers(IntStream.range(0, 8).mapToObj(_ -> FOUND).toArray(String[]::new));
    Action large =
        new Action(
            DROP.agent(),
            DROP.tool(),
            JsonNodeFactory.instance.objectNode().put("text", "x".repeat(60_000)));

    assertEquals(16, read(Collections.nCopies(16, large)).size());
    // It takes 1 MiB at a time.
    assertEquals(List.of(8, 8), asked.stream().map(each -> each.path("readings").size()).toList());
  }

  @Test
  void anExecutorThatIsAwayIsWaitedFor() {
    status = 503;
    assertThrows(Unavailable.class, () -> read(List.of(DROP)));
    server.stop(0);
    assertThrows(Unavailable.class, () -> read(List.of(DROP)));
  }

  @Test
  void anAnswerThatIsNoneIsARefusalAndStopsNobody() {
    for (String garbage :
        List.of(
            "",
            "[]",
            "{\"readings\": \"none\"}",
            answers(),
            answers(FOUND, FOUND),
            answers("{\"preconditions\": [{\"label\": \"Tables\"}]}"),
            answers("{\"preconditions\": \"none\"}"),
            answers("{}"),
            answers("null"),
            answers("{\"reason\": \"no\"}"))) {
      answer = garbage;
      assertInstanceOf(Unreadable.class, read(List.of(DROP)).getFirst(), garbage);
    }
    status = 404;
    answer = answers(FOUND);
    assertInstanceOf(Unreadable.class, read(List.of(DROP)).getFirst());
  }
}
