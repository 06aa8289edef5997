package dev.countersign.ticket.outbound;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.events.ActionId;
import dev.countersign.ticket.application.Hold;
import dev.countersign.ticket.application.Holds;
import dev.countersign.ticket.domain.AgentSession;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;

/// Holds in PostgreSQL. The locks are advisory, since a session has no row, and are taken in the
/// order of their keys; two sessions of one key wait for each other and nothing worse.
@ApplicationScoped
class PostgresHolds implements Holds {

  private static final String SHARE_OF =
      """
      select cast(pg_advisory_xact_lock_shared(key) as text) from (
          select distinct session_key(agent, platform, session) as key from ticket
          where agent is not null and action_id = any (array (
              select cast(value as uuid) from json_array_elements_text(cast(cast(:ids as text) as json))))
          order by key) as keys
      """;

  private static final String SHARE =
      """
      select cast(pg_advisory_xact_lock_shared(key) as text) from (
          select distinct session_key(agent, platform, session) as key
          from json_to_recordset(cast(cast(:rows as text) as json))
              as r (agent text, platform text, session text)
          order by key) as keys
      """;

  private static final String LOCK =
      """
      select cast(pg_advisory_xact_lock(session_key(agent, platform, session)) as text)
      from json_to_recordset(cast(cast(:rows as text) as json))
          as r (agent text, platform text, session text)
      """;

  private static final String COLUMNS =
      "select h.id, h.agent, h.platform, h.session, cast(h.action_id as text), h.held_by,"
          + " cast(extract(epoch from h.held_at) * 1000000 as bigint), h.reason";

  private static final String HOLDS = COLUMNS + " from hold h where h.released_at is null";

  private static final String UPON =
      COLUMNS
          + """
          , cast(t.action_id as text)
          from hold h join ticket t on t.agent = h.agent
              and t.platform is not distinct from h.platform
              and t.session is not distinct from h.session
          where h.released_at is null and t.action_id = any (array (
              select cast(value as uuid) from json_array_elements_text(cast(cast(:ids as text) as json))))
          """;

  private static final String IN_FORCE =
      HOLDS
          + """
           and exists (
              select 1 from json_to_recordset(cast(cast(:rows as text) as json))
                  as r (agent text, platform text, session text)
              where r.agent = h.agent and r.platform is not distinct from h.platform
                  and r.session is not distinct from h.session)
          """;

  private static final String ADD =
      """
      insert into hold (agent, platform, session, action_id, held_by, held_at, reason)
      select agent, platform, session, cast(cast(:id as text) as uuid), :by, clock_timestamp(), :reason
      from json_to_recordset(cast(cast(:rows as text) as json))
          as r (agent text, platform text, session text)
      on conflict (agent, platform, session) where released_at is null do nothing
      """;

  private static final String RELEASE =
      """
      update hold set released_by = :by, released_at = clock_timestamp()
      where id = :id and released_at is null
      """;

  @Override
  public Uni<Void> shareOf(Mutiny.StatelessSession session, Collection<ActionId> tickets) {
    ArrayNode ids = JsonNodeFactory.instance.arrayNode();
    tickets.forEach(id -> ids.add(id.toString()));
    return session
        .createNativeQuery(SHARE_OF, String.class)
        .setParameter("ids", ids.toString())
        .getResultList()
        .replaceWithVoid();
  }

  @Override
  public Uni<Void> share(Mutiny.StatelessSession session, Collection<AgentSession> sessions) {
    return session
        .createNativeQuery(SHARE, String.class)
        .setParameter("rows", rows(sessions))
        .getResultList()
        .replaceWithVoid();
  }

  @Override
  public Uni<Void> lock(Mutiny.StatelessSession session, AgentSession held) {
    return session
        .createNativeQuery(LOCK, String.class)
        .setParameter("rows", rows(List.of(held)))
        .getResultList()
        .replaceWithVoid();
  }

  @Override
  public Uni<Map<AgentSession, Hold>> inForce(
      Mutiny.StatelessSession session, Collection<AgentSession> sessions) {
    return session
        .createNativeQuery(IN_FORCE, Object[].class)
        .setParameter("rows", rows(sessions))
        .getResultList()
        .map(rows ->
            rows.stream()
                .map(PostgresHolds::hold)
                .collect(Collectors.toMap(Hold::session, Function.identity())));
  }

  @Override
  public Uni<List<Hold>> all(Mutiny.StatelessSession session) {
    return session
        .createNativeQuery(HOLDS + " order by h.held_at desc", Object[].class)
        .getResultList()
        .map(rows -> rows.stream().map(PostgresHolds::hold).toList());
  }

  @Override
  public Uni<Boolean> add(
      Mutiny.StatelessSession session,
      AgentSession held,
      ActionId actionId,
      String by,
      String reason) {
    return session
        .createNativeQuery(ADD)
        .setParameter("rows", rows(List.of(held)))
        .setParameter("id", actionId.toString())
        .setParameter("by", by)
        .setParameter("reason", reason)
        .executeUpdate()
        .map(added -> added == 1);
  }

  @Override
  public Uni<Optional<Hold>> find(Mutiny.StatelessSession session, long id) {
    return session
        .createNativeQuery(HOLDS + " and h.id = :id", Object[].class)
        .setParameter("id", id)
        .getResultList()
        .map(rows -> rows.stream().map(PostgresHolds::hold).findFirst());
  }

  @Override
  public Uni<Boolean> release(Mutiny.StatelessSession session, long id, String by) {
    return session
        .createNativeQuery(RELEASE)
        .setParameter("id", id)
        .setParameter("by", by)
        .executeUpdate()
        .map(released -> released == 1);
  }

  /// The holds upon the sessions of these tickets.
  ///
  /// @param ids a JSON array of their ids
  static Uni<Map<ActionId, Hold>> upon(Mutiny.StatelessSession session, String ids) {
    return session
        .createNativeQuery(UPON, Object[].class)
        .setParameter("ids", ids)
        .getResultList()
        .map(rows ->
            rows.stream()
                .collect(
                    Collectors.toMap(each -> ActionId.of((String) each[8]), PostgresHolds::hold)));
  }

  private static String rows(Collection<AgentSession> sessions) {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (AgentSession each : sessions) {
      rows.addObject()
          .put("agent", each.agent())
          .put("platform", each.platform())
          .put("session", each.session());
    }
    return rows.toString();
  }

  private static Hold hold(Object[] row) {
    return new Hold(
        (Long) row[0],
        new AgentSession((String) row[1], (String) row[2], (String) row[3]),
        ActionId.of((String) row[4]),
        (String) row[5],
        Instant.EPOCH.plus((Long) row[6], ChronoUnit.MICROS),
        (String) row[7]);
  }
}
