package dev.countersign.ticket.outbound;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.events.ActionId;
import dev.countersign.ticket.application.Docket;
import dev.countersign.ticket.application.Inboxes;
import dev.countersign.ticket.application.Inboxes.Alike;
import dev.countersign.ticket.domain.Question;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// What waits for people, in PostgreSQL.
@ApplicationScoped
class PostgresInboxes implements Inboxes {

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
        .chain(rows -> Dockets.dockets(session, rows));
  }

  @Override
  public Uni<Map<ActionId, Alike>> countAlike(
      Mutiny.StatelessSession session, String approver, Collection<ActionId> ids) {
    return session
        .createNativeQuery(COUNT_ALIKE, Object[].class)
        .setParameter("approver", approver)
        .setParameter("ids", Columns.ids(ids))
        .getResultList()
        .map(rows ->
            rows.stream()
                .collect(
                    Collectors.toMap(
                        each -> Columns.id(each[0]),
                        each ->
                            new Alike(((Long) each[1]).intValue(), ((Long) each[2]).intValue()))));
  }
}
