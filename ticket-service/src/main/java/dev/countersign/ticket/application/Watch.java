package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;

/// Marks that are others once what they stand for has changed, for any number of them at once.
public interface Watch {

  /// The database's clock.
  Uni<Instant> now(Mutiny.StatelessSession session);

  /// By action, of those that are on file: another mark after every change.
  Uni<Map<ActionId, String>> tickets(Mutiny.StatelessSession session, Collection<ActionId> ids);

  /// By approver: another mark after every change of what their inbox lists. The groups are those
  /// that they stand in.
  Uni<Map<String, String>> inboxes(
      Mutiny.StatelessSession session, Map<String, Set<String>> groups);
}
