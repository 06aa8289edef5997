package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.Oversight;
import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;

/// What was frozen. It is marked as lifted where the execution that lifted it is recorded.
public interface Freezes {

  /// @param by an approver's id, or `operator`
  /// @param lifted empty while it is in force
  record Freeze(
      ActionId id,
      Oversight.Frozen frozen,
      String by,
      String reason,
      Instant at,
      Optional<Lifted> lifted) {}

  /// @param by the action that did
  record Lifted(ActionId by, Instant at) {}

  /// Files it; gives the time, by the database's clock.
  Uni<Instant> add(
      Mutiny.StatelessSession session,
      ActionId id,
      Oversight.Frozen frozen,
      String by,
      String reason);

  /// Those in force, the newest first, and after them what was lifted last.
  Uni<List<Freeze>> find(Mutiny.StatelessSession session, int most);
}
