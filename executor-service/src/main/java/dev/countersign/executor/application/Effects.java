package dev.countersign.executor.application;

import dev.countersign.executor.domain.Outcome;
import dev.countersign.executor.domain.RunConnector;
import io.smallrye.mutiny.Uni;

/// Performs effects in the world outside. An outcome always comes, and never a failure: what went
/// wrong is part of it.
@FunctionalInterface
public interface Effects {

  /// @param look asked at the last moment, when nothing but the effect is left to do
  Uni<Outcome> perform(Begun begun, RunConnector connector, LastLook look);
}
