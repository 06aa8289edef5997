package dev.countersign.executor.outbound;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.executor.domain.Outcome;
import java.util.Optional;
import java.util.Set;

/// What is said to an MCP server to open a session (JSON-RPC 2.0, MCP 2025-11-25 §Lifecycle).
final class McpMessages {

  static final String NEWEST = "2025-11-25";
  private static final Set<String> SPOKEN = Set.of("2025-03-26", "2025-06-18", NEWEST);

  private McpMessages() {}

  static ObjectNode notification(String method) {
    return JsonNodeFactory.instance.objectNode().put("jsonrpc", "2.0").put("method", method);
  }

  static ObjectNode request(int id, String method, JsonNode params) {
    ObjectNode request = notification(method).put("id", id);
    request.set("params", params);
    return request;
  }

  /// The params of `initialize`.
  static ObjectNode initialize() {
    ObjectNode params = JsonNodeFactory.instance.objectNode().put("protocolVersion", NEWEST);
    params.putObject("capabilities");
    params.putObject("clientInfo").put("name", "countersign-executor").put("version", "1");
    return params;
  }

  /// The version that the server answers `initialize` with; empty where we don't speak it.
  static Optional<String> version(Optional<McpAnswer.Response> response) {
    return response
        .map(found -> found.json().path("result").path("protocolVersion").asText())
        .filter(SPOKEN::contains);
  }

  static Outcome otherVersion() {
    return Outcome.failed(
        "mcp-version",
        "The MCP server speaks no version of the protocol that we speak; no tool was called.");
  }

  static Outcome timeIsUp() {
    return Outcome.failed("timeout", "Time was up before the tool could be called.");
  }

  static Outcome noSession(String why) {
    return Outcome.failed(
        "mcp-no-session", "The MCP server opened no session: " + why + "; no tool was called.");
  }
}
