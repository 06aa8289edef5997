package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import dev.countersign.ticket.domain.AgentSession;
import io.smallrye.mutiny.Uni;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;

/// Where it stands which sessions are held. Whoever approves takes part in the sessions' locks, and
/// whoever holds takes them alone, each before any row of a ticket: so an approval and a hold of
/// one session come one after the other.
public interface Holds {

  /// Until the transaction ends, no hold comes upon the sessions of these tickets.
  Uni<Void> shareOf(Mutiny.StatelessSession session, Collection<ActionId> tickets);

  /// Until the transaction ends, no hold comes upon these sessions.
  Uni<Void> share(Mutiny.StatelessSession session, Collection<AgentSession> sessions);

  /// Until the transaction ends, nobody else approves or holds anything of this session.
  Uni<Void> lock(Mutiny.StatelessSession session, AgentSession held);

  /// Those of these sessions that are held.
  Uni<Map<AgentSession, Hold>> inForce(
      Mutiny.StatelessSession session, Collection<AgentSession> sessions);

  /// All that are held, the last first.
  Uni<List<Hold>> all(Mutiny.StatelessSession session);

  /// Holds a session; whether it was not held yet.
  Uni<Boolean> add(
      Mutiny.StatelessSession session,
      AgentSession held,
      ActionId actionId,
      String by,
      String reason);

  /// The hold of this number, if it is in force.
  Uni<Optional<Hold>> find(Mutiny.StatelessSession session, long id);

  /// Lifts a hold; whether it was in force.
  Uni<Boolean> release(Mutiny.StatelessSession session, long id, String by);
}
