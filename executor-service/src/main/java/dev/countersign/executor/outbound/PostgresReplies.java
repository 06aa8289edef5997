package dev.countersign.executor.outbound;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import dev.countersign.events.Execution;
import dev.countersign.events.Execution.Status;
import dev.countersign.events.Reason;
import dev.countersign.executor.application.Begun;
import dev.countersign.executor.application.Replies;
import dev.countersign.executor.application.Reply;
import dev.countersign.executor.domain.Outcome;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// What other systems say, written into the executions it is about.
@ApplicationScoped
class PostgresReplies implements Replies {

  // So that an executor that lives gives up its waiting before another takes it for dead.
  private static final Duration AFTERWARDS = Duration.ofSeconds(5);

  private static final String HANDED_OVER =
      """
      update execution set
        lease_until = now() + cast(:within as double precision) * interval '1 second'
      where action_id = cast(:id as uuid) and attempt = :attempt and state = 'started'
      """;

  private static final String SAID =
      """
      with said as (
        select * from json_to_recordset(cast(cast(:rows as text) as json)) as r (n integer, action_id uuid,
            status text, result_code text, result_summary text, reason_code text, reason_text text,
            tools json)),
      """;

  // The system's own tools alone; and of what it never got it has nothing to say. What was handed
  // over before the database was put back, nobody here knows: there its word is as good a hint.
  private static final String ASKED =
      """
      e.action_id = r.action_id and (e.attempt > 0 or e.reason_code = 'restored')
          and e.receipt is null
          and e.toolset || '/' || e.tool in (select json_array_elements_text(r.tools))
      """;

  // Whose word it is stands in the row from now on: no executor's. One that is to be tried again is
  // ready, and was asked about all the same.
  // Where a batch says two things about one action, the update takes either; what it did not take
  // is late.
  private static final String TAKE =
      SAID
          + """
          finished as (
            update execution e set
              state = 'done', instance = 'reported', finished_at = clock_timestamp(),
              status = r.status, result_code = r.result_code, result_summary = r.result_summary,
              reason_code = r.reason_code, reason_text = r.reason_text
            from said r
            where e.state in ('started', 'ready') and
          """
          + ASKED
          + "returning e.*)\n"
          + EndedExecutions.FINISHED;

  private static final String LATE = SAID + LateOutcomes.noting(ASKED, "'tool'");

  private static final String UNASKED =
      SAID
          + """
          unasked as (
            select n from said r where not exists (
              select 1 from execution e where
          """
          + ASKED
          + "))\nselect n from unasked";

  private static final String FIND =
      """
      select cast(row_to_json(f) as text) from (
        select action_id as "actionId", status, result_code as "resultCode",
               result_digest as "resultDigest", result_summary as "resultSummary",
               reason_code as "reasonCode", reason_text as "reasonText"
        from execution
        where state = 'done' and action_id = any (array (
          select cast(h as uuid) from json_array_elements_text(cast(cast(:ids as text) as json)) h))
      ) as f
      """;

  private record Found(
      ActionId actionId,
      Status status,
      @Nullable String resultCode,
      @Nullable Digest resultDigest,
      @Nullable String resultSummary,
      @Nullable String reasonCode,
      @Nullable String reasonText) {

    Outcome outcome() {
      return new Outcome(
          status,
          resultCode == null ? null : new Execution.Result(resultCode, resultDigest, resultSummary),
          reasonCode == null || reasonText == null ? null : new Reason(reasonCode, reasonText),
          Outcome.Word.RECORDED);
    }
  }

  private final Mutiny.SessionFactory sessions;
  private final EndedExecutions ended;
  private final LateOutcomes late;

  @Inject
  PostgresReplies(Mutiny.SessionFactory sessions, EndedExecutions ended, LateOutcomes late) {
    this.sessions = sessions;
    this.ended = ended;
    this.late = late;
  }

  @Override
  public Uni<Void> handedOver(Begun begun, Duration within) {
    return sessions.withStatelessTransaction(session ->
        session
            .createNativeQuery(HANDED_OVER)
            .setParameter("id", begun.actionId().toString())
            .setParameter("attempt", begun.attempt())
            .setParameter("within", within.plus(AFTERWARDS).toMillis() / 1000.0)
            .executeUpdate()
            .replaceWithVoid());
  }

  @Override
  public Uni<Set<Integer>> take(Mutiny.StatelessSession session, List<Reply> replies) {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    replies.forEach(each -> rows.add(row(each).put("n", rows.size())));
    String said = rows.toString();
    return ended
        .publish(session, query(session, TAKE).setParameter("rows", said))
        .chain(() -> late.publish(session, query(session, LATE).setParameter("rows", said)))
        .chain(() ->
            session
                .createNativeQuery(UNASKED, Integer.class)
                .setParameter("rows", said)
                .getResultList())
        .map(Set::copyOf);
  }

  private static ObjectNode row(Reply reply) {
    ObjectNode row = JsonNodeFactory.instance.objectNode();
    row.put("action_id", reply.actionId().toString());
    row.put("status", EventJson.tree(reply.outcome().status()).textValue());
    Execution.Result result = reply.outcome().result();
    if (result != null) {
      row.put("result_code", result.code()).put("result_summary", result.summary());
    }
    Reason reason = reply.outcome().reason();
    if (reason != null) {
      row.put("reason_code", reason.code()).put("reason_text", reason.text());
    }
    ArrayNode tools = row.putArray("tools");
    reply.tools().forEach(tool -> tools.add(tool.toString()));
    return row;
  }

  @Override
  public Uni<Map<ActionId, Outcome>> find(Collection<ActionId> actionIds) {
    ArrayNode ids = JsonNodeFactory.instance.arrayNode();
    actionIds.forEach(each -> ids.add(each.toString()));
    return sessions
        .withStatelessSession(
            session -> query(session, FIND).setParameter("ids", ids.toString()).getResultList())
        .map(rows -> {
          Map<ActionId, Outcome> outcomes = new HashMap<>();
          for (String row : rows) {
            Found found = EventJson.read(row.getBytes(StandardCharsets.UTF_8), Found.class);
            outcomes.put(found.actionId(), found.outcome());
          }
          return outcomes;
        });
  }

  private static Mutiny.SelectionQuery<String> query(
      Mutiny.StatelessSession session, String statement) {
    return session.createNativeQuery(statement, String.class);
  }
}
