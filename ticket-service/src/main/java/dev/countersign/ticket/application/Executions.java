package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.Execution;
import io.smallrye.mutiny.Uni;
import java.util.Collection;
import java.util.Map;
import org.hibernate.reactive.mutiny.Mutiny;

/// How approved actions ended.
public interface Executions {

  /// Why one is not taken.
  enum Misfit {
    /// Nothing is on file under its id.
    UNKNOWN_ACTION,
    /// It was not approved, so nothing may have run.
    NOT_APPROVED,
    /// Another action ran than the one that was approved.
    DIGEST_MISMATCH,
    /// It ended otherwise already, and that stands.
    CONFLICT
  }

  /// Notes them, one for each action; the first stands. Also where nobody was asked: what is said
  /// later may be another thing, and then people must find out. Gives those that don't fit what is
  /// on file.
  Uni<Map<ActionId, Misfit>> record(
      Mutiny.StatelessSession session, Collection<Execution> executions);

  /// By action, of those that have ended and are noted.
  Uni<Map<ActionId, Execution>> find(Mutiny.StatelessSession session, Collection<ActionId> ids);
}
