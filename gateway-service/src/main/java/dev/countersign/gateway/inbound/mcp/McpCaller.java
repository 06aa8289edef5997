package dev.countersign.gateway.inbound.mcp;

import dev.countersign.events.Agent;
import dev.countersign.events.Tool;
import dev.countersign.gateway.domain.Caller;
import dev.countersign.gateway.domain.Progress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Who calls, and what its client understands.
///
/// @param who what was proven of it
/// @param agent as proposals of this caller name it; see {@link McpAgent}
/// @param tasks the client declared the extension `io.modelcontextprotocol/tasks`
public record McpCaller(Caller who, Agent agent, Revision revision, boolean tasks) {

  /// The action, where it is this caller's to read; another agent's is as good as none.
  @Nullable Progress own(@Nullable Progress progress) {
    return progress != null && who.maySee(progress.origin()) ? progress : null;
  }

  /// What speaks against a call of this tool.
  public Optional<Caller.Objection> objection(Tool tool) {
    return who.objection(agent, tool);
  }
}
