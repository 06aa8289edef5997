package dev.countersign.gateway.inbound.mcp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.Agent;
import dev.countersign.gateway.domain.Caller;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A request whose revision and caller are settled, by what it says of itself in `_meta` or, before
/// 2026-07-28, in headers, and whose headers say what its body says.
record McpRequest(
    JsonNode id, String method, ObjectNode params, McpCaller caller, @Nullable String traceparent) {

  private static final String VERSION = "io.modelcontextprotocol/protocolVersion";
  private static final String CLIENT = "io.modelcontextprotocol/clientInfo";
  private static final String CAPABILITIES = "io.modelcontextprotocol/clientCapabilities";

  /// The member of the params that `Mcp-Name` repeats, by method.
  private static final Map<String, String> NAMED =
      Map.of(
          "tools/call", "name",
          "prompts/get", "name",
          "resources/read", "uri",
          "tasks/get", "taskId",
          "tasks/update", "taskId",
          "tasks/cancel", "taskId");

  static McpRequest of(Message.Request request, RequestHeaders headers, Caller who)
      throws RpcError {
    JsonNode meta = request.params().path("_meta");
    String traceparent =
        headers.traceparent() != null
            ? headers.traceparent()
            : meta.path("traceparent").textValue();
    return new McpRequest(
        request.id(),
        request.method(),
        request.params(),
        speaksForItself(meta, headers)
            ? modern(request, meta, headers, who)
            : legacy(request, headers, who),
        traceparent);
  }

  private static boolean speaksForItself(JsonNode meta, RequestHeaders headers) {
    return meta.has(VERSION) || Revision.JULY_2026.toString().equals(headers.version());
  }

  private static McpCaller modern(
      Message.Request request, JsonNode meta, RequestHeaders headers, Caller who) throws RpcError {
    String version = meta.path(VERSION).textValue();
    if (version == null) {
      throw RpcError.invalidMeta("_meta must have " + VERSION + ", a string");
    }
    if (!meta.path(CAPABILITIES).isObject()) {
      throw RpcError.invalidMeta("_meta must have " + CAPABILITIES + ", an object");
    }
    JsonNode client = meta.path(CLIENT);
    if (!client.isMissingNode() && !client.path("name").isTextual()) {
      throw RpcError.invalidMeta(CLIENT + " in _meta must be an object with a name");
    }
    if (headers.version() == null) {
      throw RpcError.headerMismatch("MCP-Protocol-Version is missing");
    }
    if (!headers.version().equals(version)) {
      throw RpcError.headerMismatch("MCP-Protocol-Version is not the version in _meta");
    }
    if (!version.equals(Revision.JULY_2026.toString())) {
      throw RpcError.unsupportedVersion(version, List.of(Revision.JULY_2026));
    }
    checkNames(request, headers);
    return new McpCaller(
        who,
        McpAgent.of(who, client.path("name").textValue(), null),
        Revision.JULY_2026,
        meta.path(CAPABILITIES).path("extensions").has(Tasks.EXTENSION));
  }

  /// What goes by the headers alone, as proxies do, must see the same call as we do.
  private static void checkNames(Message.Request request, RequestHeaders headers) throws RpcError {
    if (!request.method().equals(headers.method())) {
      throw RpcError.headerMismatch(
          "Mcp-Method must be there and be the method of the body, " + request.method());
    }
    String member = NAMED.get(request.method());
    if (member != null) {
      String name = request.params().path(member).textValue();
      if (!Objects.equals(name, headers.name())) {
        throw RpcError.headerMismatch(
            "Mcp-Name must be there and be params." + member + " of the body");
      }
    }
  }

  private static McpCaller legacy(Message.Request request, RequestHeaders headers, Caller who)
      throws RpcError {
    String version = headers.version();
    // Streamable HTTP, 2025-11-25, Protocol Version Header: whoever sends none speaks this one.
    Revision revision = Revision.MARCH_2025;
    if (version != null && !request.method().equals("initialize")) {
      revision =
          Revision.find(version)
              .orElseThrow(() -> RpcError.unsupportedVersion(version, List.of(Revision.values())));
    }
    Agent agent =
        McpSession.find(headers.session())
            .map(it -> McpAgent.of(who, it.client(), it.id()))
            .orElseGet(() -> McpAgent.of(who, null, null));
    return new McpCaller(who, agent, revision, false);
  }
}
