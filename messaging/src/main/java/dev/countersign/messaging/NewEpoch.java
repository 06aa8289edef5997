package dev.countersign.messaging;

import io.smallrye.mutiny.Uni;
import org.hibernate.reactive.mutiny.Mutiny;

/// What a service does when its database was put back from a backup. A service that has one keeps
/// epochs, in the tables `epoch` and `read_up_to`.
public interface NewEpoch {

  /// Ends, in the session's transaction, everything that the backup would bring to life again.
  Uni<Void> begins(Mutiny.StatelessSession session);

  /// Whether what was read since the backup is read again: only where that can do nothing but end
  /// things.
  boolean readsAgain();
}
