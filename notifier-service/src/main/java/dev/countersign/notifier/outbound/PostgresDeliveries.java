package dev.countersign.notifier.outbound;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.ActionId;
import dev.countersign.notifier.application.Deliveries;
import dev.countersign.notifier.application.Deliveries.Claimed;
import dev.countersign.notifier.application.Deliveries.Sent;
import dev.countersign.notifier.application.Threads.Change;
import dev.countersign.notifier.domain.Answered;
import dev.countersign.notifier.domain.Delivery;
import dev.countersign.notifier.domain.Failure;
import dev.countersign.notifier.domain.Letter;
import dev.countersign.notifier.domain.State;
import dev.countersign.notifier.domain.Step;
import dev.countersign.notifier.domain.Together;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// Deliveries in PostgreSQL. Whoever writes down how one ended holds the thread's row first, in the
/// order of the ids, and then its set: so ask and answer cannot pass each other unseen.
@ApplicationScoped
class PostgresDeliveries implements Deliveries {

  // Each has an index of its own: many answers that wait must not be read to find a question. Who
  // was let sleep through the deadline is left to the answer, which is all that keeps them unasked.
  private static final String CLAIM =
      """
      with asked as (
        select id from message
        where state = 'queued' and step <> 'answer' and next_attempt_at <= now()
          and (attempt > 0 or next_attempt_at <> expires_at)
        order by next_attempt_at limit :limit for update skip locked),
      told as (
        select id from message
        where state = 'queued' and step = 'answer' and next_attempt_at <= now()
        order by next_attempt_at
        limit (select least(:answers, :limit - count(*)) from asked)
        for update skip locked)
      update message m set
        state = case when m.expires_at > now() then 'sending' else 'failed' end,
        reason = case when m.expires_at > now() then null else 'too-late' end,
        attempt = m.attempt + 1,
        instance = :instance,
        lease_until = now() + make_interval(secs => :lease)
      where m.id in (select id from asked union all select id from told)
      returning
      """
          + MessageRow.COLUMNS;

  private static final String THREADS =
      "select "
          + ThreadRow.COLUMNS
          + """
           from thread t
          where t.action_id = any (array (
          select cast(value as uuid) from json_array_elements_text(cast(cast(:ids as text) as json))))
          """;

  // Leaves the key alone, so that a message can be queued for a thread that another transaction
  // holds; those of a set are guarded by its own lock.
  private static final String LOCK = THREADS + " order by t.action_id for no key update";

  private static final String ANSWERS =
      """
      select set_id, answer, count(*) from thread
      where set_id = any (array (
          select json_array_elements_text(cast(cast(:sets as text) as json))))
          and title is not null and answer is not null
      group by set_id, answer
      """;

  private static final String RENEW =
      """
      update message set lease_until = now() + make_interval(secs => :lease)
      where state = 'sending' and instance = :instance and id = any (array (
          select cast(value as bigint)
          from json_array_elements_text(cast(cast(:numbers as text) as json))))
      """;

  private static final String UNSENT =
      "select "
          + MessageRow.COLUMNS
          + """
           from message m
          where m.state = 'sending' and m.instance = :instance and m.id <> all (array (
              select cast(value as bigint)
              from json_array_elements_text(cast(cast(:numbers as text) as json))))
          limit 1000
          """;

  // A case, so that rows are found by their key: the index of what is being sent holds everything
  // that has been since the last vacuum.
  private static final String SETTLE =
      """
      update message m set
        state = case
          when s.result <> 'postponed' then s.result
          when s.answered and m.step <> 'answer' or m.expires_at <= now() then 'failed'
          else 'queued' end,
        reason = case
          when s.result <> 'postponed' then s.reason
          when s.answered and m.step <> 'answer' then 'answered-first'
          when m.expires_at <= now() then 'too-late' end,
        next_attempt_at = least(now() + make_interval(secs => s.again), m.expires_at)
      from (
        select r.*, t.answer is not null as answered
        from json_to_recordset(cast(cast(:rows as text) as json)) as r
          (id bigint, attempt int, action_id uuid, result text, reason text, again double precision)
        join thread t on t.action_id = r.action_id) s
      where m.id = s.id and m.attempt = s.attempt
        and case m.state when 'sending' then m.instance = :instance else false end
      returning
      """
          + MessageRow.COLUMNS;

  private static final String LAPSED =
      "select "
          + MessageRow.COLUMNS
          + """
           from message m where m.state = 'sending' and m.lease_until < now() limit 1000
          """;

  private static final String DOUBT =
      """
      update message m set state = 'failed', reason = 'in-doubt'
      where m.action_id = any (array (
          select cast(value as uuid) from json_array_elements_text(cast(cast(:ids as text) as json))))
        and m.state = 'sending' and m.lease_until < now()
      returning
      """
          + MessageRow.COLUMNS;

  private final FollowUps followUps;

  @Inject
  PostgresDeliveries(FollowUps followUps) {
    this.followUps = followUps;
  }

  @Override
  public Uni<Claimed> claim(
      Mutiny.StatelessSession session,
      String instance,
      Duration lease,
      int limit,
      int mostAnswers) {
    return session
        .createNativeQuery(CLAIM, MessageRow.class)
        .setParameter("instance", instance)
        .setParameter("lease", seconds(lease))
        .setParameter("limit", limit)
        .setParameter("answers", mostAnswers)
        .getResultList()
        .chain(claimed ->
            claimed.isEmpty()
                ? Uni.createFrom().item(new Claimed(List.of(), List.of()))
                : session
                    .createNativeQuery(THREADS, ThreadRow.class)
                    .setParameter("ids", Sets.json(Sets.actions(claimed)))
                    .getResultList()
                    .chain(threads ->
                        answers(session, Sets.sets(threads))
                            .map(answers -> claimed(claimed, threads, answers))));
  }

  /// How the members of these sets ended that have.
  private static Uni<Map<String, Map<Answered, Integer>>> answers(
      Mutiny.StatelessSession session, Set<String> sets) {
    if (sets.isEmpty()) {
      return Uni.createFrom().item(Map.of());
    }
    return session
        .createNativeQuery(ANSWERS, Object[].class)
        .setParameter("sets", Sets.json(sets))
        .getResultList()
        .map(rows -> {
          Map<String, Map<Answered, Integer>> answers = new HashMap<>();
          for (Object[] row : rows) {
            answers
                .computeIfAbsent((String) row[0], _ -> new EnumMap<>(Answered.class))
                .put(Answered.of((String) row[1]), Math.toIntExact((Long) row[2]));
          }
          return answers;
        });
  }

  private static Claimed claimed(
      List<MessageRow> messages,
      List<ThreadRow> threads,
      Map<String, Map<Answered, Integer>> answers) {
    Map<UUID, ThreadRow> byAction =
        threads.stream().collect(Collectors.toMap(row -> row.actionId, Function.identity()));
    List<Letter> letters = new ArrayList<>();
    List<Change> late = new ArrayList<>();
    for (MessageRow message : messages) {
      if (State.of(message.state) == State.SENDING) {
        ThreadRow thread = Objects.requireNonNull(byAction.get(message.actionId));
        letters.add(letter(message, thread, together(thread, answers)));
      } else {
        late.add(FollowUps.change(message));
      }
    }
    return new Claimed(letters, late);
  }

  @Override
  public Uni<Void> renew(
      Mutiny.StatelessSession session, String instance, Set<Long> underWay, Duration lease) {
    return session
        .createNativeQuery(RENEW)
        .setParameter("instance", instance)
        .setParameter("numbers", Sets.json(underWay))
        .setParameter("lease", seconds(lease))
        .executeUpdate()
        .replaceWithVoid();
  }

  @Override
  public Uni<List<Change>> putBack(
      Mutiny.StatelessSession session, String instance, Set<Long> underWay) {
    return session
        .createNativeQuery(UNSENT, MessageRow.class)
        .setParameter("instance", instance)
        .setParameter("numbers", Sets.json(underWay))
        .getResultList()
        .chain(unsent -> {
          Ends ends = new Ends();
          unsent.forEach(each ->
              ends.add(
                  each.id,
                  each.attempt,
                  each.actionId,
                  each.messageId,
                  new Delivery.Postponed(),
                  Duration.ZERO));
          return unsent.isEmpty()
              ? Uni.createFrom().item(List.of())
              : settle(session, instance, ends);
        });
  }

  @Override
  public Uni<List<Change>> settle(
      Mutiny.StatelessSession session, String instance, List<Sent> sent) {
    Ends ends = new Ends();
    for (Sent each : sent) {
      Letter letter = each.letter();
      ends.add(
          letter.number(),
          letter.attempt(),
          letter.actionId().value(),
          letter.messageId(),
          each.delivery(),
          each.again());
    }
    return settle(session, instance, ends);
  }

  private Uni<List<Change>> settle(Mutiny.StatelessSession session, String instance, Ends ends) {
    return lock(session, ends.actions)
        .chain(() ->
            FollowUps.changes(
                session
                    .createNativeQuery(SETTLE, MessageRow.class)
                    .setParameter("rows", ends.rows.toString())
                    .setParameter("instance", instance)))
        .chain(settled -> FollowUps.plus(settled, followUps.queue(session, asked(settled))))
        .call(settled -> followUps.wake(session, failed(settled)))
        .chain(settled -> FollowUps.plus(settled, followUps.move(session, failed(settled))))
        // What waits for its next try was published as queued when it was.
        .map(changes ->
            changes.stream()
                .filter(change ->
                    change.state() != State.QUEUED || !ends.messageIds.contains(change.messageId()))
                .toList());
  }

  /// How messages ended, as [#SETTLE] reads it.
  private static final class Ends {

    private final ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    private final Set<UUID> actions = new HashSet<>();
    private final Set<String> messageIds = new HashSet<>();

    void add(
        long number,
        int attempt,
        UUID action,
        String messageId,
        Delivery delivery,
        Duration again) {
      actions.add(action);
      messageIds.add(messageId);
      ObjectNode row =
          rows.addObject()
              .put("id", number)
              .put("attempt", attempt)
              .put("action_id", action.toString())
              .put("again", seconds(again));
      switch (delivery) {
        case Delivery.Accepted() -> row.put("result", "accepted");
        case Delivery.Postponed() -> row.put("result", "postponed");
        case Delivery.Failed(Failure failure) ->
            row.put("result", "failed").put("reason", failure.code());
      }
    }
  }

  /// Nothing follows on an answer.
  private static Set<UUID> asked(List<Change> settled) {
    return settled.stream()
        .filter(change -> change.step().kind() != Step.Kind.ANSWER)
        .map(change -> change.actionId().value())
        .collect(Collectors.toSet());
  }

  private static Set<UUID> failed(List<Change> settled) {
    return settled.stream()
        .filter(change -> change.step().kind() != Step.Kind.ANSWER && change.failure() != null)
        .map(change -> change.actionId().value())
        .collect(Collectors.toSet());
  }

  @Override
  public Uni<List<Change>> doubt(Mutiny.StatelessSession session) {
    return session
        .createNativeQuery(LAPSED, MessageRow.class)
        .getResultList()
        .chain(lapsed -> {
          if (lapsed.isEmpty()) {
            return Uni.createFrom().item(List.of());
          }
          Set<UUID> actions = Sets.actions(lapsed);
          return lock(session, actions)
              .chain(() ->
                  FollowUps.changes(
                      session
                          .createNativeQuery(DOUBT, MessageRow.class)
                          .setParameter("ids", Sets.json(actions))))
              .chain(doubted -> FollowUps.plus(doubted, followUps.queue(session, actions)))
              .call(changes -> followUps.wake(session, failed(changes)))
              .chain(changes -> FollowUps.plus(changes, followUps.move(session, failed(changes))));
        });
  }

  private static Uni<Void> lock(Mutiny.StatelessSession session, Set<UUID> actions) {
    return session
        .createNativeQuery(LOCK, ThreadRow.class)
        .setParameter("ids", Sets.json(actions))
        .getResultList()
        .chain(threads -> Sets.lockSets(session, Sets.sets(threads)));
  }

  private static @Nullable Together together(
      ThreadRow thread, Map<String, Map<Answered, Integer>> answers) {
    return thread.setId == null || thread.setSize == null
        ? null
        : new Together(thread.setSize, answers.getOrDefault(thread.setId, Map.of()));
  }

  private static Letter letter(MessageRow message, ThreadRow thread, @Nullable Together together) {
    Step step = Step.of(message.step);
    return new Letter(
        message.id,
        message.attempt,
        new ActionId(message.actionId),
        message.recipient,
        step,
        Objects.requireNonNull(thread.title),
        Objects.requireNonNull(thread.target),
        thread.shortCode,
        Objects.requireNonNull(thread.link),
        Objects.requireNonNull(thread.expiresAt),
        step.kind() == Step.Kind.ANSWER ? answered(thread.answer) : null,
        message.messageId,
        // The first of these dots is the one behind the id; a domain may have such a part too.
        message.messageId.replaceFirst("\\." + step.code() + "\\.", "." + Step.ASK.code() + "."),
        together);
  }

  private static Answered answered(@Nullable String code) {
    return Answered.of(Objects.requireNonNull(code));
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }
}
