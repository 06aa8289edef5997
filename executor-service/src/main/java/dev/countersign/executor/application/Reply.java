package dev.countersign.executor.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.Tool;
import dev.countersign.executor.domain.Outcome;
import java.util.Set;

/// What a system that runs tools says about how one of its commands ended.
///
/// @param tools those that this system runs: about others it has nothing to say
public record Reply(ActionId actionId, Outcome outcome, Set<Tool> tools) {

  public Reply {
    tools = Set.copyOf(tools);
  }
}
