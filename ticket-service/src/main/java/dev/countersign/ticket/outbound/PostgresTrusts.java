package dev.countersign.ticket.outbound;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.Answer;
import dev.countersign.events.Assurance;
import dev.countersign.events.EventJson;
import dev.countersign.events.Prompt;
import dev.countersign.events.StandingPermission;
import dev.countersign.ticket.application.Passkeys;
import dev.countersign.ticket.application.Trusts;
import dev.countersign.ticket.domain.AgentSession;
import dev.countersign.ticket.domain.SessionTrust;
import dev.countersign.ticket.domain.Vote;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// Standing permissions in PostgreSQL.
@ApplicationScoped
class PostgresTrusts implements Trusts {

  private static final String GRANT =
      """
      insert into trust (action_id, approver, assurance, credential, permission, agent, session, asks,
          granted_at, until, most_calls, most_sum)
      select action_id, approver, assurance, credential, permission, agent, session, asks, granted_at,
          until, most_calls, most_sum
      from json_to_recordset(cast(cast(:rows as text) as json)) as r (action_id uuid, approver text,
          assurance text, credential text, permission text, agent text, session text, asks text[],
          granted_at timestamptz, until timestamptz, most_calls int, most_sum numeric)
      order by action_id
      """;

  private static final String COLUMNS =
      """
      cast(t.action_id as text), t.approver, t.assurance, t.permission,
      cast(extract(epoch from t.granted_at) * 1000000 as bigint), t.calls, cast(t.sum as text),
      t.revoked_at is not null,
      t.credential is null or exists (
          select 1 from passkey p where p.credential_id = t.credential and p.approver = t.approver
              and p.state = 'confirmed'),
      q.prompt
      """;

  private static final String LOCK =
      "select "
          + COLUMNS
          + """
          , t.credential from trust t join ticket q on q.action_id = t.action_id
          where (t.agent, t.session) in (
              select agent, session from json_to_recordset(cast(cast(:rows as text) as json))
                  as r (agent text, session text))
              and t.revoked_at is null and t.until > clock_timestamp()
          order by t.granted_at, t.action_id for update of t
          """;

  private static final String USE =
      """
      update trust t set calls = r.calls, sum = r.sum
      from json_to_recordset(cast(cast(:rows as text) as json)) as r (action_id uuid, calls int, sum numeric)
      where t.action_id = r.action_id
      """;

  private static final String SHOWN =
      """
      , array_to_string(t.asks, '\n'), cast(extract(epoch from t.revoked_at) * 1000000 as bigint), t.revoked_by
      from trust t join ticket q on q.action_id = t.action_id
      """;

  /// What a page shows at all. By the statement's time, as no index is searched by a clock that
  /// goes on.
  static final String RECENT =
      """
      (t.granted_at > statement_timestamp() - interval '7 days'
          or (t.revoked_at is null and t.until > statement_timestamp()))
      """;

  /// The `most` that a page shows: those in force first. It and its mark read the same.
  static final String FIRST =
      """
      order by (t.revoked_at is null and t.until > statement_timestamp()
          and t.calls < t.most_calls) desc, t.granted_at desc, t.action_id limit :most
      """;

  private static final String FIND =
      "select "
          + COLUMNS
          + SHOWN
          + " where "
          + RECENT
          + """
              and (:all or t.approver = :approver or t.asks && array(
                  select json_array_elements_text(cast(cast(:groups as text) as json))))
          """
          + FIRST;

  private static final String LOCK_ONE =
      "select "
          + COLUMNS
          + SHOWN
          + " where t.action_id = cast(cast(:id as text) as uuid) for update of t";

  private static final String USES =
      """
      select cast(trust as text), cast(u.action_id as text), u.prompt,
          cast(extract(epoch from u.decided_at) * 1000000 as bigint),
          cast(u.offer as json) ->> 'amount'
      from (select cast(value as uuid) as trust
          from json_array_elements_text(cast(cast(:ids as text) as json))) as given
      cross join lateral (
          select action_id, prompt, decided_at, offer from ticket
          where trusted_by = given.trust
          order by decided_at desc, action_id limit :most) u
      order by u.decided_at desc, u.action_id
      """;

  private final Passkeys passkeys;

  @Inject
  PostgresTrusts(Passkeys passkeys) {
    this.passkeys = passkeys;
  }

  @Override
  public Uni<Void> grant(Mutiny.StatelessSession session, List<Given> given) {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    given.forEach(each -> rows.add(row(each)));
    return write(session, GRANT, rows);
  }

  private static ObjectNode row(Given given) {
    StandingPermission permission = given.permission();
    AgentSession run = AgentSession.of(permission.agent());
    Vote vote = given.vote();
    ObjectNode row =
        JsonNodeFactory.instance
            .objectNode()
            .put("action_id", given.docket().actionId().toString())
            .put("approver", vote.approver())
            .put("assurance", vote.assurance().name().toLowerCase(Locale.ROOT))
            .put("credential", vote.passkey())
            .put("permission", new String(EventJson.write(permission), StandardCharsets.UTF_8))
            .put("agent", run.agent())
            .put("session", run.session())
            .put("granted_at", vote.at().toString())
            .put("until", vote.at().plus(permission.window()).toString())
            .put("most_calls", permission.calls())
            .put("most_sum", permission.sum());
    ArrayNode asks = row.putArray("asks");
    given.question().requirement().quorums().stream()
        .flatMap(quorum -> quorum.groups().stream())
        .distinct()
        .forEach(group -> asks.add(Columns.text(group)));
    return row;
  }

  @Override
  public Uni<List<SessionTrust>> lock(Mutiny.StatelessSession session, Collection<Agent> agents) {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (AgentSession each : agents.stream().map(AgentSession::of).collect(Collectors.toSet())) {
      rows.addObject().put("agent", each.agent()).put("session", each.session());
    }
    return session
        .createNativeQuery(LOCK, Object[].class)
        .setParameter("rows", rows.toString())
        .getResultList()
        .chain(found -> proven(session, found));
  }

  /// A statement of its own: it waits for a revocation that is under way, and sees it.
  private Uni<List<SessionTrust>> proven(Mutiny.StatelessSession session, List<Object[]> locked) {
    Set<String> credentials =
        locked.stream()
            .flatMap(row -> Stream.ofNullable((String) row[10]))
            .collect(Collectors.toSet());
    return passkeys
        .share(session, credentials)
        .map(confirmed ->
            locked.stream()
                .map(row ->
                    trust(
                        row,
                        (Boolean) row[8]
                            && (row[10] == null || confirmed.contains((String) row[10]))))
                .toList());
  }

  @Override
  public Uni<Void> use(Mutiny.StatelessSession session, Collection<SessionTrust> used) {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    used.forEach(each ->
        rows.addObject()
            .put("action_id", each.id().toString())
            .put("calls", each.calls())
            .put("sum", each.sum().toPlainString()));
    return write(session, USE, rows);
  }

  @Override
  public Uni<List<Shown>> find(
      Mutiny.StatelessSession session, String approver, Set<String> groups, boolean all, int most) {
    ArrayNode asked = JsonNodeFactory.instance.arrayNode();
    groups.forEach(asked::add);
    return session
        .createNativeQuery(FIND, Object[].class)
        .setParameter("all", all)
        .setParameter("approver", approver)
        .setParameter("groups", asked.toString())
        .setParameter("most", most)
        .getResultList()
        .chain(rows -> shown(session, rows));
  }

  @Override
  public Uni<Optional<Shown>> lock(Mutiny.StatelessSession session, ActionId id) {
    return session
        .createNativeQuery(LOCK_ONE, Object[].class)
        .setParameter("id", id.toString())
        .getResultList()
        .chain(rows -> shown(session, rows))
        .map(found -> found.stream().findFirst());
  }

  @Override
  public Uni<List<ActionId>> inForce(Mutiny.StatelessSession session) {
    return session
        .createNativeQuery(
            """
            select cast(action_id as text) from trust
            where revoked_at is null and until > clock_timestamp()
            order by granted_at, action_id
            """,
            String.class)
        .getResultList()
        .map(ids -> ids.stream().map(ActionId::of).toList());
  }

  @Override
  public Uni<Void> revoke(Mutiny.StatelessSession session, ActionId id, String by) {
    return session
        .createNativeQuery(
            """
            update trust set revoked_at = clock_timestamp(), revoked_by = :by
            where action_id = cast(cast(:id as text) as uuid) and revoked_at is null
            """)
        .setParameter("id", id.toString())
        .setParameter("by", by)
        .executeUpdate()
        .replaceWithVoid();
  }

  private static Uni<List<Shown>> shown(Mutiny.StatelessSession session, List<Object[]> rows) {
    if (rows.isEmpty()) {
      return Uni.createFrom().item(List.of());
    }
    ArrayNode ids = JsonNodeFactory.instance.arrayNode();
    rows.forEach(row -> ids.add((String) row[0]));
    return session
        .createNativeQuery(USES, Object[].class)
        .setParameter("ids", ids.toString())
        .setParameter("most", MOST_USES)
        .getResultList()
        .map(uses -> {
          Map<String, List<Use>> byTrust =
              uses.stream()
                  .collect(
                      Collectors.groupingBy(
                          row -> (String) row[0],
                          Collectors.mapping(PostgresTrusts::use, Collectors.toList())));
          return rows.stream()
              .map(row -> shown(row, byTrust.getOrDefault((String) row[0], List.of())))
              .toList();
        });
  }

  private static Shown shown(Object[] row, List<Use> uses) {
    return new Shown(
        trust(row, (Boolean) row[8]),
        Set.copyOf(Arrays.asList(((String) row[10]).split("\n"))),
        title(row[9]),
        row[11] == null ? null : instant(row[11]),
        (String) row[12],
        uses);
  }

  private static Use use(Object[] row) {
    return new Use(
        ActionId.of((String) row[1]),
        title(row[2]),
        instant(row[3]),
        row[4] == null ? null : new BigDecimal((String) row[4]));
  }

  private static String title(@Nullable Object prompt) {
    return prompt == null ? "" : read((String) prompt, Prompt.class).title();
  }

  private static SessionTrust trust(Object[] row, boolean proven) {
    ActionId id = ActionId.of((String) row[0]);
    StandingPermission permission = read((String) row[3], StandingPermission.class);
    return new SessionTrust(
        id,
        permission,
        new Vote(
            (String) row[1],
            Answer.APPROVE,
            Assurance.valueOf(((String) row[2]).toUpperCase(Locale.ROOT)),
            instant(row[4]),
            null,
            null,
            permission,
            null),
        row[9] == null ? Set.of() : SessionTrust.labels(read((String) row[9], Prompt.class)),
        (Integer) row[5],
        new BigDecimal((String) row[6]),
        (Boolean) row[7],
        proven);
  }

  private static Uni<Void> write(
      Mutiny.StatelessSession session, String statement, ArrayNode rows) {
    return rows.isEmpty()
        ? Uni.createFrom().voidItem()
        : session
            .createNativeQuery(statement)
            .setParameter("rows", rows.toString())
            .executeUpdate()
            .replaceWithVoid();
  }

  private static Instant instant(Object micros) {
    return Instant.EPOCH.plus((Long) micros, ChronoUnit.MICROS);
  }

  private static <T> T read(String json, Class<T> type) {
    return EventJson.read(json.getBytes(StandardCharsets.UTF_8), type);
  }
}
