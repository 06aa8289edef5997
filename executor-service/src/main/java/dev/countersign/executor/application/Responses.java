package dev.countersign.executor.application;

import dev.countersign.events.ActionId;
import io.smallrye.mutiny.Uni;

/// What targets answered, for the agents that the operator lets have it.
public interface Responses {

  sealed interface Kept {
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record Body(String contentType, byte[] body) implements Kept {}

    /// It was more than is kept.
    record TooLarge() implements Kept {}

    /// Its time is over.
    record Gone() implements Kept {}

    /// None was kept: there was none, or its connector keeps none.
    record Nothing() implements Kept {}
  }

  Uni<Kept> find(ActionId actionId);
}
