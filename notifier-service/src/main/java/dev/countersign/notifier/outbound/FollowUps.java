package dev.countersign.notifier.outbound;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.ActionId;
import dev.countersign.notifier.application.Channel;
import dev.countersign.notifier.application.Threads.Change;
import dev.countersign.notifier.domain.Failure;
import dev.countersign.notifier.domain.State;
import dev.countersign.notifier.domain.Step;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.hibernate.reactive.mutiny.Mutiny;

/// What follows for a thread from how its messages fared: answers, reminders, and asks that move on
/// to the next of a set.
@ApplicationScoped
class FollowUps {

  // Who may have got the question gets the answer, but not before a question that is on its way.
  // What people are to be told of had ended, whatever has joined its set since.
  private static final String ANSWER =
      """
      insert into message as m
        (action_id, recipient, step, channel, message_id, traceparent, state, expires_at)
      select distinct on (a.action_id, a.recipient) a.action_id, a.recipient, 'answer', a.channel,
        message_id(a.action_id, 'answer', a.recipient, :domain), a.traceparent, 'queued',
        now() + cast('1 day' as interval)
      from message a join thread t on t.action_id = a.action_id
      where a.action_id = any (array (
          select cast(value as uuid) from json_array_elements_text(cast(cast(:ids as text) as json))))
        and (ended(t) or exists (select 1 from untold u where u.action_id = t.action_id))
        and a.step in ('ask', 'reminder') and (a.state = 'accepted' or a.reason = 'in-doubt')
        and not exists (select 1 from message s where s.action_id = a.action_id
          and s.recipient = a.recipient and s.state = 'sending')
      on conflict (action_id, recipient, step) do nothing
      returning
      """
          + MessageRow.COLUMNS;

  private static final String REMIND =
      """
      insert into message as m
        (action_id, recipient, step, channel, message_id, traceparent, state, expires_at)
      select a.action_id, a.recipient, 'reminder', a.channel,
        message_id(a.action_id, 'reminder', a.recipient, :domain), a.traceparent, 'queued',
        a.expires_at
      from message a join thread t on t.action_id = a.action_id
      where a.action_id = any (array (
          select cast(value as uuid) from json_array_elements_text(cast(cast(:ids as text) as json))))
        and t.answer is null and a.expires_at > now()
        and a.step = 'ask' and a.reason = 'in-doubt'
      on conflict (action_id, recipient, step) do nothing
      returning
      """
          + MessageRow.COLUMNS;

  // What was never sent as its own ticket ended, or is in doubt and was not reminded of: the next
  // of its set takes its place. A reminder would ask about what has its answer, and end with that
  // one's deadline.
  private static final String MOVE =
      """
      insert into message as m
        (action_id, recipient, step, channel, message_id, traceparent, state, expires_at)
      select distinct on (t.set_id, a.recipient) t.action_id, a.recipient, 'ask', t.channel,
        message_id(t.action_id, 'ask', a.recipient, :domain), t.traceparent, 'queued', t.expires_at
      from message a join thread f on f.action_id = a.action_id join thread t on t.set_id = f.set_id
      where a.action_id = any (array (
          select cast(value as uuid) from json_array_elements_text(cast(cast(:ids as text) as json))))
        and f.answer is not null and a.step = 'ask' and a.state = 'failed'
        and a.reason in ('answered-first', 'too-late', 'in-doubt')
        and t.title is not null and t.answer is null and t.channel is not null
        and t.expires_at > now() and a.recipient = any (t.recipients)
        and not exists (
            select 1 from thread o join message q on q.action_id = o.action_id
            where o.set_id = t.set_id and q.recipient = a.recipient and q.step = 'ask'
              and reached(q) and %s)
      order by t.set_id, a.recipient, t.expires_at, t.action_id
      on conflict (action_id, recipient, step) do nothing
      returning
      """
              .formatted(Sets.STILL_ASKS)
          + MessageRow.COLUMNS;

  // What waits for its next try has had one.
  private static final String WAKE =
      """
      update message m set next_attempt_at = now()
      where m.action_id = any (array (
          select cast(value as uuid) from json_array_elements_text(cast(cast(:ids as text) as json))))
        and case m.state when 'queued'
          then m.step = 'ask' and m.attempt = 0 and m.next_attempt_at > now() else false end
        and exists (select 1 from message a where a.action_id = m.action_id and a.step = 'ask'
          and a.reason = 'refused-by-server')
      """;

  private final String domain;

  @Inject
  FollowUps(@ConfigProperty(name = "countersign.smtp.from") String from) {
    this.domain = domainOf(from);
  }

  private static String domainOf(String from) {
    return from.substring(from.lastIndexOf('@') + 1).replace(">", "").strip();
  }

  /// The domain of message ids.
  String domain() {
    return domain;
  }

  /// Queues the reminders and answers that these threads lack. Their rows are held.
  Uni<List<Change>> queue(Mutiny.StatelessSession session, Set<UUID> actions) {
    return actions.isEmpty()
        ? Uni.createFrom().item(List.of())
        : answer(session, actions).chain(answers -> plus(answers, remind(session, actions)));
  }

  /// Queues the answers that these threads lack, as far as they have ended. Their rows are held.
  Uni<List<Change>> answer(Mutiny.StatelessSession session, Set<UUID> actions) {
    return queue(session, ANSWER, actions);
  }

  private Uni<List<Change>> remind(Mutiny.StatelessSession session, Set<UUID> actions) {
    return queue(session, REMIND, actions);
  }

  private Uni<List<Change>> queue(
      Mutiny.StatelessSession session, String statement, Set<UUID> actions) {
    return Uni.createFrom()
        .deferred(() ->
            changes(
                session
                    .createNativeQuery(statement, MessageRow.class)
                    .setParameter("ids", Sets.json(actions))
                    .setParameter("domain", domain)));
  }

  /// Asks about the next of a set in the place of these that were answered, where nobody knows that
  /// their mail went out. The set is held.
  Uni<List<Change>> move(Mutiny.StatelessSession session, Set<UUID> left) {
    return left.isEmpty() ? Uni.createFrom().item(List.of()) : queue(session, MOVE, left);
  }

  /// Asks at once whoever was let sleep because others can answer, where one of those was refused.
  /// Who has no address was not counted on, and a mail in doubt is reminded of.
  Uni<Void> wake(Mutiny.StatelessSession session, Set<UUID> actions) {
    return actions.isEmpty()
        ? Uni.createFrom().voidItem()
        : session
            .createNativeQuery(WAKE)
            .setParameter("ids", Sets.json(actions))
            .executeUpdate()
            .replaceWithVoid();
  }

  /// How a message over this channel begins: queued, or failed where the channel is not there.
  static ObjectNode over(Channel channel, ObjectNode row) {
    return row.put("channel", channel.name())
        .put("state", (channel.available() ? State.QUEUED : State.FAILED).code())
        .put("reason", channel.available() ? null : Failure.CHANNEL_NOT_AVAILABLE.code());
  }

  static Uni<List<Change>> plus(List<Change> first, Uni<List<Change>> second) {
    return second.map(more -> Stream.concat(first.stream(), more.stream()).toList());
  }

  static Uni<List<Change>> changes(Mutiny.SelectionQuery<MessageRow> query) {
    return query.getResultList().map(rows -> rows.stream().map(FollowUps::change).toList());
  }

  static Change change(MessageRow row) {
    return new Change(
        new ActionId(row.actionId),
        row.recipient,
        row.channel,
        Step.of(row.step),
        State.of(row.state),
        row.messageId,
        row.reason == null ? null : Failure.of(row.reason),
        row.traceparent);
  }
}
