package dev.countersign.notifier.outbound;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.events.ActionId;
import dev.countersign.events.EventJson;
import dev.countersign.notifier.application.Channel;
import dev.countersign.notifier.application.Escalations;
import dev.countersign.notifier.application.Threads.Change;
import dev.countersign.notifier.domain.Step;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// Escalations in PostgreSQL.
@ApplicationScoped
class PostgresEscalations implements Escalations {

  // Threads that somebody else holds are left to the next look, as in PostgresThreads.
  private static final String DUE =
      """
      select cast(json_build_object('actionId', t.action_id, 'asked', t.recipients, 'set', t.set_id)
        as text)
      from thread t
      where t.action_id in (
          select action_id from escalation where due_at <= now() order by due_at limit :most)
      for no key update of t skip locked
      """;

  // Only with the threads held: another instance may have taken them meanwhile.
  private static final String TAKE =
      """
      delete from escalation where due_at <= now() and action_id = any (array (
          select cast(value as uuid) from json_array_elements_text(cast(cast(:ids as text) as json))))
      returning cast(json_build_object('actionId', action_id, 'number', number, 'groups', groups,
        'channel', channel) as text)
      """;

  // Only who may have got the question is told that it still waits; to everybody else it is on its
  // way, and says so itself. Of a set, in the thread of the question where that is still open, and
  // not while a step that is as far was told of and its own ticket waits.
  private static final String CALL =
      """
      insert into message as m
        (action_id, recipient, step, channel, message_id, traceparent, state, reason, expires_at)
      select distinct on (coalesce(t.set_id, cast(t.action_id as text)), r.recipient, r.step)
        t.action_id, r.recipient, r.step, r.channel,
        message_id(t.action_id, r.step, r.recipient, :domain), t.traceparent, r.state, r.reason,
        t.expires_at
      from json_to_recordset(cast(cast(:rows as text) as json)) as r
        (action_id uuid, recipient text, step text, channel text, state text, reason text)
      join thread t on t.action_id = r.action_id
      where t.answer is null and t.expires_at > now()
        and exists (select 1 from message q
          where q.action_id = any (array (
              select t.action_id union all
              select o.action_id from thread o where o.set_id = t.set_id))
            and q.recipient = r.recipient and q.step = 'ask'
            and (q.state = 'accepted' or q.reason = 'in-doubt') and %s)
        and not exists (select 1 from thread o join message s on s.action_id = o.action_id
          where o.set_id = t.set_id and o.answer is null and s.recipient = r.recipient
            and s.step = r.step and (s.state <> 'failed' or s.reason = 'in-doubt'))
      order by coalesce(t.set_id, cast(t.action_id as text)), r.recipient, r.step,
        r.state = 'failed',
        exists (select 1 from message q where q.action_id = t.action_id
          and q.recipient = r.recipient and q.step = 'ask') desc, t.action_id
      on conflict (action_id, recipient, step) do nothing
      returning
      """
              .formatted(Sets.STILL_ASKS)
          + MessageRow.COLUMNS;

  private final FollowUps followUps;

  @Inject
  PostgresEscalations(FollowUps followUps) {
    this.followUps = followUps;
  }

  @Override
  public Uni<List<Due>> takeDue(Mutiny.StatelessSession session, int most) {
    return session
        .createNativeQuery(DUE, String.class)
        .setParameter("most", most)
        .getResultList()
        .chain(rows -> {
          Map<ActionId, Asked> threads = new HashMap<>();
          Set<String> sets = new HashSet<>();
          for (String text : rows) {
            Asked thread = read(text, Asked.class);
            threads.put(thread.actionId, thread);
            if (thread.set != null) {
              sets.add(thread.set);
            }
          }
          return threads.isEmpty()
              ? Uni.createFrom().item(List.of())
              : Sets.lockSets(session, sets).chain(() -> take(session, threads));
        });
  }

  private static Uni<List<Due>> take(
      Mutiny.StatelessSession session, Map<ActionId, Asked> threads) {
    return session
        .createNativeQuery(TAKE, String.class)
        .setParameter("ids", Sets.json(threads.keySet()))
        .getResultList()
        .map(rows -> {
          Map<ActionId, Due> last = new LinkedHashMap<>();
          for (String text : rows) {
            Taken step = read(text, Taken.class);
            Asked thread = Objects.requireNonNull(threads.get(step.actionId));
            last.merge(
                step.actionId,
                new Due(
                    step.actionId,
                    step.number,
                    step.groups,
                    thread.asked,
                    Channel.of(List.of(step.channel))),
                (one, other) -> one.number() > other.number() ? one : other);
          }
          return List.copyOf(last.values());
        });
  }

  /// A row of [#DUE].
  private record Asked(ActionId actionId, List<String> asked, @Nullable String set) {}

  /// A row of [#TAKE].
  private record Taken(ActionId actionId, int number, List<String> groups, String channel) {}

  private static <T> T read(String json, Class<T> type) {
    return EventJson.read(json.getBytes(StandardCharsets.UTF_8), type);
  }

  @Override
  public Uni<List<Change>> call(Mutiny.StatelessSession session, List<Call> calls) {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (Call call : calls) {
      Channel channel = call.step().channel();
      for (String recipient : call.recipients()) {
        FollowUps.over(channel, rows.addObject())
            .put("action_id", call.step().actionId().toString())
            .put("recipient", recipient)
            .put("step", Step.escalation(call.step().number()).code());
      }
    }
    return rows.isEmpty()
        ? Uni.createFrom().item(List.of())
        : FollowUps.changes(
            session
                .createNativeQuery(CALL, MessageRow.class)
                .setParameter("rows", rows.toString())
                .setParameter("domain", followUps.domain()));
  }
}
