package dev.countersign.ticket.application;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.Execution;
import dev.countersign.events.Oversight;
import dev.countersign.events.Tool;
import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// What people found where nobody knew how an action had ended, or two things were said of it.
/// Findings are added and never changed: the last one is what people know now.
public interface Findings {

  /// @param by an approver's id
  record Found(Oversight.Finding finding, String words, String by, Instant at) {}

  /// An action of which nobody knows how it ended, or of which something else was said later.
  ///
  /// @param parameters absent where they were not kept
  /// @param open whether somebody must look: nobody has, or what was said since contradicts what
  ///   they found
  record Unknown(
      ActionId actionId,
      Agent agent,
      Tool tool,
      @Nullable JsonNode parameters,
      Execution execution,
      boolean open) {}

  /// Whose findings would be taken: of everything, or of what asks one of these groups.
  record Concerns(Set<String> groups, boolean everything) {
    public Concerns {
      groups = Set.copyOf(groups);
    }
  }

  /// Those that are open, the one that has waited longest first.
  Uni<List<Unknown>> open(Mutiny.StatelessSession session, Concerns concerns, int atMost);

  /// How many are open, by who asked.
  Uni<Map<Agent, Long>> count(Mutiny.StatelessSession session, Concerns concerns);

  /// This one, looked into or not; empty where it is known how it ended, or not yet.
  Uni<Optional<Unknown>> find(Mutiny.StatelessSession session, ActionId id);

  /// The same, and until the transaction ends nobody else adds a finding to it.
  Uni<Optional<Unknown>> lock(Mutiny.StatelessSession session, ActionId id);

  /// What was found so far, in the order in which it was said.
  Uni<List<Found>> of(Mutiny.StatelessSession session, ActionId id);

  /// What was found last of each of these, where anything was.
  Uni<Map<ActionId, Oversight.Finding>> last(
      Mutiny.StatelessSession session, Collection<ActionId> ids);

  /// Files it; gives the time, by the database's clock.
  Uni<Instant> add(
      Mutiny.StatelessSession session,
      ActionId id,
      Oversight.Finding finding,
      String words,
      String by);
}
