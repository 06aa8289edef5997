package dev.countersign.executor.domain;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Runs a tool by calling one of an MCP server's. Its entry is for one tool, or for all that the
/// server has: then it is the gate in front of that server.
public sealed interface ServerConnector extends RunConnector permits McpConnector, StdioConnector {

  /// The tool's name there.
  String tool();

  /// What the tool is called with for these parameters.
  JsonNode arguments(JsonNode params) throws Unfit;

  /// Of the call; what comes before it has as long again for itself.
  Duration timeout();

  /// How long what the server answers is kept for the agent; null where it is not.
  @Nullable Duration keep();

  /// Whether the operator vouches that a tool that answers with an error (`isError`) had no effect.
  boolean errorIsFailure();

  /// The same server, called for the tool of this name.
  ServerConnector named(String tool);
}
