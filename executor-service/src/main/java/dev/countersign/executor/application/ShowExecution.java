package dev.countersign.executor.application;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.ActionId;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

/// Tells how far an execution has come, without its parameters.
@FunctionalInterface
public interface ShowExecution {

  /// `state` (`suspect`, `ready`, `started`, `done`) and, as far as they are known, the members of
  /// an `execution`; null where no decision for this action came.
  Uni<@Nullable ObjectNode> find(ActionId actionId);
}
