package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import io.smallrye.mutiny.Uni;
import java.util.Optional;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;

/// Which tickets belong together.
public interface Sets {

  /// How many members a set shows at most; whoever answers some sees the next ones.
  int MOST = 50;

  /// The batch of this ticket, itself among its members; empty where it is asked about alone.
  Uni<Optional<ReviewSet>> batch(Mutiny.StatelessSession session, Docket ticket);

  /// The pending tickets that ask the very question of this one of the same groups, itself among
  /// them whatever became of it, and those of `also` that ask it; empty where there is no other.
  /// Never one of a batch, nor one whose tool is asked about alone.
  Uni<Optional<ReviewSet>> alike(
      Mutiny.StatelessSession session, ActionId ticket, Set<ActionId> also);
}
