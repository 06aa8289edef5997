package dev.countersign.ticket.domain;

import dev.countersign.events.Agent;
import org.jspecify.annotations.Nullable;

/// What can be held: one run of an agent on its platform, or all that it does without naming a run.
/// In the spelling by which rows are found.
public record AgentSession(String agent, @Nullable String platform, @Nullable String session) {

  public static AgentSession of(Agent agent) {
    return new AgentSession(
        Names.indexed(agent.id()), indexed(agent.platform()), indexed(agent.session()));
  }

  private static @Nullable String indexed(@Nullable String name) {
    return name == null ? null : Names.indexed(name);
  }
}
