package dev.countersign.gateway.outbound;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import dev.countersign.events.Decision;
import dev.countersign.events.Digest;
import dev.countersign.events.Event;
import dev.countersign.events.EventJson;
import dev.countersign.events.Execution;
import dev.countersign.events.Expired;
import dev.countersign.events.Notification;
import dev.countersign.events.Oversight;
import dev.countersign.events.TicketOpened;
import dev.countersign.events.TicketSeen;
import dev.countersign.events.Verdict;
import dev.countersign.gateway.application.Actions;
import dev.countersign.gateway.domain.Origin;
import dev.countersign.gateway.domain.Progress;
import dev.countersign.messaging.Received;
import dev.countersign.messaging.Trace;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// The table `action`. One statement a batch; rows are written in the order of their ids, so that
/// two batches about the same actions wait for each other and never lock up.
@ApplicationScoped
class PostgresActions implements Actions {

  // A row without any digest and any answer was made by a message about it that overtook its
  // verdict: a proposal may still fill it.
  private static final String TAKEN =
      """
      coalesce(action.proposed, action.verdict, action.decision, action.expired, action.execution)
      """;

  private static final String INSERT =
      """
      insert into action
          (action_id, proposed, traceparent, batch, agent, platform, session, toolset, tool)
      select action_id, proposed, traceparent, batch, agent, platform, session, toolset, tool
      from json_to_recordset(cast(cast(:rows as text) as json))
          as r (action_id uuid, proposed text, traceparent text, batch text,
              agent text, platform text, session text, toolset text, tool text)
      order by action_id
      on conflict (action_id) do update
          set proposed = excluded.proposed, batch = excluded.batch,
              agent = excluded.agent, platform = excluded.platform,
              session = excluded.session, toolset = excluded.toolset, tool = excluded.tool,
              version = action.version + 1, updated_at = now()
          where
      """
          + TAKEN
          + """
              is null
          returning cast(action_id as text)
          """;

  private static final String OUTSIDE =
      """
      select cast(action_id as text) from action
      where action_id in (
              select cast(json_array_elements_text(cast(cast(:ids as text) as json)) as uuid))
          and batch is distinct from cast(:batch as text) and
      """
          + TAKEN
          + "is not null";

  private static final String COLUMNS =
      """
      select a.action_id, a.agent, a.platform, a.session, a.toolset, a.tool, a.number,
          a.proposed, a.judged, a.ticket, a.seen_at,
          cast(a.reached as text) as reached, cast(a.failed as text) as failed,
          a.cancel_asked_at, a.decision, a.expired, a.execution, a.reconciled, a.version
      """;

  private static final String FIND =
      COLUMNS
          + """
          from json_to_recordset(cast(cast(:rows as text) as json)) as r (action_id uuid, version bigint)
          join action a on a.action_id = r.action_id and a.version > r.version
          """;

  // What agents proposed stands in their decisions and may be large: so many actions, or as many of
  // them as have room.
  private static final String LIST =
      COLUMNS
          + """
          from (
              select a.*, sum(coalesce(octet_length(a.ticket), 0) + coalesce(octet_length(a.decision), 0)
                      + coalesce(octet_length(a.execution), 0))
                  over (order by a.number desc rows between unbounded preceding and 1 preceding) as before
              from (select * from action a $where order by a.number desc limit :most) a) a
          where coalesce(a.before, 0) < :bytes
          order by a.number desc
          """;

  private static final String BEFORE = "a.number < :before";

  private static final int LARGEST_LISTING = 1 << 20;

  private static final String ASK_TO_CANCEL =
      """
      update action set cancel_asked_at = now(), version = version + 1, updated_at = now()
      where action_id = cast(cast(:id as text) as uuid) and cancel_asked_at is null
          and coalesce(decision, expired, execution) is null
          and (proposed = judged or proposed is null or judged is null)
      returning coalesce(traceparent, '')
      """;

  private static final String VERDICT =
      """
      insert into action
          (action_id, traceparent, verdict, judged, agent, platform, session, toolset, tool)
      select action_id, traceparent, verdict, judged, agent, platform, session, toolset, tool
      from json_to_recordset(cast(cast(:rows as text) as json))
          as r (action_id uuid, traceparent text, verdict text, judged text,
              agent text, platform text, session text, toolset text, tool text)
      order by action_id
      on conflict (action_id) do update
          set verdict = excluded.verdict, judged = excluded.judged,
              agent = coalesce(action.agent, excluded.agent),
              platform = case when action.agent is null then excluded.platform else action.platform end,
              session = case when action.agent is null then excluded.session else action.session end,
              toolset = case when action.agent is null then excluded.toolset else action.toolset end,
              tool = case when action.agent is null then excluded.tool else action.tool end,
              traceparent = coalesce(action.traceparent, excluded.traceparent),
              version = action.version + 1, updated_at = now()
          where action.verdict is null
      """;

  private static final String NOTIFIED =
      """
      insert into action (action_id, traceparent, reached, failed)
      select action_id, traceparent, reached, failed
      from json_to_recordset(cast(cast(:rows as text) as json))
          as r (action_id uuid, traceparent text, reached jsonb, failed jsonb)
      order by action_id
      on conflict (action_id) do update
          set reached = action.reached || excluded.reached,
              failed = action.failed || excluded.failed,
              traceparent = coalesce(action.traceparent, excluded.traceparent),
              version = action.version + 1, updated_at = now()
          where not (action.reached @> excluded.reached and action.failed @> excluded.failed)
      """;

  private static final String RECONCILED =
      """
      insert into action (action_id, traceparent, reconciled, reconciled_number, reconciled_at)
      select action_id, traceparent, reconciled, number, at
      from json_to_recordset(cast(cast(:rows as text) as json))
          as r (action_id uuid, traceparent text, reconciled text, number int, at timestamptz)
      order by action_id
      on conflict (action_id) do update
          set reconciled = excluded.reconciled, reconciled_number = excluded.reconciled_number,
              reconciled_at = excluded.reconciled_at,
              traceparent = coalesce(action.traceparent, excluded.traceparent),
              version = action.version + 1, updated_at = now()
          where action.reconciled is null
              or (action.reconciled_number, action.reconciled_at)
                  < (excluded.reconciled_number, excluded.reconciled_at)
      """;

  private static final int LONGEST_NAME = 500;

  private static final String TICKET = fact("ticket", "text");
  private static final String SEEN = fact("seen_at", "timestamptz");
  private static final String DECISION = fact("decision", "text");
  private static final String EXPIRED = fact("expired", "text");
  private static final String EXECUTION = fact("execution", "text");

  // As arrays: an event that is a member of a JSON text is escaped here and read there once more.
  private static String fact(String column, String type) {
    return """
    insert into action (action_id, traceparent, $column)
    select cast(action_id as uuid) as id, traceparent, cast(fact as $type)
    from unnest(cast(:ids as text[]), cast(:traceparents as text[]), cast(:facts as text[]))
        as r (action_id, traceparent, fact)
    order by id
    on conflict (action_id) do update
        set $column = excluded.$column,
            traceparent = coalesce(action.traceparent, excluded.traceparent),
            version = action.version + 1, updated_at = now()
        where action.$column is null
    """
        .replace("$column", column)
        .replace("$type", type);
  }

  @Override
  public Uni<Set<ActionId>> insert(
      Mutiny.StatelessSession session, Collection<Proposal> proposals) {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (Proposal each : proposals) {
      ObjectNode row = row(each.actionId(), each.traceparent());
      row.put("proposed", each.digest().toString()).put("batch", fit(each.batch()));
      origin(each.origin(), row);
      rows.add(row);
    }
    return session
        .createNativeQuery(INSERT, String.class)
        .setParameter("rows", rows.toString())
        .getResultList()
        .map(ids -> ids.stream().map(ActionId::of).collect(Collectors.toSet()));
  }

  @Override
  public Uni<Set<ActionId>> outside(
      Mutiny.StatelessSession session, String batch, Collection<ActionId> ids) {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    ids.forEach(id -> rows.add(id.toString()));
    return session
        .createNativeQuery(OUTSIDE, String.class)
        .setParameter("ids", rows.toString())
        .setParameter("batch", batch)
        .getResultList()
        .map(taken -> taken.stream().map(ActionId::of).collect(Collectors.toSet()));
  }

  @Override
  public Uni<List<Progress>> find(Mutiny.StatelessSession session, Map<ActionId, Long> newerThan) {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    newerThan.forEach(
        (id, version) -> rows.addObject().put("action_id", id.toString()).put("version", version));
    return session
        .createNativeQuery(FIND, ActionRow.class)
        .setParameter("rows", rows.toString())
        .getResultList()
        .map(found -> found.stream().map(ActionRow::progress).toList());
  }

  @Override
  public Uni<Listing> list(Mutiny.StatelessSession session, Range range, int most) {
    List<String> conditions = new ArrayList<>();
    Map<String, Object> values = new LinkedHashMap<>();
    wanted("agent", range.agent(), conditions, values);
    wanted("platform", range.platform(), conditions, values);
    wanted("session", range.session(), conditions, values);
    if (range.before() != null) {
      conditions.add(BEFORE);
      values.put("before", range.before());
    }
    // Of a few texts of our own: with "or :agent is null" no index would serve.
    String where = conditions.isEmpty() ? "" : "where " + String.join(" and ", conditions);
    Mutiny.SelectionQuery<ActionRow> query =
        session.createNativeQuery(LIST.replace("$where", where), ActionRow.class);
    values.forEach(query::setParameter);
    return query
        .setParameter("most", most)
        .setParameter("bytes", LARGEST_LISTING)
        .getResultList()
        .chain(found ->
            found.isEmpty()
                ? Uni.createFrom().item(new Listing(List.of(), false))
                : more(session, conditions, values, found.getLast().number)
                    .map(
                        more -> new Listing(found.stream().map(ActionRow::listed).toList(), more)));
  }

  private static Uni<Boolean> more(
      Mutiny.StatelessSession session,
      List<String> conditions,
      Map<String, Object> values,
      long last) {
    String where =
        Stream.concat(conditions.stream().filter(it -> !it.equals(BEFORE)), Stream.of(BEFORE))
            .collect(Collectors.joining(" and "));
    Mutiny.SelectionQuery<Boolean> query =
        session.createNativeQuery(
            "select exists (select 1 from action a where " + where + ")", Boolean.class);
    values.forEach(query::setParameter);
    return query.setParameter("before", last).getSingleResult();
  }

  private static void wanted(
      String column, @Nullable String value, List<String> conditions, Map<String, Object> values) {
    if (value != null) {
      conditions.add("a." + column + " = cast(:" + column + " as text)");
      values.put(column, value);
    }
  }

  @Override
  public Uni<Optional<String>> askToCancel(Mutiny.StatelessSession session, ActionId actionId) {
    return session
        .createNativeQuery(ASK_TO_CANCEL, String.class)
        .setParameter("id", actionId.toString())
        .getResultList()
        .map(asked -> asked.stream().findFirst().map(Trace::orNew));
  }

  @Override
  public Uni<Void> verdicts(Mutiny.StatelessSession session, List<Received<Verdict>> events) {
    List<ObjectNode> rows = new ArrayList<>();
    for (Received<Verdict> each : firsts(events)) {
      ObjectNode row = row(each.event().actionId(), each.traceparent());
      Digest judged =
          switch (each.event()) {
            case Verdict.Allowed it -> judged(it.action(), it.actionDigest(), row);
            case Verdict.ApprovalRequired it -> judged(it.action(), it.actionDigest(), row);
            case Verdict.Denied it -> judged(it.action(), it.actionDigest(), row);
            case Verdict.Refused it -> it.actionDigest();
          };
      row.put("verdict", EventJson.tree(each.event()).path("verdict").textValue());
      row.put("judged", judged == null ? null : judged.toString());
      rows.add(row);
    }
    return execute(session, VERDICT, rows);
  }

  private static Digest judged(Action action, Digest digest, ObjectNode row) {
    origin(Origin.of(action.agent(), action.tool()), row);
    return digest;
  }

  private static void origin(Origin origin, ObjectNode row) {
    row.put("agent", fit(origin.agent().id()))
        .put("platform", fit(origin.agent().platform()))
        .put("session", fit(origin.agent().session()))
        .put("toolset", fit(origin.tool().toolset()))
        .put("tool", fit(origin.tool().name()));
  }

  // A stranger's words: no text of PostgreSQL has a NUL, no index takes what is long, and one such
  // name must not keep a batch of others out. What does not fit is as good as not known.
  private static @Nullable String fit(@Nullable String name) {
    return name == null || name.length() > LONGEST_NAME || name.indexOf('\0') >= 0 ? null : name;
  }

  @Override
  public Uni<Void> ticketsOpened(
      Mutiny.StatelessSession session, List<Received<TicketOpened>> events) {
    return writeFacts(session, TICKET, events, PostgresActions::text);
  }

  @Override
  public Uni<Void> ticketsSeen(Mutiny.StatelessSession session, List<Received<TicketSeen>> events) {
    return writeFacts(session, SEEN, events, seen -> seen.at().toString());
  }

  @Override
  public Uni<Void> decisions(Mutiny.StatelessSession session, List<Received<Decision>> events) {
    return writeFacts(session, DECISION, events, PostgresActions::text);
  }

  @Override
  public Uni<Void> expired(Mutiny.StatelessSession session, List<Received<Expired>> events) {
    return writeFacts(session, EXPIRED, events, PostgresActions::text);
  }

  @Override
  public Uni<Void> executions(Mutiny.StatelessSession session, List<Received<Execution>> events) {
    return writeFacts(session, EXECUTION, events, PostgresActions::text);
  }

  @Override
  public Uni<Void> reconciled(Mutiny.StatelessSession session, List<Received<Oversight>> events) {
    Map<ActionId, ObjectNode> last = new LinkedHashMap<>();
    events.stream()
        .sorted(
            Comparator.comparing((Received<Oversight> each) -> number(each.event()))
                .thenComparing(each -> each.event().at()))
        .forEach(each ->
            last.put(
                each.event().actionId(),
                row(each.event().actionId(), each.traceparent())
                    .put("reconciled", text(each.event()))
                    .put("number", number(each.event()))
                    .put("at", each.event().at().toString())));
    return execute(session, RECONCILED, last.values());
  }

  /// As the table has it: 0 from before findings were numbered.
  private static int number(Oversight event) {
    Oversight.Reconciled reconciled = event.reconciled();
    return reconciled == null || reconciled.number() == null ? 0 : reconciled.number();
  }

  @Override
  public Uni<Void> notifications(
      Mutiny.StatelessSession session, List<Received<Notification>> events) {
    Map<ActionId, ObjectNode> rows = new LinkedHashMap<>();
    for (Received<Notification> each : events) {
      String column = column(each.event());
      if (column != null) {
        ObjectNode row =
            rows.computeIfAbsent(
                each.event().actionId(),
                id -> {
                  ObjectNode fresh = row(id, each.traceparent());
                  fresh.putObject("reached");
                  fresh.putObject("failed");
                  return fresh;
                });
        row.withObject("/" + column).put(each.event().recipient(), true);
      }
    }
    return execute(session, NOTIFIED, rows.values());
  }

  private static @Nullable String column(Notification notification) {
    return switch (notification.status()) {
      case ACCEPTED, DELIVERED, SEEN -> "reached";
      // Who could not be told that it still waits has been asked before.
      case FAILED -> notification.step().startsWith(Notification.ESCALATION) ? null : "failed";
      // On its way: says nothing about this recipient.
      case QUEUED, ESCALATED -> null;
    };
  }

  private static String text(Event event) {
    return new String(EventJson.write(event), StandardCharsets.UTF_8);
  }

  private static <E extends Event> Uni<Void> writeFacts(
      Mutiny.StatelessSession session,
      String statement,
      List<Received<E>> events,
      Function<? super E, String> fact) {
    Collection<Received<E>> first = firsts(events);
    return first.isEmpty()
        ? Uni.createFrom().voidItem()
        : session
            .createNativeQuery(statement)
            .setParameter("ids", column(first, each -> each.event().actionId().toString()))
            .setParameter("traceparents", column(first, Received::traceparent))
            .setParameter("facts", column(first, each -> fact.apply(each.event())))
            .executeUpdate()
            .replaceWithVoid();
  }

  private static <E> @Nullable String[] column(
      Collection<Received<E>> events, Function<Received<E>, @Nullable String> member) {
    return events.stream().map(member).toArray(String[]::new);
  }

  /// A statement may touch a row once only, and the first event about it is the one that counts.
  private static <E extends Event> Collection<Received<E>> firsts(List<Received<E>> events) {
    Map<ActionId, Received<E>> firsts = new LinkedHashMap<>();
    events.forEach(each -> firsts.putIfAbsent(each.event().actionId(), each));
    return firsts.values();
  }

  private static ObjectNode row(ActionId id, @Nullable String traceparent) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("action_id", id.toString())
        .put("traceparent", traceparent);
  }

  private static Uni<Void> execute(
      Mutiny.StatelessSession session, String statement, Collection<ObjectNode> rows) {
    if (rows.isEmpty()) {
      return Uni.createFrom().voidItem();
    }
    return session
        .createNativeQuery(statement)
        .setParameter("rows", JsonNodeFactory.instance.arrayNode().addAll(rows).toString())
        .executeUpdate()
        .replaceWithVoid();
  }
}
