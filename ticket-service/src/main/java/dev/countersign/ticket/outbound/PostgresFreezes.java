package dev.countersign.ticket.outbound;

import dev.countersign.events.ActionId;
import dev.countersign.events.EventJson;
import dev.countersign.events.Oversight;
import dev.countersign.ticket.application.Freezes;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// Freezes in PostgreSQL.
@ApplicationScoped
class PostgresFreezes implements Freezes {

  private static final String ADD =
      """
      insert into frozen (freeze_id, agent, toolset, frozen_by, reason)
      values (cast(:id as uuid), cast(:agent as text), cast(:toolset as text), :by, :reason)
      returning cast(extract(epoch from frozen_at) * 1000000 as bigint)
      """;

  private static final String FIND =
      """
      select cast(row_to_json(f) as text) from (
        select freeze_id as id, agent, toolset, frozen_by as by, reason, frozen_at as at,
               lifted_by as "liftedBy", lifted_at as "liftedAt"
        from frozen order by lifted_at desc nulls first, frozen_at desc limit :most) as f
      """;

  private record Row(
      ActionId id,
      @Nullable String agent,
      @Nullable String toolset,
      String by,
      String reason,
      Instant at,
      @Nullable ActionId liftedBy,
      @Nullable Instant liftedAt) {

    Freeze freeze() {
      return new Freeze(
          id,
          new Oversight.Frozen(agent, toolset),
          by,
          reason,
          at,
          liftedBy == null || liftedAt == null
              ? Optional.empty()
              : Optional.of(new Lifted(liftedBy, liftedAt)));
    }
  }

  @Override
  public Uni<Instant> add(
      Mutiny.StatelessSession session,
      ActionId id,
      Oversight.Frozen frozen,
      String by,
      String reason) {
    return session
        .createNativeQuery(ADD, Long.class)
        .setParameter("id", id.toString())
        .setParameter("agent", frozen.agent())
        .setParameter("toolset", frozen.toolset())
        .setParameter("by", by)
        .setParameter("reason", reason)
        .getSingleResult()
        .map(micros -> Instant.EPOCH.plusNanos(micros * 1_000));
  }

  @Override
  public Uni<List<Freeze>> find(Mutiny.StatelessSession session, int most) {
    return session
        .createNativeQuery(FIND, String.class)
        .setParameter("most", most)
        .getResultList()
        .map(rows ->
            rows.stream()
                .map(json -> EventJson.read(json.getBytes(StandardCharsets.UTF_8), Row.class))
                .map(Row::freeze)
                .toList());
  }
}
