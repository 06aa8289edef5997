package dev.countersign.gateway.inbound.mcp;

import dev.countersign.events.Agent;
import dev.countersign.events.Tool;
import dev.countersign.gateway.domain.Caller;
import java.util.Optional;

/// Who calls, and what its client understands.
///
/// @param who what was proven of it
/// @param agent as proposals of this caller name it; see {@link McpAgent}
/// @param tasks the client declared the extension `io.modelcontextprotocol/tasks`
public record McpCaller(Caller who, Agent agent, Revision revision, boolean tasks) {

  /// What speaks against a call of this tool.
  public Optional<Caller.Objection> objection(Tool tool) {
    return who.objection(agent, tool);
  }
}
