package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.Execution;
import dev.countersign.events.Oversight;
import dev.countersign.events.Tool;
import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;

/// What people found where nobody knew how an action had ended. Findings are added and never
/// changed: the last one is what people know now.
public interface Findings {

  /// @param by an approver's id
  record Found(Oversight.Finding finding, String words, String by, Instant at) {}

  /// An action of which nobody knows how it ended.
  record Unknown(ActionId actionId, Agent agent, Tool tool, Execution execution) {}

  /// Those in which nobody has looked yet, the last approved first.
  Uni<List<Unknown>> open(Mutiny.StatelessSession session, int atMost);

  /// This one, looked into or not; empty where it is known how it ended, or not yet.
  Uni<Optional<Unknown>> find(Mutiny.StatelessSession session, ActionId id);

  /// The same, and until the transaction ends nobody else adds a finding to it.
  Uni<Optional<Unknown>> lock(Mutiny.StatelessSession session, ActionId id);

  /// What was found so far, in the order in which it was said.
  Uni<List<Found>> of(Mutiny.StatelessSession session, ActionId id);

  /// Files it; gives the time, by the database's clock.
  Uni<Instant> add(
      Mutiny.StatelessSession session,
      ActionId id,
      Oversight.Finding finding,
      String words,
      String by);
}
