package dev.countersign.notifier.outbound;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.events.ActionId;
import dev.countersign.events.EventJson;
import dev.countersign.notifier.application.Channel;
import dev.countersign.notifier.application.Escalations;
import dev.countersign.notifier.application.Threads.Change;
import dev.countersign.notifier.domain.Failure;
import dev.countersign.notifier.domain.State;
import dev.countersign.notifier.domain.Step;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.hibernate.reactive.mutiny.Mutiny;

/// Escalations in PostgreSQL.
@ApplicationScoped
class PostgresEscalations implements Escalations {

  // Threads that somebody else holds are left to the next look, as in PostgresThreads.
  private static final String DUE =
      """
      select cast(json_build_object('action', e.action_id, 'number', e.number, 'groups', e.groups,
        'channel', e.channel, 'asked', t.recipients, 'set', t.set_id) as text)
      from escalation e join thread t on t.action_id = e.action_id
      where e.due_at <= now()
      order by e.due_at limit :most for no key update of t skip locked
      """;

  private static final String TAKEN =
      """
      delete from escalation where due_at <= now() and action_id = any (array (
          select cast(value as uuid) from json_array_elements_text(cast(cast(:ids as text) as json))))
      """;

  // Only who may have got the question is told that it still waits; to everybody else it is on its
  // way, and says so itself.
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
        and exists (select 1 from message a
          where a.action_id = any (array (
              select t.action_id union all
              select o.action_id from thread o where o.set_id = t.set_id))
            and a.recipient = r.recipient and a.step = 'ask'
            and (a.state = 'accepted' or a.reason = 'in-doubt'))
        and not exists (select 1 from thread o join message s on s.action_id = o.action_id
          where o.set_id = t.set_id and s.recipient = r.recipient and s.step = r.step)
      order by coalesce(t.set_id, cast(t.action_id as text)), r.recipient, r.step, t.action_id
      on conflict (action_id, recipient, step) do nothing
      returning
      """
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
          Map<UUID, Due> last = new LinkedHashMap<>();
          Set<String> sets = new HashSet<>();
          for (String text : rows) {
            JsonNode row = EventJson.readTree(text.getBytes(StandardCharsets.UTF_8));
            Due due = due(row);
            last.merge(
                due.actionId().value(),
                due,
                (one, other) -> one.number() > other.number() ? one : other);
            if (row.path("set").isTextual()) {
              sets.add(row.path("set").textValue());
            }
          }
          return last.isEmpty()
              ? Uni.createFrom().item(List.of())
              : Sets.lockSets(session, sets)
                  .chain(() -> taken(session, last.keySet()))
                  .replaceWith(() -> List.copyOf(last.values()));
        });
  }

  private static Uni<Integer> taken(Mutiny.StatelessSession session, Collection<UUID> actions) {
    return session
        .createNativeQuery(TAKEN)
        .setParameter("ids", Sets.json(Set.copyOf(actions)))
        .executeUpdate();
  }

  private static Due due(JsonNode row) {
    return new Due(
        new ActionId(UUID.fromString(row.path("action").textValue())),
        row.path("number").intValue(),
        texts(row.path("groups")),
        texts(row.path("asked")),
        Channel.of(List.of(row.path("channel").textValue())));
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(each -> texts.add(each.textValue()));
    return texts;
  }

  @Override
  public Uni<List<Change>> call(Mutiny.StatelessSession session, List<Call> calls) {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (Call call : calls) {
      Channel channel = call.step().channel();
      for (String recipient : call.recipients()) {
        rows.addObject()
            .put("action_id", call.step().actionId().toString())
            .put("recipient", recipient)
            .put("step", Step.escalation(call.step().number()).code())
            .put("channel", channel.name())
            .put("state", (channel.available() ? State.QUEUED : State.FAILED).code())
            .put("reason", channel.available() ? null : Failure.CHANNEL_NOT_AVAILABLE.code());
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
