package dev.countersign.notifier.outbound;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.TicketOpened;
import dev.countersign.notifier.application.Threads;
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
import java.util.Collection;
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
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// Set by set: what a batch needs is one statement each, and by `any (array (…))` rather than a
/// join: however the planner misjudges how many they are, rows are found by their key. Whoever
/// decides between asking, reminding and answering holds the thread's row first, in the order of
/// the ids; so ask and answer cannot pass each other unseen.
@ApplicationScoped
class PostgresThreads implements Threads {

  private static final String OPEN =
      """
      insert into thread as t
        (action_id, title, target, short_code, link, expires_at, traceparent, set_id, set_size,
         recipients, channel)
      select action_id, title, target, short_code, link, expires_at, traceparent, set_id, set_size,
        recipients, channel
      from json_to_recordset(cast(cast(:rows as text) as json)) as r
        (action_id uuid, title text, target text, short_code text, link text,
         expires_at timestamptz, traceparent text, set_id text, set_size int, recipients text[],
         channel text)
      order by action_id
      on conflict (action_id) do update set
        title = excluded.title, target = excluded.target, short_code = excluded.short_code,
        link = excluded.link, expires_at = excluded.expires_at, set_id = excluded.set_id,
        set_size = excluded.set_size, recipients = excluded.recipients, channel = excluded.channel
      where t.title is null
      returning
      """
          + ThreadRow.COLUMNS;

  // A ticket that comes again names others whom it is to reach from now on, too.
  private static final String REACH =
      """
      update thread t set recipients = array(
          select distinct each from unnest(t.recipients || r.recipients) each where each is not null)
      from json_to_recordset(cast(cast(:rows as text) as json)) as r (action_id uuid, recipients text[])
      where t.action_id = r.action_id and t.title is not null and t.answer is null
      returning
      """
          + ThreadRow.COLUMNS;

  // Of a set one ask to each, until that has its answer: what comes in meanwhile stands on the page
  // that it leads to. Who never got it is asked by the next.
  private static final String ASK =
      """
      insert into message as m
        (action_id, recipient, step, channel, message_id, traceparent, state, reason, expires_at)
      select distinct on (coalesce(set_id, cast(action_id as text)), recipient) action_id, recipient,
        'ask', channel, message_id(action_id, 'ask', recipient, :domain), traceparent, state, reason,
        expires_at
      from json_to_recordset(cast(cast(:rows as text) as json)) as r
        (action_id uuid, recipient text, channel text, traceparent text, state text, reason text,
         expires_at timestamptz, set_id text)
      where r.set_id is null or not exists (
          select 1 from thread t join message a on a.action_id = t.action_id
          where t.set_id = r.set_id and a.recipient = r.recipient and a.step = 'ask'
            and (a.state <> 'failed' or a.reason = 'in-doubt')
            and not exists (select 1 from message s where s.action_id = a.action_id
              and s.recipient = a.recipient and s.step = 'answer'))
      order by coalesce(set_id, cast(action_id as text)), recipient, action_id
      on conflict (action_id, recipient, step) do nothing
      returning
      """
          + MessageRow.COLUMNS;

  private static final String END =
      """
      insert into thread as t (action_id, answer, traceparent)
      select action_id, answer, traceparent
      from json_to_recordset(cast(cast(:rows as text) as json)) as r
        (action_id uuid, answer text, traceparent text)
      order by action_id
      on conflict (action_id) do update set answer = excluded.answer where t.answer is null
      returning
      """
          + ThreadRow.COLUMNS;

  private static final String DROP =
      """
      update message m set state = 'failed', reason = 'answered-first'
      where m.action_id = any (array (
          select cast(value as uuid) from json_array_elements_text(cast(cast(:ids as text) as json))))
        and m.state = 'queued' and m.step <> 'answer'
      returning
      """
          + MessageRow.COLUMNS;

  // Who may have got the question gets the answer, but not before a question that is on its way.
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
        and ended(t)
        and a.step <> 'answer' and (a.state = 'accepted' or a.reason = 'in-doubt')
        and not exists (select 1 from message s where s.action_id = a.action_id
          and s.recipient = a.recipient and s.state = 'sending')
      on conflict (action_id, recipient, step) do nothing
      returning
      """
          + MessageRow.COLUMNS;

  // What was never sent as its own ticket ended: the next of its set takes its place.
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
        and a.reason in ('answered-first', 'too-late')
        and t.title is not null and t.answer is null and t.channel is not null
        and t.expires_at > now() and a.recipient = any (t.recipients)
        and not exists (
            select 1 from thread o join message s on s.action_id = o.action_id
            where o.set_id = t.set_id and s.recipient = a.recipient and s.step = 'ask'
              and (s.state <> 'failed' or s.reason = 'in-doubt'))
      order by t.set_id, a.recipient, t.expires_at, t.action_id
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
        and not ended(t) and a.expires_at > now()
        and a.step = 'ask' and a.reason = 'in-doubt'
      on conflict (action_id, recipient, step) do nothing
      returning
      """
          + MessageRow.COLUMNS;

  private static final String CLAIM =
      """
      update message m set
        state = case when m.expires_at > now() then 'sending' else 'failed' end,
        reason = case when m.expires_at > now() then null else 'too-late' end,
        attempt = m.attempt + 1,
        instance = :instance,
        lease_until = now() + make_interval(secs => :lease)
      where m.id in (
        select id from message where state = 'queued' and next_attempt_at <= now()
        order by next_attempt_at limit :limit for update skip locked)
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

  // After the rows, and in one order: whoever decides about the messages of a set holds it.
  private static final String LOCK_SETS =
      """
      select cast(pg_advisory_xact_lock(hashtextextended(set_id, 0)) as text) from (
          select distinct value as set_id
          from json_array_elements_text(cast(cast(:sets as text) as json)) order by value) s
      """;

  // With the last of a set, all of it has its answer.
  private static final String ENDED =
      """
      select cast(t.action_id as text) from thread t
      where t.set_id = any (array (
          select json_array_elements_text(cast(cast(:sets as text) as json)))) and ended(t)
      """;

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
      where state = 'sending' and instance = :instance
      """;

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
        and m.state = 'sending' and m.instance = :instance
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

  private final String domain;

  @Inject
  PostgresThreads(@ConfigProperty(name = "countersign.smtp.from") String from) {
    this.domain = domainOf(from);
  }

  private static String domainOf(String from) {
    return from.substring(from.lastIndexOf('@') + 1).replace(">", "").strip();
  }

  @Override
  public Uni<List<Change>> open(Mutiny.StatelessSession session, List<Ask> asks) {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (Ask ask : asks) {
      TicketOpened ticket = ask.ticket().event();
      ObjectNode row =
          rows.addObject()
              .put("action_id", ticket.actionId().toString())
              .put("title", ticket.card().title())
              .put("target", ticket.card().target())
              .put("short_code", ticket.card().shortCode())
              .put("link", ticket.link().toString())
              .put("expires_at", ticket.expiresAt().toString())
              .put("traceparent", ask.ticket().traceparent())
              .put("set_id", ticket.set() == null ? null : ticket.set().id())
              .put("set_size", ticket.set() == null ? null : ticket.set().size())
              .put("channel", ask.available() ? ask.channel() : null);
      ask.recipients().forEach(row.putArray("recipients")::add);
    }
    return session
        .createNativeQuery(OPEN, ThreadRow.class)
        .setParameter("rows", rows.toString())
        .getResultList()
        .chain(opened -> reach(session, asks, opened))
        .call(opened -> lockSets(session, sets(opened)))
        .map(opened ->
            opened.stream()
                .filter(thread -> thread.answer == null)
                .map(thread -> thread.actionId)
                .collect(Collectors.toSet()))
        .chain(unanswered -> ask(session, asks, unanswered));
  }

  /// With those that were open before, and name whom they are to reach: the people of a ticket that
  /// comes again may be others.
  private static Uni<List<ThreadRow>> reach(
      Mutiny.StatelessSession session, List<Ask> asks, List<ThreadRow> opened) {
    Set<UUID> fresh = opened.stream().map(row -> row.actionId).collect(Collectors.toSet());
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (Ask ask : asks) {
      TicketOpened ticket = ask.ticket().event();
      if (ticket.prompted() != null
          && !ticket.prompted().isEmpty()
          && !fresh.contains(ticket.actionId().value())) {
        ObjectNode row = rows.addObject().put("action_id", ticket.actionId().toString());
        ticket.prompted().forEach(row.putArray("recipients")::add);
      }
    }
    return rows.isEmpty()
        ? Uni.createFrom().item(opened)
        : session
            .createNativeQuery(REACH, ThreadRow.class)
            .setParameter("rows", rows.toString())
            .getResultList()
            .map(reached -> Stream.concat(opened.stream(), reached.stream()).toList());
  }

  private Uni<List<Change>> ask(
      Mutiny.StatelessSession session, List<Ask> asks, Set<UUID> unanswered) {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (Ask ask : asks) {
      TicketOpened ticket = ask.ticket().event();
      if (!unanswered.contains(ticket.actionId().value())) {
        continue;
      }
      for (String approver : ask.recipients()) {
        rows.addObject()
            .put("action_id", ticket.actionId().toString())
            .put("recipient", approver)
            .put("channel", ask.channel())
            .put("traceparent", ask.ticket().traceparent())
            .put("state", (ask.available() ? State.QUEUED : State.FAILED).code())
            .put("reason", ask.available() ? null : Failure.CHANNEL_NOT_AVAILABLE.code())
            .put("expires_at", ticket.expiresAt().toString())
            .put("set_id", ticket.set() == null ? null : ticket.set().id());
      }
    }
    if (rows.isEmpty()) {
      return Uni.createFrom().item(List.of());
    }
    return changes(
        session
            .createNativeQuery(ASK, MessageRow.class)
            .setParameter("rows", rows.toString())
            .setParameter("domain", domain));
  }

  @Override
  public Uni<List<Change>> end(Mutiny.StatelessSession session, List<End> ends) {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (End end : ends) {
      rows.addObject()
          .put("action_id", end.actionId().toString())
          .put("answer", end.answered().code())
          .put("traceparent", end.traceparent());
    }
    return session
        .createNativeQuery(END, ThreadRow.class)
        .setParameter("rows", rows.toString())
        .getResultList()
        .chain(answered ->
            withSets(session, answered)
                .chain(ended -> tell(session, ended, left(answered, ended))));
  }

  /// @param left threads that were answered while others of their set were not
  private Uni<List<Change>> tell(Mutiny.StatelessSession session, Set<UUID> ended, Set<UUID> left) {
    Set<UUID> over = new HashSet<>(ended);
    over.addAll(left);
    return over.isEmpty()
        ? Uni.createFrom().item(List.of())
        : changes(session.createNativeQuery(DROP, MessageRow.class).setParameter("ids", json(over)))
            .chain(dropped -> plus(dropped, followUp(session, ended)))
            .chain(changes -> plus(changes, move(session, left)));
  }

  private static Set<UUID> left(List<ThreadRow> answered, Set<UUID> ended) {
    return answered.stream()
        .filter(thread -> thread.setId != null && !ended.contains(thread.actionId))
        .map(thread -> thread.actionId)
        .collect(Collectors.toSet());
  }

  /// Asks about the next of a set in the place of these, whose mail never went out. The set is
  /// held.
  private Uni<List<Change>> move(Mutiny.StatelessSession session, Set<UUID> left) {
    return left.isEmpty()
        ? Uni.createFrom().item(List.of())
        : Uni.createFrom()
            .deferred(() ->
                changes(
                    session
                        .createNativeQuery(MOVE, MessageRow.class)
                        .setParameter("ids", json(left))
                        .setParameter("domain", domain)));
  }

  /// The threads that have ended now: of those that were just answered the ones that stand alone,
  /// and all of each set that has no other left.
  private static Uni<Set<UUID>> withSets(
      Mutiny.StatelessSession session, List<ThreadRow> answered) {
    Set<UUID> ended =
        answered.stream()
            .filter(thread -> thread.title != null && thread.setId == null)
            .map(thread -> thread.actionId)
            .collect(Collectors.toCollection(HashSet::new));
    Set<String> sets = sets(answered);
    if (sets.isEmpty()) {
      return Uni.createFrom().item(ended);
    }
    return lockSets(session, sets)
        .chain(() ->
            session
                .createNativeQuery(ENDED, String.class)
                .setParameter("sets", texts(sets))
                .getResultList())
        .map(found -> {
          found.forEach(id -> ended.add(UUID.fromString(id)));
          return ended;
        });
  }

  private static Set<String> sets(List<ThreadRow> threads) {
    return threads.stream()
        .map(thread -> thread.setId)
        .filter(Objects::nonNull)
        .collect(Collectors.toSet());
  }

  private static Uni<Void> lockSets(Mutiny.StatelessSession session, Set<String> sets) {
    return sets.isEmpty()
        ? Uni.createFrom().voidItem()
        : session
            .createNativeQuery(LOCK_SETS, String.class)
            .setParameter("sets", texts(sets))
            .getResultList()
            .replaceWithVoid();
  }

  private static String texts(Set<String> texts) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    texts.forEach(array::add);
    return array.toString();
  }

  @Override
  public Uni<Claimed> claim(
      Mutiny.StatelessSession session, String instance, Duration lease, int limit) {
    return session
        .createNativeQuery(CLAIM, MessageRow.class)
        .setParameter("instance", instance)
        .setParameter("lease", seconds(lease))
        .setParameter("limit", limit)
        .getResultList()
        .chain(claimed ->
            claimed.isEmpty()
                ? Uni.createFrom().item(new Claimed(List.of(), List.of()))
                : session
                    .createNativeQuery(THREADS, ThreadRow.class)
                    .setParameter("ids", json(actions(claimed)))
                    .getResultList()
                    .chain(threads ->
                        answers(session, sets(threads))
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
        .setParameter("sets", texts(sets))
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
        late.add(change(message));
      }
    }
    return new Claimed(letters, late);
  }

  @Override
  public Uni<Void> renew(Mutiny.StatelessSession session, String instance, Duration lease) {
    return session
        .createNativeQuery(RENEW)
        .setParameter("instance", instance)
        .setParameter("lease", seconds(lease))
        .executeUpdate()
        .replaceWithVoid();
  }

  @Override
  public Uni<List<Change>> settle(
      Mutiny.StatelessSession session, String instance, List<Sent> sent) {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    Set<UUID> actions = new HashSet<>();
    for (Sent each : sent) {
      actions.add(each.letter().actionId().value());
      ObjectNode row =
          rows.addObject()
              .put("id", each.letter().number())
              .put("attempt", each.letter().attempt())
              .put("action_id", each.letter().actionId().toString())
              .put("again", seconds(each.again()));
      switch (each.delivery()) {
        case Delivery.Accepted() -> row.put("result", "accepted");
        case Delivery.Postponed() -> row.put("result", "postponed");
        case Delivery.Failed(Failure failure) ->
            row.put("result", "failed").put("reason", failure.code());
      }
    }
    return lock(session, actions)
        .chain(() ->
            changes(
                session
                    .createNativeQuery(SETTLE, MessageRow.class)
                    .setParameter("rows", rows.toString())
                    .setParameter("instance", instance)))
        .chain(settled -> plus(settled, followUp(session, actions)))
        .chain(settled -> plus(settled, move(session, unsent(settled))))
        // What waits for its next try was published as queued when it was.
        .map(changes -> changes.stream().filter(change -> !postponed(change, sent)).toList());
  }

  private static Set<UUID> unsent(List<Change> settled) {
    return settled.stream()
        .filter(change ->
            change.step() == Step.ASK
                && (change.failure() == Failure.ANSWERED_FIRST
                    || change.failure() == Failure.TOO_LATE))
        .map(change -> change.actionId().value())
        .collect(Collectors.toSet());
  }

  private static boolean postponed(Change change, List<Sent> sent) {
    return change.state() == State.QUEUED
        && sent.stream().anyMatch(each -> each.letter().messageId().equals(change.messageId()));
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
          Set<UUID> actions = actions(lapsed);
          return lock(session, actions)
              .chain(() ->
                  changes(
                      session
                          .createNativeQuery(DOUBT, MessageRow.class)
                          .setParameter("ids", json(actions))))
              .chain(doubted -> plus(doubted, followUp(session, actions)));
        });
  }

  private static Uni<Void> lock(Mutiny.StatelessSession session, Set<UUID> actions) {
    return session
        .createNativeQuery(LOCK, ThreadRow.class)
        .setParameter("ids", json(actions))
        .getResultList()
        .chain(threads -> lockSets(session, sets(threads)));
  }

  /// Queues the reminders and answers that these threads lack. Their rows are held.
  private Uni<List<Change>> followUp(Mutiny.StatelessSession session, Set<UUID> actions) {
    return Uni.createFrom()
        .deferred(() ->
            changes(
                session
                    .createNativeQuery(ANSWER, MessageRow.class)
                    .setParameter("ids", json(actions))
                    .setParameter("domain", domain)))
        .chain(answers ->
            plus(
                answers,
                changes(
                    session
                        .createNativeQuery(REMIND, MessageRow.class)
                        .setParameter("ids", json(actions))
                        .setParameter("domain", domain))));
  }

  private static Uni<List<Change>> plus(List<Change> first, Uni<List<Change>> second) {
    return second.map(more -> Stream.concat(first.stream(), more.stream()).toList());
  }

  private static Uni<List<Change>> changes(Mutiny.SelectionQuery<MessageRow> query) {
    return query.getResultList().map(rows -> rows.stream().map(PostgresThreads::change).toList());
  }

  private static Change change(MessageRow row) {
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
        step == Step.ANSWER ? answered(thread.answer) : null,
        message.messageId,
        // The first of these dots is the one behind the id; a domain may have such a part too.
        message.messageId.replaceFirst("\\." + step.code() + "\\.", "." + Step.ASK.code() + "."),
        together);
  }

  private static Answered answered(@Nullable String code) {
    return Answered.of(Objects.requireNonNull(code));
  }

  private static Set<UUID> actions(Collection<MessageRow> rows) {
    return rows.stream().map(row -> row.actionId).collect(Collectors.toSet());
  }

  private static String json(Set<UUID> ids) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    ids.forEach(id -> array.add(id.toString()));
    return array.toString();
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }
}
