package dev.countersign.ticket.outbound;

import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import dev.countersign.events.Answer;
import dev.countersign.events.Assurance;
import dev.countersign.events.Batch;
import dev.countersign.events.Card;
import dev.countersign.events.Digest;
import dev.countersign.events.Prompt;
import dev.countersign.events.Reason;
import dev.countersign.events.Requirement;
import dev.countersign.ticket.application.Docket;
import dev.countersign.ticket.application.Hold;
import dev.countersign.ticket.application.Standing;
import dev.countersign.ticket.domain.Question;
import dev.countersign.ticket.domain.TrustOffer;
import dev.countersign.ticket.domain.Vote;
import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// Makes dockets of rows: with their votes, the holds upon their sessions, and the time.
final class Dockets {

  private Dockets() {}

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

  // Not now(): a transaction that waited for the row began before what it now reads happened.
  static final String CLOCK =
      "select cast(extract(epoch from clock_timestamp()) * 1000000 as bigint)";

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
                                .map(row -> docket(row, votes, holds, Columns.instant(now)))
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
                        each -> Columns.id(each[0]),
                        Collectors.mapping(Dockets::vote, Collectors.toList()))));
  }

  private static Vote vote(Object[] row) {
    return new Vote(
        (String) row[1],
        Answer.valueOf(((String) row[2]).toUpperCase(Locale.ROOT)),
        Assurance.valueOf(((String) row[3]).toUpperCase(Locale.ROOT)),
        Columns.instant(row[4]),
        null,
        null,
        null,
        Columns.maybeInstant(row[5]));
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
        Columns.read(row.action, Action.class),
        new Digest(row.actionDigest),
        Columns.read(row.prompt, Prompt.class),
        new Digest(row.promptDigest),
        Columns.read(row.card, Card.class),
        Columns.read(row.requirement, Requirement.class),
        row.openedAt,
        row.expiresAt,
        row.offer == null ? null : Columns.read(row.offer, TrustOffer.class));
  }

  private static String ids(List<TicketRow> rows) {
    return Columns.ids(rows.stream().map(row -> new ActionId(row.actionId)).toList());
  }
}
