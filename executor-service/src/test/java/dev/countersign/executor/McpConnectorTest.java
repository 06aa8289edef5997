package dev.countersign.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.EventJson;
import dev.countersign.testservers.Servers;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A tool of an MCP server by the official SDK, and access tokens of a certified provider.
@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = Outside.class, scope = TestResourceScope.GLOBAL)
class McpConnectorTest {

  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @ConfigProperty(name = "kafka.bootstrap.servers")
  String bootstrapServers;

  @ConfigProperty(name = "test.upstream")
  String upstream;

  @SuppressWarnings("NullAway.Init") // set before each test
  private Wire wire;

  @BeforeEach
  void open() {
    assumeFalse(upstream.equals("none"), "needs Node.js");
    wire = new Wire(bootstrapServers);
  }

  @AfterEach
  void close() throws InterruptedException {
    if (wire != null) {
      wire.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"refund", "refund-plain"})
  void theToolIsCalledOnceWithTheApprovedArgumentsWhicheverWayItsServerAnswers(String tool)
      throws Exception {
    ActionId actionId = new ActionId(UUID.randomUUID());

    JsonNode execution = run(actionId, tool);

    assertEquals("succeeded", execution.path("status").asText(), execution::toString);
    assertEquals("ok", execution.path("result").path("code").asText());
    assertTrue(execution.path("result").path("digest").asText().startsWith("sha256:"));
    assertFalse(execution.toString().contains("a secret"), execution::toString);
    List<JsonNode> calls = calls(actionId);
    assertEquals(1, calls.size());
    assertEquals(
        EventJson.tree(java.util.Map.of("customer", "C-1", "amount", "12.50")),
        calls.getFirst().path("args"));
    JsonNode headers = calls.getFirst().path("headers");
    assertEquals(actionId.toString(), headers.path("idempotency-key").asText());
    assertEquals("2025-11-25", headers.path("mcp-protocol-version").asText());
    assertEquals(Wire.TRACE, headers.path("traceparent").asText());
  }

  @Test
  void aSessionIsOpenWhenItsCallComesAndIsEndedWhenNoneComes() {
    Wire.await("the end of others' sessions", () -> seen().path("sessions").asInt() == 0);
    int before = seen().path("opened").asInt();
    JsonNode execution = run(new ActionId(UUID.randomUUID()), "refund");
    assertEquals("succeeded", execution.path("status").asText(), execution::toString);
    Wire.await("a session ahead", () -> seen().path("opened").asInt() == before + 2);

    Wire.await("the end of all sessions", () -> seen().path("sessions").asInt() == 0);
  }

  @ParameterizedTest
  @CsvSource({
    "broken,      unknown, tool-error",
    "vouched,     failed,  tool-error",
    "not-there,   unknown, tool-error",
    "never,       unknown, timeout",
    "no-mcp,      failed,  mcp-version",
    "inside,      refused, address-not-allowed",
    "oauth-wrong, failed,  token-refused",
    "oauth-none,  failed,  token-refused",
  })
  void theOutcomeSaysWhatIsKnown(String tool, String status, String reason) throws Exception {
    ActionId actionId = new ActionId(UUID.randomUUID());

    JsonNode execution = run(actionId, tool);

    assertEquals(status, execution.path("status").asText(), execution::toString);
    assertEquals(reason, execution.path("reason").path("code").asText());
    assertFalse(execution.toString().contains("a secret"), execution::toString);
  }

  @Test
  void anAccessTokenIsFetchedOnceAndAnewWhereItIsNotTakenAnyMore() throws Exception {
    int before = seen().path("tokens").asInt();
    List<ActionId> ids = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      ActionId id = new ActionId(UUID.randomUUID());
      ids.add(id);
      wire.post(id, ExecutorTest.approved(id, ExecutorTest.action("mcp/oauth", parameters())));
    }
    for (ActionId id : ids) {
      assertEquals("succeeded", wire.execution(id).path("status").asText());
    }
    assertEquals(before + 1, seen().path("tokens").asInt());

    get("/revoke");
    JsonNode refused = run(new ActionId(UUID.randomUUID()), "oauth");
    assertEquals("failed", refused.path("status").asText());
    assertEquals("mcp-no-session", refused.path("reason").path("code").asText());

    assertEquals(
        "succeeded", run(new ActionId(UUID.randomUUID()), "oauth").path("status").asText());
    assertEquals(before + 2, seen().path("tokens").asInt());
  }

  private JsonNode run(ActionId actionId, String tool) {
    wire.send(
        actionId,
        ExecutorTest.approved(actionId, ExecutorTest.action("mcp/" + tool, parameters())));
    return wire.execution(actionId);
  }

  private static ObjectNode parameters() {
    return JsonNodeFactory.instance.objectNode().put("customer", "C-1").put("amount", "12.50");
  }

  private List<JsonNode> calls(ActionId actionId) {
    List<JsonNode> calls = new ArrayList<>();
    for (JsonNode call : seen().path("calls")) {
      if (call.path("meta")
          .path("dev.countersign/action-id")
          .asText()
          .equals(actionId.toString())) {
        calls.add(call);
      }
    }
    return calls;
  }

  private JsonNode seen() {
    return EventJson.readTree(get("/seen"));
  }

  private byte[] get(String path) {
    try {
      return HTTP.send(
              HttpRequest.newBuilder(URI.create(upstream + path)).build(),
              HttpResponse.BodyHandlers.ofByteArray())
          .body();
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
