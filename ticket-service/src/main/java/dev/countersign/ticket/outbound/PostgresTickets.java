package dev.countersign.ticket.outbound;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.events.ActionCancelled;
import dev.countersign.events.ActionId;
import dev.countersign.events.Digest;
import dev.countersign.messaging.Received;
import dev.countersign.messaging.Trace;
import dev.countersign.ticket.application.Docket;
import dev.countersign.ticket.application.ExpireTickets;
import dev.countersign.ticket.application.Judgement;
import dev.countersign.ticket.application.Tickets;
import dev.countersign.ticket.domain.Outcome;
import dev.countersign.ticket.domain.TicketMachine;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// Tickets in PostgreSQL. Every batch touches its rows in the order of their ids, so that two
/// batches wait for each other and never in a ring. Rows are found by `any (array (…))` rather than
/// by a join: by their key, however the planner misjudges how many they are. Times are
/// PostgreSQL's, in microseconds.
@ApplicationScoped
class PostgresTickets implements Tickets {

  private static final String FILE =
      """
      insert into ticket (action_id, version, state, action_digest, action, prompt, prompt_digest,
          card, requirement, asks, question_digest, prompted, policy_version, opened_at, expires_at,
          decided_at, reason_code, reason_text, short_code, batch_id, traceparent, agent, platform,
          session, toolset, tool, offer, batch_size, alone, asker)
      select action_id, 0, state, action_digest, action, prompt, prompt_digest, card, requirement,
          asks, question_digest, prompted, policy_version, now(), now() + make_interval(0, 0, 0, 0, 0, 0, seconds),
          case when state <> 'pending' then now() end, reason_code, reason_text, short_code,
          batch_id, traceparent, agent, platform, session, toolset, tool, offer,
          batch_size, alone, asker
      from json_to_recordset(cast(cast(:rows as text) as json)) as r (action_id uuid, state text,
          action_digest text, action text, prompt text, prompt_digest text, card text,
          requirement text, asks text[], question_digest text, prompted text[],
          policy_version text, seconds double precision, reason_code text,
          reason_text text, short_code text, batch_id text, traceparent text, agent text,
          platform text, session text, toolset text, tool text, offer text,
          batch_size int, alone boolean, asker text)
      order by action_id
      on conflict (action_id) do nothing
      returning cast(action_id as text), cast(extract(epoch from now()) * 1000000 as bigint),
          cast(extract(epoch from expires_at) * 1000000 as bigint)
      """;

  private static final String SETTLE =
      """
      update ticket t set state = 'cancelled', version = version + 1, decided_at = now(),
          action_digest = r.action_digest, reason_code = 'cancelled'
      from json_to_recordset(cast(cast(:rows as text) as json)) as r (action_id uuid, action_digest text)
      where t.action_id = r.action_id and t.state = 'cancel-first'
      returning cast(t.action_id as text), cast(extract(epoch from now()) * 1000000 as bigint),
          t.reason_text
      """;

  private static final String DIGESTS =
      """
      select cast(action_id as text), action_digest from ticket
      where action_id = any (array (
          select cast(value as uuid) from json_array_elements_text(cast(cast(:ids as text) as json))))
      """;

  private static final String REMEMBER =
      """
      insert into ticket (action_id, version, state, opened_at, decided_by, reason_text, traceparent)
      select action_id, 0, 'cancel-first', now(), by, reason, traceparent
      from json_to_recordset(cast(cast(:rows as text) as json))
          as r (action_id uuid, by text, reason text, traceparent text)
      order by action_id
      on conflict (action_id) do nothing
      returning cast(action_id as text)
      """;

  private static final String PENDING =
      """
      select cast(action_id as text) from ticket where state = 'pending'
      order by action_id limit :most
      """;

  private static final String VOIDS_BEFORE =
      """
      select cast(extract(epoch from voids_before) * 1000000 as bigint) from epoch
      where voids_before is not null order by number desc limit 1
      """;

  private static final String EXPIRE =
      """
      with due as (
          select action_id from ticket
          where state = 'pending' and expires_at <= now()
          order by expires_at limit :most
          for no key update skip locked)
      update ticket t set state = 'expired', version = version + 1, decided_at = now(),
          reason_code = :code, reason_text = :text
      from due where t.action_id = due.action_id
      returning cast(t.action_id as text), cast(extract(epoch from now()) * 1000000 as bigint),
          t.traceparent
      """;

  // A version above the first is what a vote leaves, or a vote that lapsed; of few tickets that
  // wait, and their index holds no others.
  private static final String VOTED_ENOUGH =
      """
      select cast(t.action_id as text) from ticket t
      where t.state = 'pending' and t.version > 0
          and t.action_id > cast(cast(:after as text) as uuid)
          and (select count(*) from vote v where v.action_id = t.action_id and v.lapsed_at is null)
              >= (select sum(cast(quorum ->> 'count' as int))
                  from json_array_elements(cast(t.requirement as json) -> 'quorums') as quorum)
      order by t.action_id limit :most
      """;

  private static final String SEE =
      """
      insert into seen (action_id, approver)
      select cast(value as uuid), cast(:approver as text)
      from json_array_elements_text(cast(cast(:ids as text) as json))
      order by 1 on conflict do nothing returning cast(action_id as text)
      """;

  private static final String FIND =
      "select "
          + TicketRow.COLUMNS
          + """
           from ticket t where t.action_id = any (array (
              select cast(value as uuid) from json_array_elements_text(cast(cast(:ids as text) as json))))
          """;

  private static final String FIRST = "00000000-0000-0000-0000-000000000000";

  private static final String LOCK =
      "select "
          + TicketRow.COLUMNS
          + """
           from ticket t
          where t.action_id in (
              select cast(value as uuid) from json_array_elements_text(cast(cast(:ids as text) as json)))
          order by t.action_id for no key update of t
          """;

  // One row a person: a no takes the place of their yes, either the place of a vote that lapsed,
  // and nothing that of a no.
  private static final String VOTE =
      """
      insert into vote (action_id, approver, answer, assurance, at, attestation, credential)
      select action_id, approver, answer, assurance, at, attestation, credential
      from json_to_recordset(cast(cast(:rows as text) as json))
          as r (action_id uuid, approver text, answer text, assurance text, at timestamptz,
              attestation text, credential text)
      on conflict (action_id, approver) do update
          set answer = excluded.answer, assurance = excluded.assurance, at = excluded.at,
              attestation = excluded.attestation, credential = excluded.credential,
              lapsed_at = null
          where vote.answer = 'approve'
              and (excluded.answer = 'reject' or vote.lapsed_at is not null)
      """;

  private static final String MOVE =
      """
      update ticket t set state = r.state, version = t.version + 1, decided_at = r.at,
          decided_by = r.by, reason_code = r.reason_code, reason_text = r.reason_text,
          trusted_by = r.trust
      from json_to_recordset(cast(cast(:rows as text) as json))
          as r (action_id uuid, version int, state text, at timestamptz, by text,
              reason_code text, reason_text text, trust uuid)
      where t.action_id = r.action_id
          and case t.state when 'pending' then t.version = r.version else false end
      """;

  @Override
  public Uni<Map<ActionId, Filed>> file(
      Mutiny.StatelessSession session, List<Received<Judgement>> judgements) {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    judgements.forEach(each -> rows.add(FiledRow.of(each)));
    return session
        .createNativeQuery(FILE, Object[].class)
        .setParameter("rows", rows.toString())
        .getResultList()
        .map(filed -> {
          Map<ActionId, Filed> byId = new HashMap<>();
          for (Object[] each : filed) {
            byId.put(
                Columns.id(each[0]),
                new Filed(Columns.instant(each[1]), Columns.maybeInstant(each[2])));
          }
          return byId;
        });
  }

  @Override
  public Uni<Map<ActionId, TakenBack>> settleTakenBack(
      Mutiny.StatelessSession session, List<Received<Judgement>> judgements) {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (Received<Judgement> each : judgements) {
      Digest digest = each.event().actionDigest();
      rows.addObject()
          .put("action_id", each.event().actionId().toString())
          .put("action_digest", digest == null ? null : digest.value());
    }
    return session
        .createNativeQuery(SETTLE, Object[].class)
        .setParameter("rows", rows.toString())
        .getResultList()
        .map(settled -> {
          Map<ActionId, TakenBack> byId = new HashMap<>();
          for (Object[] each : settled) {
            byId.put(
                Columns.id(each[0]), new TakenBack(Columns.instant(each[1]), (String) each[2]));
          }
          return byId;
        });
  }

  @Override
  public Uni<Map<ActionId, Optional<Digest>>> digests(
      Mutiny.StatelessSession session, Collection<ActionId> ids) {
    return session
        .createNativeQuery(DIGESTS, Object[].class)
        .setParameter("ids", Columns.ids(ids))
        .getResultList()
        .map(found -> {
          Map<ActionId, Optional<Digest>> byId = new HashMap<>();
          for (Object[] each : found) {
            byId.put(Columns.id(each[0]), Optional.ofNullable((String) each[1]).map(Digest::new));
          }
          return byId;
        });
  }

  @Override
  public Uni<Set<ActionId>> remember(
      Mutiny.StatelessSession session, List<Received<ActionCancelled>> cancellations) {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (Received<ActionCancelled> each : cancellations) {
      rows.addObject()
          .put("action_id", each.event().actionId().toString())
          .put("by", Columns.maybeText(each.event().by()))
          .put("reason", Columns.maybeText(each.event().reason()))
          .put("traceparent", Trace.orNew(each.traceparent()));
    }
    return session
        .createNativeQuery(REMEMBER, String.class)
        .setParameter("rows", rows.toString())
        .getResultList()
        .map(ids -> ids.stream().map(ActionId::of).collect(Collectors.toSet()));
  }

  @Override
  public Uni<List<Docket>> lock(Mutiny.StatelessSession session, Collection<ActionId> ids) {
    return session
        .createNativeQuery(LOCK, TicketRow.class)
        .setParameter("ids", Columns.ids(ids))
        .getResultList()
        .chain(rows -> Dockets.dockets(session, rows));
  }

  @Override
  public Uni<Optional<Docket>> find(Mutiny.StatelessSession session, ActionId id) {
    return session.get(TicketRow.class, id.value()).chain(row -> docket(session, row));
  }

  @Override
  public Uni<List<Docket>> find(Mutiny.StatelessSession session, Collection<ActionId> ids) {
    return session
        .createNativeQuery(FIND, TicketRow.class)
        .setParameter("ids", Columns.ids(ids))
        .getResultList()
        .chain(rows -> Dockets.dockets(session, rows));
  }

  private Uni<Optional<Docket>> docket(Mutiny.StatelessSession session, @Nullable TicketRow row) {
    if (row == null) {
      return Uni.createFrom().item(Optional.empty());
    }
    return Dockets.dockets(session, List.of(row)).map(found -> Optional.of(found.getFirst()));
  }

  @Override
  public Uni<Instant> now(Mutiny.StatelessSession session) {
    return session
        .createNativeQuery(Dockets.CLOCK, Long.class)
        .getSingleResult()
        .map(Columns::instant);
  }

  @Override
  public Uni<Void> save(Mutiny.StatelessSession session, List<Decided> decided) {
    ArrayNode votes = JsonNodeFactory.instance.arrayNode();
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (Decided each : decided) {
      switch (each.outcome()) {
        case Outcome.Counted it -> {
          votes.add(SavedRow.of(each, it.vote()));
          rows.add(SavedRow.of(each.docket(), it.ticket()));
        }
        case Outcome.Answered it -> {
          it.vote().ifPresent(vote -> votes.add(SavedRow.of(each, vote)));
          rows.add(SavedRow.of(each.docket(), it.ticket()));
        }
        case Outcome.Unchanged _, Outcome.Refused _ -> {}
      }
    }
    return Columns.write(session, VOTE, votes).chain(() -> Columns.write(session, MOVE, rows));
  }

  @Override
  public Uni<List<ActionId>> pending(Mutiny.StatelessSession session, int atMost) {
    return session
        .createNativeQuery(PENDING, String.class)
        .setParameter("most", atMost)
        .getResultList()
        .map(ids -> ids.stream().map(ActionId::of).toList());
  }

  @Override
  public Uni<Optional<Instant>> voidsBefore(Mutiny.StatelessSession session) {
    return session
        .createNativeQuery(VOIDS_BEFORE, Long.class)
        .getResultList()
        .map(found -> found.stream().findFirst().map(Columns::instant));
  }

  @Override
  public Uni<List<Lapsed>> expire(Mutiny.StatelessSession session, int atMost) {
    return session
        .createNativeQuery(EXPIRE, Object[].class)
        .setParameter("most", atMost)
        .setParameter("code", TicketMachine.DEADLINE_PASSED.code())
        .setParameter("text", TicketMachine.DEADLINE_PASSED.text())
        .getResultList()
        .map(rows ->
            rows.stream()
                .map(each ->
                    new Lapsed(Columns.id(each[0]), Columns.instant(each[1]), (String) each[2]))
                .toList());
  }

  @Override
  public Uni<List<ActionId>> votedEnough(
      Mutiny.StatelessSession session, @Nullable ActionId after, int atMost) {
    return session
        .createNativeQuery(VOTED_ENOUGH, String.class)
        .setParameter("after", after == null ? FIRST : after.toString())
        .setParameter("most", atMost)
        .getResultList()
        .map(ids -> ids.stream().map(ActionId::of).toList());
  }

  @Override
  public Uni<Set<ActionId>> see(
      Mutiny.StatelessSession session, Collection<ActionId> ids, String approver) {
    return session
        .createNativeQuery(SEE, String.class)
        .setParameter("ids", Columns.ids(ids))
        .setParameter("approver", approver)
        .getResultList()
        .map(first -> first.stream().map(ActionId::of).collect(Collectors.toSet()));
  }

  @Override
  public Uni<Void> wakeExpiry(Mutiny.StatelessSession session) {
    return session
        .createNativeQuery(
            "select cast(pg_notify('" + ExpireTickets.CHANNEL + "', '') as text)", String.class)
        .getResultList()
        .replaceWithVoid();
  }
}
