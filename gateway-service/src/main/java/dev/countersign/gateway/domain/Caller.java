package dev.countersign.gateway.domain;

import dev.countersign.events.Agent;
import dev.countersign.events.Tool;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Who calls, as far as it was proven. What a request says of its agent is held against this.
public sealed interface Caller {

  /// Nobody in particular: who calls without a credential where that is allowed. It may call itself
  /// what it wants, and sees everything.
  record Anonymous(String address) implements Caller {

    @Override
    public Optional<Objection> objection(Agent agent, Tool tool) {
      return Optional.empty();
    }

    @Override
    public boolean maySee(@Nullable Origin origin) {
      return true;
    }

    @Override
    public @Nullable String agentId() {
      return null;
    }

    @Override
    public @Nullable String platform() {
      return null;
    }

    @Override
    public Caller counted() {
      return this;
    }
  }

  /// An agent that proved who it is.
  ///
  /// @param platform whose agent it is, where the credential says so
  /// @param toolsets those it may ask for; null is any
  record Known(String id, @Nullable String platform, @Nullable Set<String> toolsets)
      implements Caller {

    @Override
    public Optional<Objection> objection(Agent agent, Tool tool) {
      if (!agent.id().equals(id)) {
        return Optional.of(
            new Objection(
                "not-your-agent",
                "agent.id is \""
                    + agent.id()
                    + "\", and the credential is \""
                    + id
                    + "\"'s; leave agent.id out, or use that agent's own credential"));
      }
      if (platform != null && !platform.equals(agent.platform())) {
        return Optional.of(
            new Objection(
                "not-your-platform",
                "the credential is of an agent of the platform \""
                    + platform
                    + "\"; leave agent.platform out, or name that one"));
      }
      if (toolsets != null && !toolsets.contains(tool.toolset())) {
        return Optional.of(
            new Objection(
                "not-your-toolset",
                "the credential is good for "
                    + (toolsets.isEmpty()
                        ? "no toolset"
                        : "the toolsets " + String.join(", ", toolsets.stream().sorted().toList()))
                    + ", and not for \""
                    + tool.toolset()
                    + "\"; ask the operator for one that is"));
      }
      return Optional.empty();
    }

    @Override
    public boolean maySee(@Nullable Origin origin) {
      return origin != null
          && origin.agent().id().equals(id)
          && (platform == null || platform.equals(origin.agent().platform()))
          && (toolsets == null || toolsets.contains(origin.tool().toolset()));
    }

    @Override
    public String agentId() {
      return id;
    }

    @Override
    public Caller counted() {
      return new Known(id, platform, null);
    }
  }

  /// Why a caller may not do what it asks for: a stable code, and a sentence that says what to do.
  record Objection(String code, String sentence) {}

  /// What speaks against this caller proposing a call of this tool as this agent.
  Optional<Objection> objection(Agent agent, Tool tool);

  /// Whether an action of this origin is the caller's to read and to cancel. Of an action whose
  /// origin is not known it is nobody's who has a name.
  boolean maySee(@Nullable Origin origin);

  /// The agent's id, where it was proven.
  @Nullable String agentId();

  /// The platform whose agent it is, where that was proven.
  @Nullable String platform();

  /// Whose budgets it uses: an agent's of one platform, whatever credential it came with, or those
  /// of an address.
  Caller counted();
}
