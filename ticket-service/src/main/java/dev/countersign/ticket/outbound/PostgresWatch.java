package dev.countersign.ticket.outbound;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.ActionId;
import dev.countersign.ticket.application.FindTickets;
import dev.countersign.ticket.application.ReconcileExecution;
import dev.countersign.ticket.application.RevokeTrust;
import dev.countersign.ticket.application.Sets;
import dev.countersign.ticket.application.Tickets;
import dev.countersign.ticket.application.Watch;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;

/// Marks in PostgreSQL: a ticket's version and state, with a plus once its execution is known, how
/// much was found and said of it since, and the number of the hold upon its session, and a hash of
/// what any other page shows.
@ApplicationScoped
class PostgresWatch implements Watch {

  private static final String HOLD =
      """
      left join hold h on h.released_at is null and h.agent = %1$s.agent
          and h.platform is not distinct from %1$s.platform
          and h.session is not distinct from %1$s.session
      """;

  private static final String TICKETS =
      """
      select cast(t.action_id as text), t.version || t.state
          || case when e.action_id is null then '' else '+'
              || coalesce((select 'f' || count(*) from finding f
                  where f.action_id = e.action_id having count(*) > 0), '')
              || coalesce((select 'l' || count(*) from late_outcome l
                  where l.action_id = e.action_id having count(*) > 0), '') end
          || coalesce('h' || h.id, '')
      from ticket t left join execution e on e.action_id = t.action_id
      """
          + HOLD.formatted("t")
          + """
          where t.action_id = any (array (
              select cast(value as uuid) from json_array_elements_text(cast(cast(:ids as text) as json))))
          """;

  private static final String READERS =
      """
      from json_to_recordset(cast(cast(:readers as text) as json))
          as p (approver text, groups text[], everything boolean)
      """;

  // As the inbox lists them: of tickets that ask the same the first, and how many they are. Some
  // that are listed here are left out there, so it looks as far as the inbox does at once.
  private static final String INBOXES =
      """
      select p.approver, coalesce(md5(string_agg(concat_ws('.', q.action_id, n.alike, n.together), ','
          order by q.expires_at, q.action_id)), '')
      """
          + READERS
          + """
          left join lateral (
              select t.action_id, t.expires_at, t.question_digest, t.asks, t.alone, t.batch_id
              from ticket t
              where t.state = 'pending' and t.asks && p.groups
                  and not exists (
                      select 1 from vote v where v.action_id = t.action_id and v.approver = p.approver
                          and v.lapsed_at is null)
                  and not exists (
                      select 1 from ticket e
                      where e.state = 'pending' and e.question_digest = t.question_digest
                          and e.asks = t.asks
                          and (e.expires_at, e.action_id) < (t.expires_at, t.action_id)
                          and not exists (
                              select 1 from vote v
                              where v.action_id = e.action_id and v.approver = p.approver
                                  and v.lapsed_at is null))
              order by t.expires_at, t.action_id limit :most) q on true
          left join lateral (
              select count(*) as alike, case when q.alone or q.batch_id is not null then 0
                  else count(*) filter (where not e.alone and e.batch_id is null) end as together
              from ticket e
              where e.state = 'pending' and e.question_digest = q.question_digest and e.asks = q.asks
                  and not exists (
                      select 1 from vote v where v.action_id = e.action_id
                          and v.approver = p.approver and v.lapsed_at is null)) n on true
          group by p.approver
          """;

  private static final String SETS =
      """
      select w.place, md5(concat_ws('.', h.id, b.arrived, b.shown, a.shown))
      from json_to_recordset(cast(cast(:sets as text) as json)) as w (place int, id uuid, also uuid[])
      join ticket f on f.action_id = w.id
      """
          + HOLD.formatted("f")
          + """
          cross join lateral (select
              (select count(*) %s) as arrived,
              (select string_agg(concat_ws('.', m.action_id, m.version, m.state), ','
                  order by m.action_id) from (%s) m) as shown) b
          cross join lateral (
              select string_agg(concat_ws('.', m.action_id, m.version, m.state), ','
                  order by m.action_id) as shown from (%s) m) a
          """
              .formatted(
                  PostgresSets.OF_BATCH,
                  PostgresSets.SHOWN_OF_BATCH,
                  PostgresSets.SHOWN_ALIKE.formatted("w.also || w.id"));

  // What anybody may see is looked up once, however many look.
  private static final String TRUSTS =
      "with recent as materialized (select t.* from trust t where "
          + PostgresTrusts.RECENT
          + """
          )
          select p.approver, coalesce(md5(string_agg(concat_ws('.', s.action_id, s.calls, s.sum,
              s.revoked_at is null, s.until > statement_timestamp(), s.credential is null or exists (
                  select 1 from passkey k where k.credential_id = s.credential
                      and k.approver = s.approver and k.state = 'confirmed')),
              ',' order by s.action_id)), '')
          """
          + READERS
          + """
          left join lateral (
              select t.* from recent t
              where p.everything or t.approver = p.approver or t.asks && p.groups
          """
          + PostgresTrusts.FIRST
          + """
          ) s on true
          group by p.approver
          """;

  // A week begins at another hour in each zone; a day more than it has covers all of them. What is
  // answered counts once its minute is over: to show it takes four weeks of answers.
  private static final String ATTENTION =
      """
      select p.approver, md5(concat_ws('.',
          (select concat_ws(',', sum(m.prompts), sum(m.withheld)) from meter m
              where m.kind = 'approver' and m.who = p.approver
                  and m.period > cast(current_date - 8 as text)),
          case when p.everything then concat_ws('.',
              (select concat_ws(',', sum(m.prompts), sum(m.withheld)) from meter m
                  where m.kind = 'approver' and m.period > cast(current_date - 8 as text)),
              (select concat_ws(',', sum(m.prompts), sum(m.withheld)) from meter m
                  where m.kind = 'agent' and m.period > cast(current_date - 2 as text)),
              (select max(v.at) from vote v
                  where v.at < date_trunc('minute', statement_timestamp()))) end))
      """
          + READERS;

  private static final String UNKNOWN =
      """
      select p.approver, coalesce(md5(string_agg(cast(q.action_id as text), ','
          order by q.decided_at, q.action_id)), '')
      """
          + READERS
          + """
          left join lateral (
              select e.action_id, t.decided_at
              from execution e join ticket t on t.action_id = e.action_id
              where e.to_reconcile and (p.everything or t.asks && p.groups)
              order by t.decided_at, e.action_id limit :most) q on true
          group by p.approver
          """;

  private static final String PASSKEYS =
      """
      select p.approver, coalesce(md5(string_agg(concat_ws('.', k.invitation, k.state, k.tries,
          k.invited_at > now() - interval '24 hours', date_trunc('minute', k.last_used_at)), ',' order by k.invitation)), '')
      """
          + READERS
          + """
          left join passkey k on (p.everything or k.approver = p.approver) and k.state <> 'revoked'
          group by p.approver
          """;

  private final Tickets tickets;

  @Inject
  PostgresWatch(Tickets tickets) {
    this.tickets = tickets;
  }

  @Override
  public Uni<Instant> now(Mutiny.StatelessSession session) {
    return tickets.now(session);
  }

  @Override
  public Uni<Map<ActionId, String>> tickets(
      Mutiny.StatelessSession session, Collection<ActionId> ids) {
    return marks(
        session.createNativeQuery(TICKETS, Object[].class).setParameter("ids", Columns.ids(ids)),
        row -> ActionId.of((String) row));
  }

  @Override
  public Uni<Map<Reader, String>> inboxes(
      Mutiny.StatelessSession session, Collection<Reader> readers) {
    return byReader(
        session.createNativeQuery(INBOXES, Object[].class).setParameter("most", FindTickets.PAGE),
        readers);
  }

  @Override
  public Uni<Map<SetOf, String>> sets(Mutiny.StatelessSession session, Collection<SetOf> sets) {
    List<SetOf> places = new ArrayList<>(sets);
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (SetOf each : places) {
      ObjectNode row =
          rows.addObject().put("place", rows.size() - 1).put("id", each.actionId().toString());
      ArrayNode also = row.putArray("also");
      each.also().forEach(id -> also.add(id.toString()));
    }
    return marks(
        session
            .createNativeQuery(SETS, Object[].class)
            .setParameter("sets", rows.toString())
            .setParameter("most", Sets.MOST),
        place -> places.get((Integer) place));
  }

  @Override
  public Uni<Map<Reader, String>> trusts(
      Mutiny.StatelessSession session, Collection<Reader> readers) {
    return byReader(
        session.createNativeQuery(TRUSTS, Object[].class).setParameter("most", RevokeTrust.MOST),
        readers);
  }

  @Override
  public Uni<Map<Reader, String>> attention(
      Mutiny.StatelessSession session, Collection<Reader> readers) {
    return byReader(session.createNativeQuery(ATTENTION, Object[].class), readers);
  }

  @Override
  public Uni<Map<Reader, String>> unknown(
      Mutiny.StatelessSession session, Collection<Reader> readers) {
    return byReader(
        session
            .createNativeQuery(UNKNOWN, Object[].class)
            .setParameter("most", ReconcileExecution.MOST),
        readers);
  }

  @Override
  public Uni<Map<Reader, String>> passkeys(
      Mutiny.StatelessSession session, Collection<Reader> readers) {
    return byReader(session.createNativeQuery(PASSKEYS, Object[].class), readers);
  }

  private static Uni<Map<Reader, String>> byReader(
      Mutiny.SelectionQuery<Object[]> query, Collection<Reader> readers) {
    Map<String, Reader> byName =
        readers.stream().collect(Collectors.toMap(Reader::approver, each -> each));
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (Reader each : readers) {
      ObjectNode row =
          rows.addObject().put("approver", each.approver()).put("everything", each.everything());
      ArrayNode groups = row.putArray("groups");
      each.groups().forEach(groups::add);
    }
    return marks(
        query.setParameter("readers", rows.toString()),
        name -> Objects.requireNonNull(byName.get((String) name)));
  }

  private static <K> Uni<Map<K, String>> marks(
      Mutiny.SelectionQuery<Object[]> query, Function<Object, K> key) {
    return query
        .getResultList()
        .map(rows ->
            rows.stream()
                .collect(Collectors.toMap(row -> key.apply(row[0]), row -> (String) row[1])));
  }
}
