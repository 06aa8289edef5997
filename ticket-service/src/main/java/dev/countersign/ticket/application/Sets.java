package dev.countersign.ticket.application;

import io.smallrye.mutiny.Uni;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;

/// Which tickets belong together.
public interface Sets {

  /// How many members a set shows at most; whoever answers some sees the next ones.
  int MOST = 50;

  /// The batch of this ticket, itself among its members; empty where it is asked about alone.
  Uni<Optional<ReviewSet>> batch(Mutiny.StatelessSession session, Docket ticket);
}
