package dev.countersign.ticket.outbound;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.ActionId;
import dev.countersign.ticket.application.FindTickets;
import dev.countersign.ticket.application.Tickets;
import dev.countersign.ticket.application.Watch;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;

/// Marks in PostgreSQL: a ticket's version and state, with a plus once its execution is known, and
/// a hash of an inbox's first page.
@ApplicationScoped
class PostgresWatch implements Watch {

  private static final String TICKETS =
      """
      select cast(t.action_id as text), t.version || t.state
          || case when e.action_id is null then '' else '+' end
      from ticket t left join execution e on e.action_id = t.action_id
      where t.action_id = any (array (
          select cast(value as uuid) from json_array_elements_text(cast(cast(:ids as text) as json))))
      """;

  private static final String INBOXES =
      """
      select p.approver, coalesce(md5(string_agg(cast(t.action_id as text) || t.version, ','
          order by t.expires_at, t.action_id)), '')
      from json_to_recordset(cast(cast(:people as text) as json)) as p (approver text, groups text[])
      left join lateral (
          select t.action_id, t.version, t.expires_at from ticket t
          where t.state = 'pending' and t.asks && p.groups and not exists (
              select 1 from vote v where v.action_id = t.action_id and v.approver = p.approver
                  and v.lapsed_at is null)
          order by t.expires_at, t.action_id limit :most) t on true
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
    if (ids.isEmpty()) {
      return Uni.createFrom().item(Map.of());
    }
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    ids.forEach(id -> array.add(id.toString()));
    return session
        .createNativeQuery(TICKETS, Object[].class)
        .setParameter("ids", array.toString())
        .getResultList()
        .map(rows ->
            rows.stream()
                .collect(
                    Collectors.toMap(row -> ActionId.of((String) row[0]), row -> (String) row[1])));
  }

  @Override
  public Uni<Map<String, String>> inboxes(
      Mutiny.StatelessSession session, Map<String, Set<String>> groups) {
    if (groups.isEmpty()) {
      return Uni.createFrom().item(Map.of());
    }
    ArrayNode people = JsonNodeFactory.instance.arrayNode();
    groups.forEach((approver, theirs) -> {
      ObjectNode person = people.addObject().put("approver", approver);
      ArrayNode names = person.putArray("groups");
      theirs.forEach(names::add);
    });
    return session
        .createNativeQuery(INBOXES, Object[].class)
        .setParameter("people", people.toString())
        .setParameter("most", FindTickets.INBOX)
        .getResultList()
        .map(rows ->
            rows.stream()
                .collect(Collectors.toMap(row -> (String) row[0], row -> (String) row[1])));
  }
}
