package dev.countersign.policy.application;

import dev.countersign.events.Action;
import dev.countersign.events.Precondition;
import dev.countersign.events.Reason;
import dev.countersign.messaging.Unavailable;
import io.smallrye.mutiny.Uni;
import java.util.List;

/// How things stand that actions rest on, read with credentials that are not ours.
public interface Preconditions {

  /// What came of reading those of one action.
  sealed interface Reading {}

  /// They stand so; none where its connector names none.
  record Found(List<Precondition> preconditions) implements Reading {
    public Found {
      preconditions = List.copyOf(preconditions);
    }
  }

  /// One of them can't be read.
  record Unreadable(Reason reason) implements Reading {}

  /// Reads them for each of these, in the same order. Fails with {@link Unavailable} where nobody
  /// is there to read them.
  Uni<List<Reading>> read(List<Action> actions);
}
