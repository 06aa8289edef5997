package dev.countersign.executor.outbound;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import dev.countersign.events.Assurance;
import dev.countersign.events.Canonical;
import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import dev.countersign.events.Execution;
import dev.countersign.events.Reason;
import dev.countersign.events.Tool;
import dev.countersign.executor.application.Begun;
import dev.countersign.executor.application.Executions;
import dev.countersign.executor.domain.Approvers;
import dev.countersign.executor.domain.Outcome;
import dev.countersign.executor.domain.Promised;
import dev.countersign.messaging.Epochs;
import dev.countersign.verifier.Grant;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Executions as rows. Every statement works on a set, and every time in it is the database's.
@ApplicationScoped
class PostgresExecutions implements Executions {

  private static final Logger LOG = Logger.getLogger(PostgresExecutions.class);

  // Also what would be refused now: it may have been run before the backup was put back.
  private static final String ENTER =
      """
      with entered as (
        insert into execution (action_id, state, action_digest, agent, toolset, tool, parameters,
            grant_nbf, grant_exp, grant_token, tool_digest, approvers, promised, traceparent,
            status, reason_code, reason_text, finished_at)
        select action_id, case when restored then 'done' else state end, action_digest, agent,
            toolset, tool, parameters, grant_nbf, grant_exp, grant_token, tool_digest, approvers,
            promised, traceparent, case when restored then 'unknown' else status end,
            case when restored then cast(:code as text) else reason_code end,
            case when restored then cast(:text as text) else reason_text end,
            case when restored or state = 'done' then now() end
        from json_to_recordset(cast(cast(:rows as text) as json)) as r (n integer, action_id uuid, state text,
            action_digest text, agent text, toolset text, tool text, parameters text,
            grant_nbf timestamptz, grant_exp timestamptz, grant_token text, tool_digest text,
            approvers json, promised text, traceparent text, status text, reason_code text, reason_text text)
          cross join lateral (select %s as restored) as v
        order by n
        on conflict (action_id) do update set
          state = excluded.state, action_digest = excluded.action_digest, agent = excluded.agent,
          toolset = excluded.toolset, tool = excluded.tool, parameters = excluded.parameters,
          grant_nbf = excluded.grant_nbf, grant_exp = excluded.grant_exp,
          grant_token = excluded.grant_token, tool_digest = excluded.tool_digest,
          approvers = excluded.approvers, promised = excluded.promised, traceparent = excluded.traceparent, status = excluded.status,
          reason_code = excluded.reason_code, reason_text = excluded.reason_text,
          finished_at = excluded.finished_at
        where execution.state = 'suspect' and excluded.state <> 'suspect'
        returning *),
      finished as (select * from entered where state = 'done')
      """
              .formatted(RestoredExecutions.VOID.formatted("grant_nbf"))
          + EndedExecutions.FINISHED;

  // By `any (array (…))` and not by a join: however the planner misjudges how many are due, the
  // rows are found by the key.
  // A server's room is for all of its toolset that has none of its own.
  // Five seconds: as much as the clock of the grant's signer may be ahead of the database's.
  private static final String CLAIM =
      """
      with room as (
        select * from json_to_recordset(cast(cast(:rooms as text) as json))
            as r (toolset text, tool text, room integer, idempotent boolean, but json)),
      due as (
        select d.action_id from room cross join lateral (
          select action_id from execution e
          where e.state = 'ready' and e.toolset = room.toolset and e.tool = room.tool
            and e.grant_exp > now() and e.grant_nbf <= now() + interval '5 seconds'
            and not %1$s
          order by e.seq limit room.room
          for update skip locked) d
        union all
        select d.action_id from room cross join lateral (
          select action_id from execution e
          where e.state = 'ready' and e.toolset = room.toolset
            and e.tool not in (select json_array_elements_text(room.but))
            and e.grant_exp > now() and e.grant_nbf <= now() + interval '5 seconds'
            and not %1$s
          order by e.seq limit room.room
          for update skip locked) d
        where room.tool = '*'),
      claimed as (
        update execution e set
          state = 'started', attempt = e.attempt + 1, instance = cast(:instance as text),
          idempotent = (select r.idempotent from room r
                        where r.toolset = e.toolset and r.tool in (e.tool, '*')
                        order by r.tool = '*' limit 1),
          started_at = coalesce(e.started_at, now()),
          lease_until = now() + cast(:lease as double precision) * interval '1 second'
        where e.action_id = any (array (select action_id from due))
        returning e.action_id, e.toolset, e.tool, e.attempt, e.parameters, e.grant_token, e.tool_digest,
          e.approvers, e.promised, cast(extract(epoch from e.grant_exp - now()) * 1000 as bigint) as grant_left, e.traceparent,
          e.seq)
      select cast(row_to_json(c) as text) from (
        select action_id as "actionId", toolset, tool, attempt, parameters,
               grant_token as "grantToken", tool_digest as "toolDigest", approvers, promised, grant_left as "grantLeft", traceparent
        from claimed order by seq) as c
      """
          .formatted(PostgresFreezes.FROZEN);

  // Whatever is known by its key has its state asked for in a case: rows are then found by the key,
  // and not by the partial index of what is under way, which holds all that has been since the last
  // vacuum.
  private static final String LOOK =
      """
      select cast(row_to_json(l) as text) from (
        select e.action_id as "actionId", e.attempt, e.grant_exp <= now() as over, %s as frozen
        from execution e
        where e.action_id = any (array (
            select cast(h as uuid)
            from json_array_elements_text(cast(cast(:held as text) as json)) h))
          and case e.state when 'started' then e.instance = cast(:instance as text) else false end
      ) as l
      """
          .formatted(PostgresFreezes.FROZEN);

  // One whose lease had lapsed is ready to be tried again; an attempt is begun once, so this is its
  // own word, and no second one is needed. That it failed says nothing that a second would not say.
  private static final String FINISH =
      """
      with finished as (
        update execution e set
          state = 'done', finished_at = clock_timestamp(), status = r.status,
          result_code = r.result_code, result_digest = r.result_digest,
          result_summary = r.result_summary, reason_code = r.reason_code,
          reason_text = r.reason_text
        from json_to_recordset(cast(cast(:rows as text) as json)) as r (action_id uuid, attempt integer,
            status text, result_code text, result_digest text, result_summary text,
            reason_code text, reason_text text)
        where e.action_id = r.action_id and e.attempt = r.attempt
          and case e.state
                when 'started' then e.instance = cast(:instance as text)
                when 'ready' then r.status = 'succeeded'
                else false end
        returning e.*)
      """
          + EndedExecutions.FINISHED;

  // An executor that stood still beyond its lease sees only now how it ended: as late as anybody's
  // word, and as good a hint. Of an attempt that another followed only that it took effect: how
  // else it ended is no word about the action.
  private static final String LATE =
      """
      with said as (
        select * from json_to_recordset(cast(cast(:rows as text) as json)) as r (action_id uuid, attempt integer,
            status text, result_code text, result_summary text, reason_text text)),
      """
          + LateOutcomes.noting(
              "e.action_id = r.action_id and (e.attempt = r.attempt or r.status = 'succeeded')",
              "cast(null as text)");

  // What is locked is being finished, and needs no lease any more; waiting for it could deadlock.
  // Or it is being renewed by one that is not answered: so this is a transaction of its own, which
  // ends with it in the database, whether or not the line brings another word.
  // Never shorter: what was handed over waits for its outcome beyond the life of this process.
  private static final String RENEW =
      """
      with held as (
        select action_id from execution
        where action_id = any (array (
            select cast(h as uuid)
            from json_array_elements_text(cast(cast(:held as text) as json)) h))
          and case state when 'started' then instance = cast(:instance as text) else false end
        for update skip locked)
      update execution
      set lease_until = greatest(
          lease_until, now() + cast(:lease as double precision) * interval '1 second')
      where action_id = any (array (select action_id from held))
      returning cast(action_id as text)
      """;

  private record Claimed(
      ActionId actionId,
      String toolset,
      String tool,
      int attempt,
      String parameters,
      @Nullable String grantToken,
      @Nullable Digest toolDigest,
      @Nullable Map<Assurance, Integer> approvers,
      @Nullable String promised,
      long grantLeft,
      @Nullable String traceparent) {}

  private record Looked(ActionId actionId, int attempt, boolean over, boolean frozen) {}

  private final Mutiny.SessionFactory sessions;
  private final EndedExecutions ended;
  private final OverdueExecutions overdue;
  private final LateOutcomes late;
  private final PostgresResponses responses;
  private final PostgresFreezes freezes;
  private final Epochs epochs;

  @Inject
  PostgresExecutions(
      Mutiny.SessionFactory sessions,
      EndedExecutions ended,
      OverdueExecutions overdue,
      LateOutcomes late,
      PostgresResponses responses,
      PostgresFreezes freezes,
      Epochs epochs) {
    this.sessions = sessions;
    this.ended = ended;
    this.overdue = overdue;
    this.late = late;
    this.responses = responses;
    this.freezes = freezes;
    this.epochs = epochs;
  }

  @Override
  public Uni<Void> enter(Mutiny.StatelessSession session, List<Entry> entries) {
    if (entries.isEmpty()) {
      return Uni.createFrom().voidItem();
    }
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (Entry entry : entries) {
      rows.add(row(entry).put("n", rows.size()));
    }
    return ended
        .publish(
            session,
            query(session, ENTER)
                .setParameter("rows", rows.toString())
                .setParameter("code", RestoredExecutions.RESTORED.code())
                .setParameter("text", RestoredExecutions.RESTORED.text()))
        .replaceWithVoid();
  }

  private static ObjectNode row(Entry entry) {
    return switch (entry) {
      case Entry.Ready it ->
          row("ready", it.grant(), it.traceparent(), it.action())
              .<ObjectNode>set("approvers", EventJson.tree(it.approvers().atLeast()))
              .put("grant_token", it.token())
              .put(
                  "tool_digest",
                  it.grant().toolDigest() == null ? null : it.grant().toolDigest().value())
              .put(
                  "promised",
                  Promised.of(it.grant())
                      .map(promised -> Canonical.text(EventJson.tree(promised.byLabel())))
                      .orElse(null));
      case Entry.Refused it ->
          row("done", it.grant(), it.traceparent(), it.action())
              .put("status", "refused")
              .put("reason_code", it.reason().code())
              .put("reason_text", Columns.text(it.reason().text()));
      case Entry.Suspect it ->
          row("suspect", it.grant(), it.traceparent(), null)
              .put("toolset", Columns.text(it.grant().audience()))
              .put("reason_code", it.reason());
    };
  }

  private static ObjectNode row(
      String state, Grant grant, @Nullable String traceparent, @Nullable Action action) {
    ObjectNode row = JsonNodeFactory.instance.objectNode();
    row.put("state", state);
    row.put("action_id", grant.actionId().toString());
    row.put("action_digest", grant.actionDigest().toString());
    row.put("agent", Columns.text(grant.subject()));
    row.put("grant_nbf", grant.notBefore().toString());
    row.put("grant_exp", grant.expiresAt().toString());
    row.put("traceparent", traceparent);
    if (action != null) {
      row.put("toolset", Columns.text(action.tool().toolset()));
      row.put("tool", Columns.text(action.tool().name()));
      row.put("parameters", Canonical.text(action.parameters()));
    }
    return row;
  }

  @Override
  public Uni<List<Begun>> claim(String instance, List<Room> rooms, Duration lease) {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (Room room : rooms) {
      rows.addObject()
          .put("toolset", room.tool().toolset())
          .put("tool", room.tool().name())
          .put("room", room.room())
          .put("idempotent", room.idempotent())
          .set("but", EventJson.tree(room.but()));
    }
    return freezes
        .requireKnown()
        .chain(() ->
            epochs.inSession(session ->
                query(session, CLAIM)
                    .setParameter("rooms", rows.toString())
                    .setParameter("instance", instance)
                    .setParameter("lease", seconds(lease))
                    .getResultList()))
        .map(claimed -> claimed.stream().map(PostgresExecutions::begun).toList());
  }

  private static Begun begun(String json) {
    Claimed row = read(json, Claimed.class);
    return new Begun(
        row.actionId,
        new Tool(row.toolset, row.tool),
        row.attempt,
        EventJson.readTree(row.parameters.getBytes(StandardCharsets.UTF_8)),
        row.grantToken,
        Duration.ofMillis(row.grantLeft),
        row.toolDigest,
        null,
        row.approvers == null ? null : new Approvers(row.approvers),
        row.promised == null ? null : promised(row.promised),
        row.traceparent);
  }

  private static Promised promised(String json) {
    Map<String, Digest> byLabel = new HashMap<>();
    EventJson.readTree(json.getBytes(StandardCharsets.UTF_8))
        .properties()
        .forEach(each -> byLabel.put(each.getKey(), new Digest(each.getValue().textValue())));
    return new Promised(byLabel);
  }

  @Override
  public Uni<Map<ActionId, Standing>> look(String instance, Collection<ActionId> held) {
    return sessions
        .withStatelessSession(session ->
            query(session, LOOK)
                .setParameter("held", ids(held))
                .setParameter("instance", instance)
                .getResultList())
        .map(rows -> {
          Map<ActionId, Standing> standing = new HashMap<>();
          for (String row : rows) {
            Looked found = read(row, Looked.class);
            standing.put(found.actionId, new Standing(found.attempt, found.over, found.frozen));
          }
          return standing;
        });
  }

  @Override
  public Uni<Void> finish(String instance, List<Finish> finished) {
    ArrayNode rows = rows(finished);
    return inTransaction(session ->
        ended
            .publish(
                session,
                query(session, FINISH)
                    .setParameter("rows", rows.toString())
                    .setParameter("instance", instance))
            .call(written -> responses.keep(session, finished, written))
            .chain(written -> {
              List<Finish> lost = lost(finished, written);
              return lost.isEmpty()
                  ? Uni.createFrom().voidItem()
                  : late.publish(
                      session, query(session, LATE).setParameter("rows", rows(lost).toString()));
            }));
  }

  private static ArrayNode rows(List<Finish> finished) {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (Finish each : finished) {
      Outcome outcome = each.outcome();
      ObjectNode row = rows.addObject();
      row.put("action_id", each.begun().actionId().toString());
      row.put("attempt", each.begun().attempt());
      row.put("status", EventJson.tree(outcome.status()).textValue());
      Execution.Result result = outcome.result();
      if (result != null) {
        row.put("result_code", result.code());
        row.put("result_digest", result.digest() == null ? null : result.digest().toString());
        row.put("result_summary", result.summary());
      }
      Reason reason = outcome.reason();
      if (reason != null) {
        row.put("reason_code", reason.code()).put("reason_text", reason.text());
      }
    }
    return rows;
  }

  /// Those that were answered already when they ended.
  private static List<Finish> lost(List<Finish> finished, List<EndedExecutions.Ended> written) {
    if (written.size() == finished.size()) {
      return List.of();
    }
    Set<Begun.Attempt> known = EndedExecutions.keys(written);
    List<Finish> lost = new ArrayList<>();
    for (Finish each : finished) {
      if (each.outcome().word() != Outcome.Word.RECORDED && !known.contains(each.begun().key())) {
        LOG.errorf(
            "Outcome came after the lease had lapsed; it was answered already actionId=%s status=%s",
            each.begun().actionId(), each.outcome().status());
        lost.add(each);
      }
    }
    return lost;
  }

  @Override
  public Uni<Set<ActionId>> renew(String instance, Collection<ActionId> held, Duration lease) {
    return sessions.withStatelessSession(session ->
        query(session, RENEW)
            .setParameter("held", ids(held))
            .setParameter("instance", instance)
            .setParameter("lease", seconds(lease))
            .getResultList()
            .map(renewed ->
                renewed.stream().map(ActionId::of).collect(Collectors.toUnmodifiableSet())));
  }

  @Override
  public Uni<Void> sweep(String instance, Collection<ActionId> held, boolean unread) {
    return epochs.inTransaction(
        session -> overdue.end(session, ids(held), unread).chain(() -> responses.forget(session)));
  }

  private static Mutiny.SelectionQuery<String> query(
      Mutiny.StatelessSession session, String statement) {
    return session.createNativeQuery(statement, String.class);
  }

  private <T> Uni<T> inTransaction(Function<Mutiny.StatelessSession, Uni<T>> work) {
    return sessions.withStatelessTransaction(work);
  }

  private static String ids(Collection<ActionId> actionIds) {
    ArrayNode ids = JsonNodeFactory.instance.arrayNode();
    actionIds.forEach(each -> ids.add(each.toString()));
    return ids.toString();
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }

  private static <T> T read(String json, Class<T> type) {
    return EventJson.read(json.getBytes(StandardCharsets.UTF_8), type);
  }
}
