package dev.countersign.ticket.outbound;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.events.ActionId;
import dev.countersign.events.EventJson;
import dev.countersign.events.LateOutcome;
import dev.countersign.ticket.application.Executions.Misfit;
import dev.countersign.ticket.application.LateOutcomes;
import dev.countersign.ticket.domain.TicketMachine;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;

/// Late outcomes in PostgreSQL. What is said otherwise than people go by is to be looked into, once
/// more where somebody has looked.
@ApplicationScoped
class PostgresLateOutcomes implements LateOutcomes {

  // Neither an execution that is just being noted nor a finding that is just being said must miss
  // what is noted here, nor this them. It comes seldom, and they wait for a statement.
  private static final String ALONE = "lock table execution in exclusive mode";

  private static final String RECORD =
      """
      with judged as (
          select r.action_id, r.status, r.event,
              case when t.action_id is null then 'UNKNOWN_ACTION'
                   when t.state <> 'approved'
                       and t.reason_code is distinct from '%s' then 'NOT_APPROVED'
                   when t.action_digest <> r.digest then 'DIGEST_MISMATCH' end as misfit
          from json_to_recordset(cast(cast(:rows as text) as json))
              as r (action_id uuid, digest text, status text, event text)
          left join ticket t on t.action_id = r.action_id),
      noted as (
          insert into late_outcome (action_id, status, event)
          select action_id, status, event from judged where misfit is null order by action_id, status
          on conflict do nothing returning action_id, status),
      doubted as (
          update execution e set to_reconcile = true from noted n
          where e.action_id = n.action_id and not e.to_reconcile
              and doubts(n.status, e.ended,
                  (select f.finding from finding f where f.action_id = e.action_id
                      order by f.id desc limit 1)))
      select distinct cast(action_id as text), misfit from judged where misfit is not null
      """
          .formatted(TicketMachine.RESTORED.code());

  private static final String OF =
      "select event from late_outcome where action_id = cast(cast(:id as text) as uuid)";

  @Override
  public Uni<Map<ActionId, Misfit>> record(
      Mutiny.StatelessSession session, Collection<LateOutcome> late) {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (LateOutcome each : late) {
      rows.addObject()
          .put("action_id", each.actionId().toString())
          .put("digest", each.actionDigest().value())
          .put("status", EventJson.tree(each.status()).textValue())
          .put("event", Columns.json(each));
    }
    return session
        .createNativeQuery(ALONE)
        .executeUpdate()
        .chain(() ->
            session
                .createNativeQuery(RECORD, Object[].class)
                .setParameter("rows", rows.toString())
                .getResultList())
        .map(misfits ->
            misfits.stream()
                .collect(
                    Collectors.toMap(
                        row -> Columns.id(row[0]),
                        row -> Misfit.valueOf((String) row[1]),
                        (one, _) -> one)));
  }

  @Override
  public Uni<List<LateOutcome>> of(Mutiny.StatelessSession session, ActionId id) {
    return session
        .createNativeQuery(OF, String.class)
        .setParameter("id", id.toString())
        .getResultList()
        .map(rows ->
            rows.stream()
                .map(json -> Columns.read(json, LateOutcome.class))
                .sorted(Comparator.comparing(LateOutcome::at))
                .toList());
  }
}
