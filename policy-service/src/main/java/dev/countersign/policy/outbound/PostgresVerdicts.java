package dev.countersign.policy.outbound;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.events.ActionId;
import dev.countersign.events.Digest;
import dev.countersign.policy.application.Verdicts;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;

/// Answered actions in PostgreSQL, a whole batch in one statement.
@ApplicationScoped
class PostgresVerdicts implements Verdicts {

  // In the order of the ids, so that two batches with the same ids wait and do not deadlock.
  private static final String KEEP_NEW =
      """
      insert into verdict (action_id, identity, outcome)
      select cast(r.action_id as uuid), r.identity, r.outcome
      from json_to_recordset(cast(cast(:rows as text) as json)) as r (action_id text, identity text, outcome text)
      order by r.action_id
      on conflict do nothing
      returning cast(action_id as text)
      """;

  private static final String IDENTITIES =
      """
      select cast(v.action_id as text), v.identity
      from json_array_elements_text(cast(cast(:ids as text) as json)) as i (id)
      join verdict v on v.action_id = cast(i.id as uuid)
      """;

  @Override
  public Uni<Set<ActionId>> keepNew(Mutiny.StatelessSession session, List<Answer> answers) {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (Answer each : answers) {
      rows.addObject()
          .put("action_id", each.actionId().toString())
          .put("identity", each.identity().value())
          .put("outcome", each.outcome());
    }
    return session
        .createNativeQuery(KEEP_NEW, String.class)
        .setParameter("rows", rows.toString())
        .getResultList()
        .map(ids -> {
          Set<ActionId> kept = new HashSet<>();
          ids.forEach(id -> kept.add(ActionId.of(id)));
          return kept;
        });
  }

  @Override
  public Uni<Map<ActionId, Digest>> identities(Mutiny.StatelessSession session, Set<ActionId> ids) {
    if (ids.isEmpty()) {
      return Uni.createFrom().item(Map.of());
    }
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    ids.forEach(id -> array.add(id.toString()));
    return session
        .createNativeQuery(IDENTITIES, Object[].class)
        .setParameter("ids", array.toString())
        .getResultList()
        .map(rows -> {
          Map<ActionId, Digest> identities = new HashMap<>();
          for (Object[] row : rows) {
            identities.put(ActionId.of((String) row[0]), new Digest((String) row[1]));
          }
          return identities;
        });
  }
}
