package dev.countersign.gateway.domain;

import dev.countersign.events.Agent;
import dev.countersign.events.Tool;
import org.jspecify.annotations.Nullable;

/// Who asked for an action, in which run, and for which tool.
public record Origin(Asker agent, Tool tool) {

  /// @param id the agent's
  public record Asker(String id, @Nullable String platform, @Nullable String session) {}

  /// The origin of an action of this agent.
  public static Origin of(Agent agent, Tool tool) {
    return new Origin(new Asker(agent.id(), agent.platform(), agent.session()), tool);
  }
}
