package dev.countersign.ticket.outbound;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.events.ActionId;
import dev.countersign.events.EventJson;
import dev.countersign.events.Execution;
import dev.countersign.events.Tool;
import dev.countersign.ticket.application.Executions;
import dev.countersign.ticket.domain.TicketMachine;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;

/// Executions in PostgreSQL.
@ApplicationScoped
class PostgresExecutions implements Executions {

  /// Adds what fits and is new, and gives what does not fit: `said` is what was on file before.
  /// What lifted a freeze is noted at the freeze. Where a backup was put back, nobody knows whether
  /// it was approved since: what the executor knows no more either is for people to find out.
  private static final String RECORD =
      """
      with judged as (
          select r.action_id, r.event, r.ended, t.prompt is not null as asked, e.event as said,
              case when t.action_id is null then 'UNKNOWN_ACTION'
                   when t.state <> 'approved' and (t.reason_code is distinct from '%s'
                       or r.ended <> 'unknown') then 'NOT_APPROVED'
                   when t.action_digest <> r.digest then 'DIGEST_MISMATCH'
                   when e.event <> r.event then 'CONFLICT' end as misfit
          from json_to_recordset(cast(cast(:rows as text) as json))
              as r (action_id uuid, digest text, ended text, event text)
          left join ticket t on t.action_id = r.action_id
          left join execution e on e.action_id = r.action_id),
      added as (
          insert into execution (action_id, event, ended, to_reconcile)
          select action_id, event, ended, ended = 'unknown' or exists (
              select 1 from late_outcome l
              where l.action_id = j.action_id and doubts(l.status, j.ended, null))
          from judged j
          where misfit is null and said is null order by action_id
          on conflict (action_id) do nothing),
      lifts as (
          select t.action_id, readable(t.action) #>> '{parameters,freeze}' as freeze_id,
              cast(readable(j.event) ->> 'finishedAt' as timestamptz) as finished_at
          from judged j join ticket t on t.action_id = j.action_id
          where j.misfit is null and j.asked and j.said is null
            and t.toolset = '%s' and t.tool = '%s'
            and j.ended = 'succeeded'),
      lifted as (
          update frozen f set lifted_by = l.action_id, lifted_at = l.finished_at
          from lifts l where cast(f.freeze_id as text) = l.freeze_id and f.lifted_at is null)
      select cast(action_id as text), misfit from judged where misfit is not null
      """
          .formatted(
              TicketMachine.RESTORED.code(), Tool.LIFT_FREEZE.toolset(), Tool.LIFT_FREEZE.name());

  private static final String FIND =
      """
      select cast(action_id as text), event from execution
      where action_id = any (array (
          select cast(value as uuid) from json_array_elements_text(cast(cast(:ids as text) as json))))
      """;

  @Override
  public Uni<Map<ActionId, Misfit>> record(
      Mutiny.StatelessSession session, Collection<Execution> executions) {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (Execution each : executions) {
      rows.addObject()
          .put("action_id", each.actionId().toString())
          .put("digest", each.actionDigest().value())
          .put("ended", EventJson.tree(each.status()).textValue())
          .put("event", new String(EventJson.write(each), StandardCharsets.UTF_8));
    }
    return session
        .createNativeQuery(RECORD, Object[].class)
        .setParameter("rows", rows.toString())
        .getResultList()
        .map(misfits ->
            misfits.stream()
                .collect(
                    Collectors.toMap(
                        row -> ActionId.of((String) row[0]),
                        row -> Misfit.valueOf((String) row[1]))));
  }

  @Override
  public Uni<Map<ActionId, Execution>> find(
      Mutiny.StatelessSession session, Collection<ActionId> ids) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    ids.forEach(id -> array.add(id.toString()));
    return session
        .createNativeQuery(FIND, Object[].class)
        .setParameter("ids", array.toString())
        .getResultList()
        .map(rows ->
            rows.stream()
                .collect(
                    Collectors.toMap(
                        row -> ActionId.of((String) row[0]),
                        row ->
                            EventJson.read(
                                ((String) row[1]).getBytes(StandardCharsets.UTF_8),
                                Execution.class))));
  }
}
