package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.DsseEnvelope;
import io.smallrye.mutiny.Uni;
import java.util.Collection;
import java.util.Map;
import org.hibernate.reactive.mutiny.Mutiny;

/// The attestations on file, within the caller's transaction.
public interface Envelopes {

  /// The attestations of the votes on these tickets, by approver. Votes of before there were
  /// attestations have none.
  Uni<Map<ActionId, Map<String, DsseEnvelope>>> attestations(
      Mutiny.StatelessSession session, Collection<ActionId> ids);
}
