package dev.countersign.ticket.outbound;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.Action;
import dev.countersign.events.ActionCancelled;
import dev.countersign.events.ActionId;
import dev.countersign.events.Answer;
import dev.countersign.events.Assurance;
import dev.countersign.events.Batch;
import dev.countersign.events.Card;
import dev.countersign.events.Digest;
import dev.countersign.events.DsseEnvelope;
import dev.countersign.events.EventJson;
import dev.countersign.events.Prompt;
import dev.countersign.events.Reason;
import dev.countersign.events.Requirement;
import dev.countersign.events.Verdict;
import dev.countersign.messaging.Received;
import dev.countersign.messaging.Trace;
import dev.countersign.ticket.application.Docket;
import dev.countersign.ticket.application.ExpireTickets;
import dev.countersign.ticket.application.Hold;
import dev.countersign.ticket.application.Judgement;
import dev.countersign.ticket.application.Standing;
import dev.countersign.ticket.application.Tickets;
import dev.countersign.ticket.domain.AgentSession;
import dev.countersign.ticket.domain.Asking;
import dev.countersign.ticket.domain.Names;
import dev.countersign.ticket.domain.Outcome;
import dev.countersign.ticket.domain.Question;
import dev.countersign.ticket.domain.Ticket;
import dev.countersign.ticket.domain.TicketMachine;
import dev.countersign.ticket.domain.TrustOffer;
import dev.countersign.ticket.domain.Vote;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
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
          session, toolset, tool, offer, batch_size, alone)
      select action_id, 0, state, action_digest, action, prompt, prompt_digest, card, requirement,
          asks, question_digest, prompted, policy_version, now(), now() + make_interval(0, 0, 0, 0, 0, 0, seconds),
          case when state <> 'pending' then now() end, reason_code, reason_text, short_code,
          batch_id, traceparent, agent, platform, session, toolset, tool, offer,
          batch_size, alone
      from json_to_recordset(cast(cast(:rows as text) as json)) as r (action_id uuid, state text,
          action_digest text, action text, prompt text, prompt_digest text, card text,
          requirement text, asks text[], question_digest text, prompted text[],
          policy_version text, seconds double precision, reason_code text,
          reason_text text, short_code text, batch_id text, traceparent text, agent text,
          platform text, session text, toolset text, tool text, offer text,
          batch_size int, alone boolean)
      order by action_id
      on conflict (action_id) do nothing
      returning cast(action_id as text), cast(extract(epoch from now()) * 1000000 as bigint),
          cast(extract(epoch from expires_at) * 1000000 as bigint)
      """;

  private static final String TOLD =
      """
      select distinct t.question_digest, person from ticket t, unnest(t.prompted) person
      where t.state = 'pending' and t.prompted <> '{}' and t.question_digest = any (array (
              select json_array_elements_text(cast(cast(:questions as text) as json))))
          and t.action_id <> all (array (
              select cast(value as uuid) from json_array_elements_text(cast(cast(:ids as text) as json))))
      """;

  private static final String NEXT =
      """
      with ended as (
          select distinct question_digest, asks from ticket
          where prompted <> '{}' and question_digest is not null and action_id = any (array (
              select cast(value as uuid) from json_array_elements_text(cast(cast(:ids as text) as json)))))
      select cast(n.action_id as text), array_to_string(n.prompted, chr(1))
      from ended e cross join lateral (
          select t.action_id, t.prompted from ticket t
          where t.state = 'pending' and t.question_digest = e.question_digest and t.asks = e.asks
              and t.expires_at > clock_timestamp()
          order by t.expires_at, t.action_id limit 1 for no key update skip locked) n
      """;

  private static final String PROMPT =
      """
      update ticket t set prompted = array(select json_array_elements_text(r.people))
      from json_to_recordset(cast(cast(:rows as text) as json)) as r (action_id uuid, people json)
      where t.action_id = r.action_id
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

  private static final String EXPIRE =
      """
      with due as (
          select action_id from ticket
          where state = 'pending' and expires_at <= now()
          order by expires_at limit :most
          for update skip locked)
      update ticket t set state = 'expired', version = version + 1, decided_at = now(),
          reason_code = :code, reason_text = :text
      from due where t.action_id = due.action_id
      returning cast(t.action_id as text), cast(extract(epoch from now()) * 1000000 as bigint),
          t.traceparent
      """;

  private static final String VOTES =
      """
      select cast(action_id as text), approver, answer, assurance,
          cast(extract(epoch from at) * 1000000 as bigint),
          cast(extract(epoch from lapsed_at) * 1000000 as bigint)
      from vote
      where action_id = any (array (
          select cast(value as uuid) from json_array_elements_text(cast(cast(:ids as text) as json))))
      order by at, approver
      """;

  private static final String ATTESTATIONS =
      """
      select cast(action_id as text), approver, attestation from vote
      where attestation is not null and action_id = any (array (
          select cast(value as uuid) from json_array_elements_text(cast(cast(:ids as text) as json))))
      """;

  private static final String LOCK =
      "select "
          + TicketRow.COLUMNS
          + """
           from ticket t
          where t.action_id in (
              select cast(value as uuid) from json_array_elements_text(cast(cast(:ids as text) as json)))
          order by t.action_id for update of t
          """;

  private static final String PENDING =
      "select "
          + TicketRow.COLUMNS
          + """
           from ticket t
          where t.state = 'pending'
              and t.asks && array(
                  select json_array_elements_text(cast(cast(:groups as text) as json)))
              and (t.expires_at, t.action_id)
                  > (cast(cast(:at as text) as timestamptz), cast(cast(:id as text) as uuid))
              and not exists (
                  select 1 from vote v where v.action_id = t.action_id and v.approver = :approver
                      and v.lapsed_at is null)
          order by t.expires_at, t.action_id limit :most
          """;

  // The first of those that ask the same of the same groups, as far as this person has not voted:
  // the others stand behind it.
  private static final String QUESTIONS =
      PENDING.replace(
          "order by",
          """
              and not exists (
                  select 1 from ticket e
                  where e.state = 'pending' and e.question_digest = t.question_digest
                      and e.asks = t.asks
                      and (e.expires_at, e.action_id) < (t.expires_at, t.action_id)
                      and not exists (
                          select 1 from vote v
                          where v.action_id = e.action_id and v.approver = :approver
                      and v.lapsed_at is null))
          order by\
          """);

  private static final String COUNT_ALIKE =
      """
      select cast(t.action_id as text), n.alike,
          case when t.alone or t.batch_id is not null then 0 else n.together end
      from ticket t, lateral (
          select count(*) as alike,
              count(*) filter (where not e.alone and e.batch_id is null) as together
          from ticket e
          where e.state = 'pending' and e.question_digest = t.question_digest and e.asks = t.asks
              and not exists (
                  select 1 from vote v where v.action_id = e.action_id and v.approver = :approver
                      and v.lapsed_at is null)) n
      where t.question_digest is not null and t.action_id = any (array (
          select cast(value as uuid) from json_array_elements_text(cast(cast(:ids as text) as json))))
      """;

  // One row a person: a no takes the place of their yes, either that of one that lapsed, and
  // nothing
  // takes the place of a no.
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
      where t.action_id = r.action_id and t.version = r.version and t.state = 'pending'
      """;

  // Not now(): a transaction that waited for the row began before what it now reads happened.
  private static final String CLOCK =
      "select cast(extract(epoch from clock_timestamp()) * 1000000 as bigint)";

  @Override
  public Uni<Map<Digest, Set<String>>> told(Mutiny.StatelessSession session, List<Asking> askings) {
    ArrayNode questions = JsonNodeFactory.instance.arrayNode();
    askings.stream().map(Asking::question).distinct().forEach(it -> questions.add(it.value()));
    return session
        .createNativeQuery(TOLD, Object[].class)
        .setParameter("questions", questions.toString())
        .setParameter("ids", ids(askings.stream().map(Asking::actionId).toList()))
        .getResultList()
        .map(rows ->
            rows.stream()
                .collect(
                    Collectors.groupingBy(
                        each -> new Digest((String) each[0]),
                        Collectors.mapping(each -> (String) each[1], Collectors.toSet()))));
  }

  @Override
  public Uni<Map<ActionId, List<String>>> next(
      Mutiny.StatelessSession session, Collection<ActionId> ended) {
    return session
        .createNativeQuery(NEXT, Object[].class)
        .setParameter("ids", ids(ended))
        .getResultList()
        .map(rows ->
            rows.stream().collect(Collectors.toMap(each -> id(each[0]), each -> people(each[1]))));
  }

  private static List<String> people(@Nullable Object joined) {
    return joined == null || joined.equals("")
        ? List.of()
        : List.of(((String) joined).split("\u0001"));
  }

  @Override
  public Uni<Void> prompt(Mutiny.StatelessSession session, Map<ActionId, List<String>> people) {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    people.forEach((id, told) -> {
      ObjectNode row = rows.addObject().put("action_id", id.toString());
      told.forEach(row.putArray("people")::add);
    });
    return write(session, PROMPT, rows);
  }

  @Override
  public Uni<Map<ActionId, Filed>> file(
      Mutiny.StatelessSession session, List<Received<Judgement>> judgements) {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    judgements.forEach(each -> rows.add(row(each)));
    return session
        .createNativeQuery(FILE, Object[].class)
        .setParameter("rows", rows.toString())
        .getResultList()
        .map(filed -> {
          Map<ActionId, Filed> byId = new HashMap<>();
          for (Object[] each : filed) {
            byId.put(id(each[0]), new Filed(instant(each[1]), maybeInstant(each[2])));
          }
          return byId;
        });
  }

  private static ObjectNode row(Received<Judgement> received) {
    ObjectNode row = JsonNodeFactory.instance.objectNode();
    Judgement judgement = received.event();
    Digest digest = judgement.actionDigest();
    row.put("action_id", judgement.actionId().toString());
    row.put("action_digest", digest == null ? null : digest.value());
    row.put("traceparent", Trace.orNew(received.traceparent()));
    Batch batch = judgement.batch();
    row.put("batch_id", batch == null ? null : text(batch.id()));
    row.put("batch_size", batch == null ? null : batch.size());
    row.put("alone", false);
    Action action = judgement.action();
    if (action != null) {
      AgentSession run = AgentSession.of(action.agent());
      row.put("agent", run.agent()).put("platform", run.platform()).put("session", run.session());
      row.put("toolset", Names.indexed(action.tool().toolset()));
      row.put("tool", Names.indexed(action.tool().name()));
    }
    switch (judgement) {
      case Judgement.Opens opens -> {
        Verdict.ApprovalRequired verdict = opens.verdict();
        row.put("state", Standing.PENDING.word());
        row.put("action", json(verdict.action()));
        row.put("prompt", json(verdict.prompt()));
        row.put("prompt_digest", opens.promptDigest().value());
        row.put("card", json(opens.card()));
        row.put("requirement", json(verdict.requirement()));
        ArrayNode asks = row.putArray("asks");
        verdict.requirement().quorums().stream()
            .flatMap(quorum -> quorum.groups().stream())
            .distinct()
            .forEach(group -> asks.add(text(group)));
        row.put("question_digest", opens.question().value());
        ArrayNode prompted = row.putArray("prompted");
        opens.approvers().forEach(prompted::add);
        row.put("policy_version", verdict.policyVersion().value());
        row.put("seconds", seconds(verdict.requirement().deadline()));
        row.put("short_code", opens.card().shortCode());
        row.put("offer", TrustOffer.of(verdict).map(PostgresTickets::json).orElse(null));
        row.put("alone", Boolean.TRUE.equals(verdict.alone()));
      }
      case Judgement.Allows allows -> {
        row.put("state", Standing.APPROVED.word());
        row.put("policy_version", allows.verdict().policyVersion().value());
        reason(row, allows.reason());
      }
      case Judgement.SaysNo no -> {
        row.put("state", no.outcome().name().toLowerCase(Locale.ROOT));
        reason(row, no.reason());
      }
    }
    return row;
  }

  private static void reason(ObjectNode row, Reason reason) {
    row.put("reason_code", text(reason.code()));
    row.put("reason_text", text(reason.text()));
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
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
            byId.put(id(each[0]), new TakenBack(instant(each[1]), (String) each[2]));
          }
          return byId;
        });
  }

  @Override
  public Uni<Map<ActionId, Optional<Digest>>> digests(
      Mutiny.StatelessSession session, Collection<ActionId> ids) {
    return session
        .createNativeQuery(DIGESTS, Object[].class)
        .setParameter("ids", ids(ids))
        .getResultList()
        .map(found -> {
          Map<ActionId, Optional<Digest>> byId = new HashMap<>();
          for (Object[] each : found) {
            byId.put(id(each[0]), Optional.ofNullable((String) each[1]).map(Digest::new));
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
          .put("by", maybeText(each.event().by()))
          .put("reason", maybeText(each.event().reason()))
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
        .setParameter("ids", ids(ids))
        .getResultList()
        .chain(rows -> dockets(session, rows));
  }

  @Override
  public Uni<Optional<Docket>> find(Mutiny.StatelessSession session, ActionId id) {
    return session.get(TicketRow.class, id.value()).chain(row -> docket(session, row));
  }

  private Uni<Optional<Docket>> docket(Mutiny.StatelessSession session, @Nullable TicketRow row) {
    if (row == null) {
      return Uni.createFrom().item(Optional.empty());
    }
    return dockets(session, List.of(row)).map(found -> Optional.of(found.getFirst()));
  }

  static Uni<List<Docket>> dockets(Mutiny.StatelessSession session, List<TicketRow> rows) {
    if (rows.isEmpty()) {
      return Uni.createFrom().item(List.of());
    }
    return session
        .createNativeQuery(CLOCK, Long.class)
        .getSingleResult()
        .chain(now ->
            votes(session, rows)
                .chain(votes ->
                    PostgresHolds.upon(session, ids(rows))
                        .map(holds ->
                            rows.stream()
                                .map(row -> docket(row, votes, holds, instant(now)))
                                .toList())));
  }

  private static Uni<Map<ActionId, List<Vote>>> votes(
      Mutiny.StatelessSession session, List<TicketRow> rows) {
    return session
        .createNativeQuery(VOTES, Object[].class)
        .setParameter("ids", ids(rows))
        .getResultList()
        .map(votes ->
            votes.stream()
                .collect(
                    Collectors.groupingBy(
                        each -> id(each[0]),
                        Collectors.mapping(PostgresTickets::vote, Collectors.toList()))));
  }

  private static Vote vote(Object[] row) {
    return new Vote(
        (String) row[1],
        Answer.valueOf(((String) row[2]).toUpperCase(Locale.ROOT)),
        Assurance.valueOf(((String) row[3]).toUpperCase(Locale.ROOT)),
        instant(row[4]),
        null,
        null,
        maybeInstant(row[5]));
  }

  private static Docket docket(
      TicketRow row, Map<ActionId, List<Vote>> votes, Map<ActionId, Hold> holds, Instant now) {
    ActionId id = new ActionId(row.actionId);
    Reason reason =
        row.reasonCode == null || row.reasonText == null
            ? null
            : new Reason(row.reasonCode, row.reasonText);
    return new Docket(
        id,
        Standing.of(row.state),
        row.version,
        question(row),
        votes.getOrDefault(id, List.of()),
        row.decidedAt,
        row.decidedBy,
        reason,
        row.traceparent,
        row.trustedBy == null ? null : new ActionId(row.trustedBy),
        row.batchId == null || row.batchSize == null || row.alone
            ? null
            : new Batch(row.batchId, row.batchSize),
        holds.get(id),
        now);
  }

  static @Nullable Question question(TicketRow row) {
    if (row.action == null
        || row.actionDigest == null
        || row.prompt == null
        || row.promptDigest == null
        || row.card == null
        || row.requirement == null
        || row.expiresAt == null) {
      return null;
    }
    return new Question(
        read(row.action, Action.class),
        new Digest(row.actionDigest),
        read(row.prompt, Prompt.class),
        new Digest(row.promptDigest),
        read(row.card, Card.class),
        read(row.requirement, Requirement.class),
        row.openedAt,
        row.expiresAt,
        row.offer == null ? null : read(row.offer, TrustOffer.class));
  }

  @Override
  public Uni<Instant> now(Mutiny.StatelessSession session) {
    return session
        .createNativeQuery(CLOCK, Long.class)
        .getSingleResult()
        .map(PostgresTickets::instant);
  }

  @Override
  public Uni<List<Docket>> pending(
      Mutiny.StatelessSession session,
      String approver,
      Set<String> groups,
      @Nullable Docket after,
      int atMost) {
    return page(session, PENDING, approver, groups, after, atMost);
  }

  @Override
  public Uni<List<Docket>> questions(
      Mutiny.StatelessSession session,
      String approver,
      Set<String> groups,
      @Nullable Docket after,
      int atMost) {
    return page(session, QUESTIONS, approver, groups, after, atMost);
  }

  private Uni<List<Docket>> page(
      Mutiny.StatelessSession session,
      String statement,
      String approver,
      Set<String> groups,
      @Nullable Docket after,
      int atMost) {
    Question last = after == null ? null : after.question();
    ArrayNode asked = JsonNodeFactory.instance.arrayNode();
    groups.forEach(asked::add);
    // From the beginning of time where there is no last one.
    Instant at = last == null ? Instant.EPOCH : last.expiresAt();
    String id = after == null ? new UUID(0, 0).toString() : after.actionId().toString();
    return session
        .createNativeQuery(statement, TicketRow.class)
        .setParameter("groups", asked.toString())
        .setParameter("approver", approver)
        .setParameter("at", at.toString())
        .setParameter("id", id)
        .setParameter("most", atMost)
        .getResultList()
        .chain(rows -> dockets(session, rows));
  }

  @Override
  public Uni<Map<ActionId, Map<String, DsseEnvelope>>> attestations(
      Mutiny.StatelessSession session, Collection<ActionId> ids) {
    if (ids.isEmpty()) {
      return Uni.createFrom().item(Map.of());
    }
    return session
        .createNativeQuery(ATTESTATIONS, Object[].class)
        .setParameter("ids", ids(ids))
        .getResultList()
        .map(rows ->
            rows.stream()
                .collect(
                    Collectors.groupingBy(
                        each -> id(each[0]),
                        Collectors.toMap(
                            each -> (String) each[1],
                            each -> read((String) each[2], DsseEnvelope.class)))));
  }

  @Override
  public Uni<Map<ActionId, Alike>> countAlike(
      Mutiny.StatelessSession session, String approver, Collection<ActionId> ids) {
    return session
        .createNativeQuery(COUNT_ALIKE, Object[].class)
        .setParameter("approver", approver)
        .setParameter("ids", ids(ids))
        .getResultList()
        .map(rows ->
            rows.stream()
                .collect(
                    Collectors.toMap(
                        each -> id(each[0]),
                        each ->
                            new Alike(((Long) each[1]).intValue(), ((Long) each[2]).intValue()))));
  }

  @Override
  public Uni<Void> save(Mutiny.StatelessSession session, List<Decided> decided) {
    ArrayNode votes = JsonNodeFactory.instance.arrayNode();
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (Decided each : decided) {
      switch (each.outcome()) {
        case Outcome.Counted it -> {
          votes.add(row(each, it.vote()));
          rows.add(row(each.docket(), it.ticket()));
        }
        case Outcome.Answered it -> {
          it.vote().ifPresent(vote -> votes.add(row(each, vote)));
          rows.add(row(each.docket(), it.ticket()));
        }
        case Outcome.Unchanged _, Outcome.Refused _ -> {}
      }
    }
    return write(session, VOTE, votes).chain(() -> write(session, MOVE, rows));
  }

  private static Uni<Void> write(
      Mutiny.StatelessSession session, String statement, ArrayNode rows) {
    if (rows.isEmpty()) {
      return Uni.createFrom().voidItem();
    }
    return session
        .createNativeQuery(statement)
        .setParameter("rows", rows.toString())
        .executeUpdate()
        .invoke(written -> {
          if (written != rows.size()) {
            throw new IllegalStateException("a locked ticket changed; one of " + rows);
          }
        })
        .replaceWithVoid();
  }

  private static ObjectNode row(Decided decided, Vote vote) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("action_id", decided.docket().actionId().toString())
        .put("approver", vote.approver())
        .put("answer", vote.answer().name().toLowerCase(Locale.ROOT))
        .put("assurance", vote.assurance().name().toLowerCase(Locale.ROOT))
        .put("at", vote.at().toString())
        .put("credential", vote.proof() == null ? null : vote.proof().assertion().credentialId())
        .put(
            "attestation",
            json(Objects.requireNonNull(decided.attestation(), "a vote that counts is attested")));
  }

  private static ObjectNode row(Docket docket, Ticket next) {
    return switch (next) {
      case Ticket.Pending _ -> row(docket, Standing.PENDING, null, null, null);
      case Ticket.Approved it ->
          row(docket, Standing.APPROVED, it.at(), it.reason(), null)
              .put("trust", it.trust() == null ? null : it.trust().toString());
      case Ticket.Rejected it -> row(docket, Standing.REJECTED, it.at(), it.reason(), it.by());
      case Ticket.Expired it -> row(docket, Standing.EXPIRED, it.at(), it.reason(), null);
      case Ticket.Cancelled it -> row(docket, Standing.CANCELLED, it.at(), it.reason(), null);
    };
  }

  private static ObjectNode row(
      Docket docket,
      Standing standing,
      @Nullable Instant at,
      @Nullable Reason reason,
      @Nullable String by) {
    ObjectNode row =
        JsonNodeFactory.instance
            .objectNode()
            .put("action_id", docket.actionId().toString())
            .put("version", docket.version())
            .put("state", standing.word())
            .put("at", at == null ? null : at.toString())
            .put("by", by);
    if (reason != null) {
      reason(row, reason);
    }
    return row;
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
                .map(each -> new Lapsed(id(each[0]), instant(each[1]), (String) each[2]))
                .toList());
  }

  @Override
  public Uni<Boolean> see(Mutiny.StatelessSession session, ActionId id, String approver) {
    return session
        .createNativeQuery(
            """
            insert into seen (action_id, approver) values (cast(cast(:id as text) as uuid), :approver)
            on conflict do nothing
            """)
        .setParameter("id", id.toString())
        .setParameter("approver", approver)
        .executeUpdate()
        .map(rows -> rows == 1);
  }

  @Override
  public Uni<Void> wakeExpiry(Mutiny.StatelessSession session) {
    return session
        .createNativeQuery(
            "select cast(pg_notify('" + ExpireTickets.CHANNEL + "', '') as text)", String.class)
        .getResultList()
        .replaceWithVoid();
  }

  private static String ids(List<TicketRow> rows) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    rows.forEach(row -> array.add(row.actionId.toString()));
    return array.toString();
  }

  private static String ids(Collection<ActionId> ids) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    new HashSet<>(ids).forEach(id -> array.add(id.toString()));
    return array.toString();
  }

  private static ActionId id(Object text) {
    return ActionId.of((String) text);
  }

  private static Instant instant(Object micros) {
    return Instant.EPOCH.plus((Long) micros, ChronoUnit.MICROS);
  }

  private static @Nullable Instant maybeInstant(@Nullable Object micros) {
    return micros == null ? null : instant(micros);
  }

  private static String json(Object value) {
    return new String(EventJson.write(value), StandardCharsets.UTF_8);
  }

  private static <T> T read(String json, Class<T> type) {
    return EventJson.read(json.getBytes(StandardCharsets.UTF_8), type);
  }

  /// PostgreSQL's text holds every character but one.
  static String text(String text) {
    return text.replace("\0", "U+0000");
  }

  static @Nullable String maybeText(@Nullable String text) {
    return text == null ? null : text(text);
  }
}
