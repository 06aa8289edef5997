package dev.countersign.ticket.outbound;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.events.ActionId;
import dev.countersign.ticket.application.Paces;
import dev.countersign.ticket.domain.Pace;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// Paces out of the votes and first looks in PostgreSQL.
@ApplicationScoped
class PostgresPaces implements Paces {

  // Of the last twenty at most: whoever gave more in that time goes fast, whatever came before.
  private static final String PACES =
      """
      select cast(a.action_id as text), cast(extract(epoch from s.at) * 1000000 as bigint),
          cast(extract(epoch from v.seen_at) * 1000000 as bigint),
          cast(extract(epoch from v.at) * 1000000 as bigint)
      from json_to_recordset(cast(cast(:rows as text) as json)) as a (action_id uuid, approver text)
      left join seen s on s.action_id = a.action_id and s.approver = a.approver
      left join lateral (
          select v.at, f.at as seen_at
          from vote v left join seen f on f.action_id = v.action_id and f.approver = v.approver
          where v.approver = a.approver and v.answer = 'approve' and v.action_id <> a.action_id
              and v.at > clock_timestamp() - make_interval(0, 0, 0, 0, 0, 0, :seconds)
          order by v.at desc limit 20) v on true
      """;

  private final Duration pause;

  @Inject
  PostgresPaces(@ConfigProperty(name = "countersign.attention.pause") Duration pause) {
    this.pause = pause;
  }

  @Override
  public Uni<Map<ActionId, Pace>> of(
      Mutiny.StatelessSession session, Map<ActionId, String> approvers) {
    if (approvers.isEmpty()) {
      return Uni.createFrom().item(Map.of());
    }
    ArrayNode asked = JsonNodeFactory.instance.arrayNode();
    approvers.forEach((id, approver) ->
        asked.addObject().put("action_id", id.toString()).put("approver", approver));
    return session
        .createNativeQuery(PACES, Object[].class)
        .setParameter("rows", asked.toString())
        .setParameter("seconds", (double) Pace.LATELY.toSeconds())
        .getResultList()
        .map(rows -> {
          Map<ActionId, Instant> firstSeen = new HashMap<>();
          Map<ActionId, List<Pace.Approval>> lately = new HashMap<>();
          for (Object[] each : rows) {
            ActionId id = ActionId.of((String) each[0]);
            Instant seen = instant(each[1]);
            if (seen != null) {
              firstSeen.put(id, seen);
            }
            Instant at = instant(each[3]);
            if (at != null) {
              lately
                  .computeIfAbsent(id, _ -> new ArrayList<>())
                  .add(new Pace.Approval(instant(each[2]), at));
            }
          }
          Map<ActionId, Pace> paces = new HashMap<>();
          for (ActionId id : approvers.keySet()) {
            paces.put(id, new Pace(pause, firstSeen.get(id), lately.getOrDefault(id, List.of())));
          }
          return paces;
        });
  }

  private static @Nullable Instant instant(@Nullable Object micros) {
    return micros == null ? null : Instant.EPOCH.plus((Long) micros, ChronoUnit.MICROS);
  }
}
