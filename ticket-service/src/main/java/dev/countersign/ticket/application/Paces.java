package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import dev.countersign.ticket.domain.Pace;
import io.smallrye.mutiny.Uni;
import java.util.Map;
import org.hibernate.reactive.mutiny.Mutiny;

/// How fast people go.
public interface Paces {

  /// How fast each of these went lately, as they come to this ticket.
  ///
  /// @param approvers who comes to which ticket
  Uni<Map<ActionId, Pace>> of(Mutiny.StatelessSession session, Map<ActionId, String> approvers);
}
