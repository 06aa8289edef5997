package dev.countersign.executor.application;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.executor.domain.Reading;
import dev.countersign.executor.domain.RunConnector;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

/// Reads of targets how that stands which actions rest on.
@FunctionalInterface
public interface Readings {

  /// Reads all that the connector's preconditions name for these parameters, side by side, with the
  /// connector's own credential. A reading always comes, and never a failure.
  Uni<Reading> read(RunConnector connector, JsonNode parameters, @Nullable String traceparent);
}
