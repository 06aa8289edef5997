package dev.countersign.notifier.outbound;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.Requirement;
import dev.countersign.events.Requirement.Escalation;
import dev.countersign.events.TicketOpened;
import dev.countersign.notifier.application.Channel;
import dev.countersign.notifier.application.Threads;
import dev.countersign.notifier.application.Threads.Change;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.hibernate.reactive.mutiny.Mutiny;

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

  // Of a set one ask to each, until that has its answer, told of or not: what comes in meanwhile
  // stands on the page that it leads to. Who never got it is asked by the next. Of those that come
  // at once it is the one that ends first: its deadline is what the mail says.
  private static final String ASK =
      """
      insert into message as m
        (action_id, recipient, step, channel, message_id, traceparent, state, reason, expires_at,
         next_attempt_at)
      select distinct on (coalesce(set_id, cast(action_id as text)), recipient) action_id, recipient,
        'ask', channel, message_id(action_id, 'ask', recipient, :domain), traceparent, state, reason,
        expires_at, coalesce(not_before, now())
      from json_to_recordset(cast(cast(:rows as text) as json)) as r
        (action_id uuid, recipient text, channel text, traceparent text, state text, reason text,
         expires_at timestamptz, set_id text, not_before timestamptz)
      where r.set_id is null or not exists (
          select 1 from thread t join message q on q.action_id = t.action_id
          where t.set_id = r.set_id and q.recipient = r.recipient and q.step = 'ask' and reached(q)
            and %s)
      order by coalesce(set_id, cast(action_id as text)), recipient, expires_at, action_id
      on conflict (action_id, recipient, step) do nothing
      returning
      """
              .formatted(Sets.STILL_ASKS)
          + MessageRow.COLUMNS;

  // A step whose time was over before the ticket came is left out: who is asked only now need not
  // be told at once that it still waits.
  private static final String LADDER =
      """
      insert into escalation (action_id, number, due_at, groups, channel)
      select action_id, number, due_at, groups, channel
      from json_to_recordset(cast(cast(:rows as text) as json)) as r
        (action_id uuid, number int, due_at timestamptz, groups text[], channel text)
      where due_at > now()
      on conflict do nothing
      """;

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
        and case m.state when 'queued' then m.step <> 'answer' else false end
      returning
      """
          + MessageRow.COLUMNS;

  // With the last of a set, all of it has its answer.
  private static final String ENDED =
      """
      select cast(t.action_id as text) from thread t
      where t.set_id = any (array (
          select json_array_elements_text(cast(cast(:sets as text) as json)))) and ended(t)
      """;

  private static final String NOTE =
      """
      insert into untold (action_id)
      select cast(value as uuid) from json_array_elements_text(cast(cast(:ids as text) as json))
      order by 1 on conflict do nothing
      """;

  // Threads that somebody else holds are left to the next look: this waits for nobody, whatever it
  // holds already.
  private static final String UNTOLD =
      """
      select cast(t.action_id as text) from untold u join thread t on t.action_id = u.action_id
      order by u.since limit :most for no key update of t skip locked
      """;

  private static final String TOLD =
      """
      delete from untold where action_id = any (array (
          select cast(value as uuid) from json_array_elements_text(cast(cast(:ids as text) as json))))
      """;

  private final FollowUps followUps;

  @Inject
  PostgresThreads(FollowUps followUps) {
    this.followUps = followUps;
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
              .put("channel", ask.channel().available() ? ask.channel().name() : null);
      ticket.recipients().forEach(row.putArray("recipients")::add);
    }
    return session
        .createNativeQuery(OPEN, ThreadRow.class)
        .setParameter("rows", rows.toString())
        .getResultList()
        .chain(opened -> reach(session, asks, opened))
        .call(opened -> Sets.lockSets(session, Sets.sets(opened)))
        .map(opened -> unanswered(asks, opened))
        .call(unanswered -> ladders(session, unanswered))
        .chain(unanswered -> ask(session, unanswered));
  }

  private static List<Ask> unanswered(List<Ask> asks, List<ThreadRow> opened) {
    Set<UUID> unanswered =
        opened.stream()
            .filter(thread -> thread.answer == null)
            .map(thread -> thread.actionId)
            .collect(Collectors.toSet());
    return asks.stream()
        .filter(ask -> unanswered.contains(ask.ticket().event().actionId().value()))
        .toList();
  }

  private static Uni<Void> ladders(Mutiny.StatelessSession session, List<Ask> asks) {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (Ask ask : asks) {
      TicketOpened ticket = ask.ticket().event();
      Requirement requirement = ticket.requirement();
      List<Escalation> ladder =
          requirement.escalate().stream()
              .sorted(Comparator.comparingDouble(Escalation::at))
              .toList();
      int number = 0;
      for (Escalation step : ladder) {
        ObjectNode row =
            rows.addObject()
                .put("action_id", ticket.actionId().toString())
                .put("number", ++number)
                .put("due_at", requirement.due(step, ticket.expiresAt()).toString())
                .put("channel", Channel.of(step.channels()).name());
        step.groups().forEach(row.putArray("groups")::add);
      }
    }
    return rows.isEmpty()
        ? Uni.createFrom().voidItem()
        : session
            .createNativeQuery(LADDER)
            .setParameter("rows", rows.toString())
            .executeUpdate()
            .replaceWithVoid();
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

  private Uni<List<Change>> ask(Mutiny.StatelessSession session, List<Ask> asks) {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (Ask ask : asks) {
      TicketOpened ticket = ask.ticket().event();
      for (String approver : ticket.recipients()) {
        Instant notBefore = ask.notBefore().get(approver);
        FollowUps.over(ask.channel(), rows.addObject())
            .put("action_id", ticket.actionId().toString())
            .put("recipient", approver)
            .put("traceparent", ask.ticket().traceparent())
            .put("expires_at", ticket.expiresAt().toString())
            .put("set_id", ticket.set() == null ? null : ticket.set().id())
            .put("not_before", notBefore == null ? null : notBefore.toString());
      }
    }
    if (rows.isEmpty()) {
      return Uni.createFrom().item(List.of());
    }
    return FollowUps.changes(
        session
            .createNativeQuery(ASK, MessageRow.class)
            .setParameter("rows", rows.toString())
            .setParameter("domain", followUps.domain()));
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
                .chain(ended -> drop(session, ended, left(answered, ended))));
  }

  /// @param ended threads that have ended, of which people are to be told
  /// @param left threads that were answered while others of their set were not
  private Uni<List<Change>> drop(Mutiny.StatelessSession session, Set<UUID> ended, Set<UUID> left) {
    Set<UUID> over = new HashSet<>(ended);
    over.addAll(left);
    return over.isEmpty()
        ? Uni.createFrom().item(List.of())
        : FollowUps.changes(
                session
                    .createNativeQuery(DROP, MessageRow.class)
                    .setParameter("ids", Sets.json(over)))
            .call(() -> write(session, NOTE, ended))
            .chain(dropped -> FollowUps.plus(dropped, followUps.move(session, left)));
  }

  private static Uni<Void> write(
      Mutiny.StatelessSession session, String statement, Set<UUID> actions) {
    return actions.isEmpty()
        ? Uni.createFrom().voidItem()
        : session
            .createNativeQuery(statement)
            .setParameter("ids", Sets.json(actions))
            .executeUpdate()
            .replaceWithVoid();
  }

  @Override
  public Uni<Told> tell(Mutiny.StatelessSession session, int most) {
    return session
        .createNativeQuery(UNTOLD, String.class)
        .setParameter("most", most)
        .getResultList()
        .chain(untold -> {
          Set<UUID> actions = untold.stream().map(UUID::fromString).collect(Collectors.toSet());
          return actions.isEmpty()
              ? Uni.createFrom().item(new Told(0, List.of()))
              : followUps
                  .answer(session, actions)
                  .call(() -> write(session, TOLD, actions))
                  .map(changes -> new Told(actions.size(), changes));
        });
  }

  private static Set<UUID> left(List<ThreadRow> answered, Set<UUID> ended) {
    return answered.stream()
        .filter(thread -> thread.setId != null && !ended.contains(thread.actionId))
        .map(thread -> thread.actionId)
        .collect(Collectors.toSet());
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
    Set<String> sets = Sets.sets(answered);
    if (sets.isEmpty()) {
      return Uni.createFrom().item(ended);
    }
    return Sets.lockSets(session, sets)
        .chain(() ->
            session
                .createNativeQuery(ENDED, String.class)
                .setParameter("sets", Sets.json(sets))
                .getResultList())
        .map(found -> {
          found.forEach(id -> ended.add(UUID.fromString(id)));
          return ended;
        });
  }
}
