package dev.countersign.gateway.inbound.mcp;

import dev.countersign.events.Agent;
import dev.countersign.gateway.domain.Caller;
import org.jspecify.annotations.Nullable;

/// The `agent` block of what is proposed here: who proved to be somebody is that one. Anybody else
/// is who it says it is, and its id says so: `mcp:` and the name from `clientInfo`. This is the one
/// place that makes it.
final class McpAgent {

  private static final int LONGEST_NAME = 64;

  private McpAgent() {}

  /// @param client the name in `clientInfo`
  /// @param session the run that the transport knows of
  static Agent of(Caller who, @Nullable String client, @Nullable String session) {
    return switch (who) {
      case Caller.Known it -> new Agent(it.id(), it.platform(), session, null);
      case Caller.Anonymous _ -> new Agent("mcp:" + name(client), null, session, null);
    };
  }

  /// The same agent in the run that it names itself.
  static Agent inSession(Agent agent, @Nullable String session) {
    return session == null || session.isBlank()
        ? agent
        : new Agent(agent.id(), agent.platform(), session, agent.onBehalfOf(), agent.owner());
  }

  // Approvers read it: only what has one look.
  static String name(@Nullable String client) {
    String name = client == null ? "" : client.strip().replaceAll("[^A-Za-z0-9 ._/@-]", "-");
    return name.isEmpty() ? "unnamed" : name.substring(0, Math.min(name.length(), LONGEST_NAME));
  }
}
