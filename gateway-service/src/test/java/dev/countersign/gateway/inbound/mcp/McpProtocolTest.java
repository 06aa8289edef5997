package dev.countersign.gateway.inbound.mcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.testservers.Servers;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The protocol around the tools: what is negotiated, and that a request whose parts contradict
/// each other is not served.
@NullMarked
@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
class McpProtocolTest {

  @TestHTTPResource("/mcp")
  URI mcp = URI.create("/");

  @Inject
  @SuppressWarnings("NullAway.Init")
  Event<ToolListChanged> toolListChanged;

  @SuppressWarnings("NullAway.Init") // set before each
  private Door door;

  @BeforeEach
  void standAtTheDoor() {
    door = new Door(mcp);
  }

  private Door.Answer legacy(String method, ObjectNode params, String... headers) throws Exception {
    Map<String, String> all = new HashMap<>();
    for (int i = 0; i < headers.length; i += 2) {
      all.put(headers[i], headers[i + 1]);
    }
    return door.post(Door.message(method, params).toString(), all);
  }

  private static ObjectNode initialize(String version) {
    ObjectNode params = Door.object().put("protocolVersion", version);
    params.putObject("clientInfo").put("name", "old host").put("version", "1");
    params.putObject("capabilities");
    return params;
  }

  @Test
  void aClientGetsTheRevisionThatItAsksForOrTheNewestThatBeginsLikeIt() throws Exception {
    for (String each : List.of("2025-11-25", "2025-06-18", "2025-03-26")) {
      JsonNode result = legacy("initialize", initialize(each)).result();
      assertEquals(each, result.path("protocolVersion").asText());
      assertTrue(result.at("/capabilities/tools/listChanged").asBoolean());
      assertEquals("countersign", result.at("/serverInfo/name").asText());
    }
    for (String each : List.of("2024-11-05", "2026-07-28", "2099-01-01")) {
      assertEquals(
          "2025-11-25",
          legacy("initialize", initialize(each)).result().path("protocolVersion").asText());
    }
    JsonNode discovered = door.now("server/discover", Door.object(), false).result();
    assertEquals("[\"2026-07-28\"]", discovered.path("supportedVersions").toString());
    assertTrue(discovered.at("/capabilities/extensions").has(Tasks.EXTENSION));
    assertEquals("complete", discovered.path("resultType").asText());
    assertEquals(
        "countersign",
        discovered.path("_meta").path("io.modelcontextprotocol/serverInfo").path("name").asText());
    assertFalse(discovered.path("instructions").asText().isBlank());
  }

  @Test
  void anUnknownRevisionIsRefusedWithThoseThatThereAre() throws Exception {
    Door.Answer modern =
        door.post(
            Door.message("tools/list", Door.meta(Door.object(), "2099-01-01", false)).toString(),
            Map.of("MCP-Protocol-Version", "2099-01-01", "Mcp-Method", "tools/list"));
    assertEquals(400, modern.status());
    assertEquals(-32022, modern.error());
    assertEquals("[\"2026-07-28\"]", modern.body().at("/error/data/supported").toString());
    assertEquals("2099-01-01", modern.body().at("/error/data/requested").asText());
    Door.Answer old = legacy("tools/list", Door.object(), "MCP-Protocol-Version", "2024-11-05");
    assertEquals(400, old.status());
    assertEquals(-32022, old.error());
  }

  @Test
  void headersAndBodyMustSayTheSame() throws Exception {
    String list = Door.message("tools/list", Door.meta(Door.object(), Door.NOW, false)).toString();
    String call =
        Door.message(
                "tools/call",
                Door.meta(Door.params("check_approval", Door.object()), Door.NOW, false))
            .toString();
    String version = "MCP-Protocol-Version";
    List<Door.Answer> mismatches =
        List.of(
            door.post(list, Map.of("Mcp-Method", "tools/list")),
            door.post(list, Map.of(version, "2025-11-25", "Mcp-Method", "tools/list")),
            door.post(list, Map.of(version, Door.NOW)),
            door.post(list, Map.of(version, Door.NOW, "Mcp-Method", "TOOLS/LIST")),
            door.post(call, Map.of(version, Door.NOW, "Mcp-Method", "tools/call")),
            door.post(
                call, Map.of(version, Door.NOW, "Mcp-Method", "tools/call", "Mcp-Name", "echo")),
            door.post(
                call,
                Map.of(version, Door.NOW, "Mcp-Method", "tools/call", "Mcp-Name", "=?base64?!!?=")),
            door.post(list, Map.of(version, Door.NOW, "Mcp-Method", "subscriptions/listen")));
    for (Door.Answer each : mismatches) {
      assertEquals(400, each.status(), each.body().toString());
      assertEquals(-32020, each.error(), each.body().toString());
    }
    Door.Answer encoded =
        door.post(
            call,
            Map.of(
                version,
                Door.NOW,
                "Mcp-Method",
                "tools/call",
                "Mcp-Name",
                "=?base64?Y2hlY2tfYXBwcm92YWw=?="));
    assertEquals(200, encoded.status(), encoded.body().toString());
    Door.Answer silent = legacy("tools/list", Door.object(), version, Door.NOW);
    assertEquals(400, silent.status());
    assertEquals(-32602, silent.error());
  }

  @Test
  void whatIsNoMethodOrNoToolSaysSo() throws Exception {
    Door.Answer modern = door.now("no/such", Door.object(), false);
    assertEquals(404, modern.status());
    assertEquals(-32601, modern.error());
    assertEquals(7, modern.body().path("id").intValue());
    for (String each : List.of("initialize", "ping", "logging/setLevel", "resources/list")) {
      assertEquals(-32601, door.now(each, Door.object(), false).error(), each);
    }
    Door.Answer old = legacy("resources/list", Door.object());
    assertEquals(200, old.status());
    assertEquals(-32601, old.error());
    assertEquals(200, legacy("ping", Door.object()).status());
    assertEquals(-32602, door.call("no_such_tool", Door.object()).error());
    assertEquals(-32602, door.now("tools/list", Door.object().put("cursor", "7"), false).error());
  }

  @Test
  void pagesOfElsewhereMayNotCall() throws Exception {
    String ping = Door.message("ping", Door.object()).toString();
    for (String each : List.of("http://evil.example", "null", "http://localhost.evil.example")) {
      assertEquals(403, door.post(ping, Map.of("Origin", each)).status(), each);
    }
    for (String each : List.of("http://localhost:3000", "http://127.0.0.1", "http://[::1]:8080")) {
      assertEquals(200, door.post(ping, Map.of("Origin", each)).status(), each);
    }
  }

  @Test
  void whatIsNoMessageIsRefusedBeforeItIsRead() throws Exception {
    assertError(400, -32700, "{\"jsonrpc\": ");
    assertError(400, -32600, "[" + Door.message("ping", Door.object()) + "]");
    assertError(400, -32600, "{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"ping\"}");
    assertError(400, -32600, "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"}");
    assertError(400, -32600, "{\"jsonrpc\":\"2.0\",\"id\":1,\"id\":2,\"method\":\"ping\"}");
    assertError(400, -32600, "{\"a\":".repeat(40) + "1" + "}".repeat(40));
    assertEquals(413, door.post("{\"a\": \"" + "x".repeat(70_000) + "\"}", Map.of()).status());
    assertEquals(
        415,
        door.post(
                Door.message("ping", Door.object()).toString(),
                Map.of("Content-Type", "text/plain"))
            .status());
    assertEquals(
        202,
        door.post("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}", Map.of())
            .status());
    HttpRequest delete = HttpRequest.newBuilder(mcp).DELETE().build();
    assertEquals(405, Door.HTTP.send(delete, BodyHandlers.discarding()).statusCode());
    HttpRequest get =
        HttpRequest.newBuilder(mcp)
            .header("Accept", "text/event-stream")
            .header("MCP-Protocol-Version", Door.NOW)
            .build();
    assertEquals(405, Door.HTTP.send(get, BodyHandlers.discarding()).statusCode());
  }

  private void assertError(int status, int code, String body) throws Exception {
    Door.Answer answer = door.post(body, Map.of());
    assertEquals(status, answer.status(), answer.body().toString());
    assertEquals(code, answer.error(), answer.body().toString());
  }

  @Test
  void toolsOfOtherSourcesStandBesideOursAndNeverInTheirPlace() throws Exception {
    JsonNode listed = door.now("tools/list", Door.object(), false).result();
    List<String> names = new ArrayList<>();
    listed.path("tools").forEach(it -> names.add(it.path("name").asText()));
    assertEquals(
        List.of("request_approval", "check_approval", "cancel_approval", "echo"),
        names.subList(0, 4));
    assertEquals(Set.copyOf(names).size(), names.size(), "each name once");
    assertEquals("private", listed.path("cacheScope").asText());
    for (JsonNode each : listed.path("tools")) {
      assertFalse(each.path("description").asText().isBlank());
      assertEquals("object", each.at("/inputSchema/type").asText());
    }
    assertEquals(
        "mcp:tests said {\"a\":1}",
        door.call("echo", Door.object().put("a", 1)).result().at("/content/0/text").asText());
    assertTrue(
        door.call("check_approval", Door.object()).result().path("isError").asBoolean(),
        "ours asks for an action_id");
  }

  @Test
  void aHostOfAnOlderRevisionIsKnownByItsSession() throws Exception {
    Door.Answer begun = legacy("initialize", initialize("2025-11-25"));
    String session = begun.headers().getOrDefault("mcp-session-id", List.of("")).getFirst();
    JsonNode said =
        legacy(
                "tools/call",
                Door.params("echo", Door.object()),
                "Mcp-Session-Id",
                session,
                "MCP-Protocol-Version",
                "2025-11-25")
            .result();
    assertEquals("mcp:old host said {}", said.at("/content/0/text").asText());
    assertFalse(said.has("resultType"), "of a later revision");
    for (String each : List.of("forged", session + "x!")) {
      assertEquals(
          "mcp:unnamed said {}",
          legacy("tools/call", Door.params("echo", Door.object()), "Mcp-Session-Id", each)
              .result()
              .at("/content/0/text")
              .asText());
    }
  }

  @Test
  void whoListensIsToldThatTheToolsHaveChanged() throws Exception {
    ObjectNode params = Door.object();
    params.putObject("notifications").put("toolsListChanged", true).putArray("taskIds");
    String untold =
        Door.message("subscriptions/listen", Door.meta(params.deepCopy(), Door.NOW, false))
            .toString();
    Map<String, String> headers =
        Map.of("MCP-Protocol-Version", Door.NOW, "Mcp-Method", "subscriptions/listen");
    assertEquals(-32021, door.post(untold, headers).error());

    HttpRequest.Builder listen =
        HttpRequest.newBuilder(mcp)
            .header("Content-Type", "application/json")
            .header("Accept", "application/json, text/event-stream")
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    Door.message("subscriptions/listen", Door.meta(params, Door.NOW, true))
                        .toString()));
    headers.forEach(listen::header);
    List<String> heard = heard(listen.build(), "acknowledged");
    assertTrue(heard.getFirst().contains("notifications/subscriptions/acknowledged"));
    assertTrue(heard.getFirst().contains("\"toolsListChanged\":true"));
    assertFalse(heard.getFirst().contains("taskIds"), "which we don't push");
    assertTrue(heard.getLast().contains("notifications/tools/list_changed"));
    assertTrue(heard.getLast().contains("\"io.modelcontextprotocol/subscriptionId\":7"));

    HttpRequest get = HttpRequest.newBuilder(mcp).header("Accept", "text/event-stream").build();
    assertTrue(heard(get, "alive").getLast().contains("notifications/tools/list_changed"));
  }

  /// The messages up to the change, which comes about once this has been read.
  private List<String> heard(HttpRequest request, String first) throws Exception {
    List<String> heard = new ArrayList<>();
    try (Stream<String> lines = Door.HTTP.send(request, BodyHandlers.ofLines()).body()) {
      Iterator<String> each = lines.iterator();
      boolean fired = false;
      while (heard.isEmpty() || !heard.getLast().contains("list_changed")) {
        String line = each.next();
        if (line.startsWith("data:")) {
          heard.add(line);
        }
        // The heartbeat comes from the same stream as the change: whoever sees it listens.
        if (line.startsWith(":") || line.contains(first)) {
          fired = true;
        }
        if (fired) {
          toolListChanged.fire(new ToolListChanged());
        }
      }
    }
    return heard;
  }
}
