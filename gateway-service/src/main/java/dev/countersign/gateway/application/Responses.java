package dev.countersign.gateway.application;

import dev.countersign.events.ActionId;
import dev.countersign.gateway.domain.TargetResponse.Missing;
import io.smallrye.mutiny.Uni;

/// Where the executor keeps what targets answered.
@FunctionalInterface
public interface Responses {

  sealed interface Kept {
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record Body(String contentType, byte[] body) implements Kept {}

    /// There is one, and it can't be had.
    record Gone(Missing why) implements Kept {}

    /// The operator does not let agents have it.
    record Nothing() implements Kept {}
  }

  /// It never fails.
  Uni<Kept> find(ActionId actionId);
}
