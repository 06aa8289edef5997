package dev.countersign.gateway.inbound.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import dev.countersign.events.Tool;
import dev.countersign.gateway.application.UpstreamTools;
import dev.countersign.gateway.domain.Caller;
import dev.countersign.gateway.domain.Origin;
import dev.countersign.gateway.domain.Progress;
import dev.countersign.gateway.domain.TargetResponse;
import dev.countersign.gateway.domain.UpstreamTool;
import dev.countersign.gateway.inbound.mcp.McpCaller;
import dev.countersign.gateway.inbound.mcp.McpTool;
import dev.countersign.gateway.inbound.mcp.Revision;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// Under which names the tools of several servers are listed and found, and what their results are.
/// Nothing is called here: the flow tests do.
@SuppressWarnings("NullAway") // no use case is asked
class GatedToolsTest {

  @Test
  void eachHasItsOwnNameAndTheLongOneWhereThatIsNotEnough() {
    GatedTools tools =
        tools(
            tool("disk", "read", true),
            tool("disk", "copy", true),
            tool("crm", "read", true),
            tool("crm", "request_approval", true));

    assertEquals(List.of("disk__read", "copy", "crm__read", "crm__request_approval"), names(tools));
    assertEquals(new Tool("crm", "read"), found(tools, "crm__read"));
    assertEquals(new Tool("disk", "copy"), found(tools, "disk__copy"));
    assertTrue(find(tools, "read").isEmpty());
  }

  @Test
  void whatDoesNotGetThroughIsNotListedAndIsFoundByWhoCallsIt() {
    GatedTools tools = tools(tool("disk", "read", false), tool("crm", "read", true));

    assertEquals(List.of("read"), names(tools));
    assertEquals(new Tool("crm", "read"), found(tools, "read"));
    assertEquals(new Tool("disk", "read"), found(tools, "disk__read"));
  }

  @Test
  void aToolThatIsCalledAsAnothersLongNameIsFoundByItsOwnLongNameAlone() {
    GatedTools tools = tools(tool("crm", "admin__wipe", true), tool("admin", "wipe", true));

    assertEquals(List.of("crm__admin__wipe", "wipe"), names(tools));
    assertEquals(new Tool("admin", "wipe"), found(tools, "admin__wipe"));
    assertEquals(new Tool("crm", "admin__wipe"), found(tools, "crm__admin__wipe"));
  }

  @Test
  void aNameThatStandsForTwoToolsIsNeitherListedNorFound() {
    GatedTools tools =
        tools(
            tool("crm", "admin__wipe", true),
            tool("crm__admin", "wipe", true),
            tool("disk", "admin__wipe", true),
            tool("disk", "wipe", true),
            tool("log", "crm__admin__wipe", true));

    assertEquals(List.of("disk__admin__wipe", "disk__wipe", "log__crm__admin__wipe"), names(tools));
    assertTrue(find(tools, "crm__admin__wipe").isEmpty());
  }

  @Test
  void whatDoesNotGetThroughDoesNotMakeALongNameStandForTwo() {
    GatedTools tools =
        tools(
            tool("crm", "admin__wipe", false),
            tool("crm__admin", "wipe", true),
            tool("disk", "wipe", true));

    assertEquals(List.of("crm__admin__wipe", "disk__wipe"), names(tools));
    assertEquals(new Tool("crm__admin", "wipe"), found(tools, "crm__admin__wipe"));
  }

  @Test
  void eachListedNameFindsTheToolThatIsListedUnderIt() {
    List<UpstreamTool> all = new ArrayList<>();
    for (String toolset : List.of("a", "a__b", "b", "b__a")) {
      for (String name : List.of("a", "b", "a__b", "b__a", "check_approval")) {
        all.add(tool(toolset, name, !toolset.equals("b") || !name.equals("a")));
      }
    }
    GatedTools tools = tools(all.toArray(UpstreamTool[]::new));

    List<McpTool> listed = tools.list(nobody()).await().indefinitely();
    assertFalse(listed.isEmpty());
    for (McpTool each : listed) {
      assertEquals(((GatedTool) each).upstream().tool(), found(tools, each.name()));
    }
  }

  @Test
  void whatTheServerAnsweredIsTheResult() {
    Progress progress = received();
    ObjectNode result =
        answered(
            progress,
            """
            {"content": [{"type": "text", "text": "done"}], "isError": true,
             "structuredContent": {"n": 1}, "_meta": {"of": "the server"}}
            """);

    assertEquals("done", result.path("content").path(0).path("text").asText());
    assertEquals(1, result.path("structuredContent").path("n").intValue());
    assertEquals("the server", result.path("_meta").path("of").asText());
    assertTrue(result.path("isError").asBoolean());
    assertEquals(
        progress.actionId().toString(),
        result.path("_meta").path("dev.countersign/action-id").asText());
  }

  @Test
  void aMetaThatIsNoObjectDoesNotHideThatTheCallWasMade() {
    Progress progress = received();
    for (String meta : List.of("[]", "null", "7", "\"x\"")) {
      ObjectNode result = answered(progress, "{\"content\": [], \"_meta\": " + meta + "}");
      assertEquals(
          progress.actionId().toString(),
          result.path("_meta").path("dev.countersign/action-id").asText(),
          meta);
    }
  }

  @Test
  void whatTheServerAnsweredDoesNotSteerTheClient() {
    ObjectNode result =
        answered(
            received(),
            """
            {"content": [], "isError": "no", "structuredContent": null, "_meta": {},
             "resultType": "input_required", "inputRequests": {"a": {}}, "taskId": "t",
             "status": "working", "requestState": "s"}
            """);
    List<String> members = new ArrayList<>();
    result.fieldNames().forEachRemaining(members::add);
    assertEquals(List.of("content", "isError", "_meta"), members);
    assertTrue(result.path("isError").booleanValue(), "nobody knows that it was done");
  }

  private static ObjectNode answered(Progress progress, String json) {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    return find(tools(tool("disk", "read", true)), "read")
        .orElseThrow()
        .result(
            progress, Optional.of(TargetResponse.of("application/json", body, Digest.of(body))));
  }

  @Test
  void whereThereIsNoAnswerTheResultIsHowTheActionStands() {
    Progress progress = received();
    McpTool tool = find(tools(tool("disk", "read", true)), "read").orElseThrow();

    ObjectNode result = tool.result(progress, Optional.empty());
    assertEquals("received", result.path("structuredContent").path("status").asText());
    assertTrue(result.path("isError").asBoolean(), "a client must not take it for done");
  }

  private static GatedTools tools(UpstreamTool... all) {
    UpstreamTools upstream =
        new UpstreamTools() {
          @Override
          public List<UpstreamTool> all() {
            return List.of(all);
          }

          @Override
          public void onChange(Runnable listener) {}
        };
    return new GatedTools(upstream, null, null, null);
  }

  private static UpstreamTool tool(String toolset, String name, boolean getsThrough) {
    ObjectNode descriptor = JsonNodeFactory.instance.objectNode().put("name", name);
    descriptor.set("inputSchema", EventJson.readTree("{}".getBytes(StandardCharsets.UTF_8)));
    return new UpstreamTool(new Tool(toolset, name), getsThrough, descriptor);
  }

  private static List<String> names(GatedTools tools) {
    return tools.list(nobody()).await().indefinitely().stream()
        .map(each -> each.descriptor().path("name").asText())
        .toList();
  }

  private static Optional<McpTool> find(GatedTools tools, String name) {
    return tools.find(name, nobody()).await().indefinitely();
  }

  private static Tool found(GatedTools tools, String name) {
    return ((GatedTool) find(tools, name).orElseThrow()).upstream().tool();
  }

  private static McpCaller nobody() {
    return new McpCaller(
        new Caller.Anonymous("127.0.0.1"),
        new Agent("mcp:test", null, null, null),
        Revision.JULY_2026,
        false);
  }

  private static Progress received() {
    return Progress.received(
        new ActionId(UUID.randomUUID()),
        Origin.of(nobody().agent(), new Tool("disk", "read")),
        Digest.of(new byte[] {1}));
  }
}
