package dev.countersign.gateway.domain;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.Tool;

/// A tool of an MCP server behind the gate, as policy tells of it.
///
/// @param getsThrough whether its server says of it what the operator accepted, and the operator
///   has not closed it; what does not is not listed, and calling it is answered with the reason
/// @param descriptor its entry in `tools/list`: what the operator accepted, and the server's hints
public record UpstreamTool(Tool tool, boolean getsThrough, ObjectNode descriptor) {

  /// Between toolset and name, where the name alone is not enough.
  private static final String BETWEEN = "__";

  /// By which it can always be called.
  public String fullName() {
    return tool.toolset() + BETWEEN + tool.name();
  }
}
