package dev.countersign.ticket.outbound;

import dev.countersign.events.ActionId;
import dev.countersign.events.DsseEnvelope;
import dev.countersign.ticket.application.Envelopes;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.Map;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;

/// Attestations in PostgreSQL, each beside its vote.
@ApplicationScoped
class PostgresEnvelopes implements Envelopes {

  private static final String ATTESTATIONS =
      """
      select cast(action_id as text), approver, attestation from vote
      where attestation is not null and action_id = any (array (
          select cast(value as uuid) from json_array_elements_text(cast(cast(:ids as text) as json))))
      """;

  @Override
  public Uni<Map<ActionId, Map<String, DsseEnvelope>>> attestations(
      Mutiny.StatelessSession session, Collection<ActionId> ids) {
    if (ids.isEmpty()) {
      return Uni.createFrom().item(Map.of());
    }
    return session
        .createNativeQuery(ATTESTATIONS, Object[].class)
        .setParameter("ids", Columns.ids(ids))
        .getResultList()
        .map(rows ->
            rows.stream()
                .collect(
                    Collectors.groupingBy(
                        each -> Columns.id(each[0]),
                        Collectors.toMap(
                            each -> (String) each[1],
                            each -> Columns.read((String) each[2], DsseEnvelope.class)))));
  }
}
