package dev.countersign.ticket.outbound;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.Digest;
import dev.countersign.ticket.application.Prompts;
import dev.countersign.ticket.domain.Asking;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// Who was told of which ticket, in PostgreSQL.
@ApplicationScoped
class PostgresPrompts implements Prompts {

  // In the order of their keys, so that two batches never wait in a ring. The keys are few, since
  // the server's lock table is: a batch takes at most as many locks as there are keys, however many
  // questions it holds. Two questions of one key wait for each other and nothing worse.
  private static final String ORDER =
      """
      select cast(pg_advisory_xact_lock(key) as text) from (
          select distinct question_key(value) as key
          from json_array_elements_text(cast(cast(:questions as text) as json))
          order by key) as keys
      """;

  private static final String ORDER_ENDED =
      """
      select cast(pg_advisory_xact_lock(key) as text) from (
          select distinct question_key(question_digest) as key from ticket
          where prompted <> '{}' and question_digest is not null and action_id = any (array (
              select cast(value as uuid) from json_array_elements_text(cast(cast(:ids as text) as json))))
          order by key) as keys
      """;

  private static final String TOLD =
      """
      select distinct t.question_digest, person from ticket t, unnest(t.prompted) person
      where t.state = 'pending' and t.prompted <> '{}' and t.question_digest = any (array (
              select json_array_elements_text(cast(cast(:questions as text) as json))))
          and t.action_id <> all (array (
              select cast(value as uuid) from json_array_elements_text(cast(cast(:ids as text) as json))))
      """;

  // Whoever has a ticket's row may wait for the order that this is in, so no row is waited for. One
  // that is held is not locked here, but seen all the same.
  private static final String NEXT =
      """
      with ended as (
          select distinct on (question_digest, asks) action_id, question_digest, asks from ticket
          where prompted <> '{}' and question_digest is not null and action_id = any (array (
              select cast(value as uuid) from json_array_elements_text(cast(cast(:ids as text) as json)))))
      select cast(e.action_id as text), cast(n.action_id as text), array_to_string(n.prompted, chr(1))
      from ended e left join lateral (
          select t.action_id, t.prompted from ticket t
          where t.state = 'pending' and t.question_digest = e.question_digest and t.asks = e.asks
              and t.expires_at > clock_timestamp()
          order by t.expires_at, t.action_id limit 1 for no key update skip locked) n on true
      where n.action_id is not null or exists (
          select 1 from ticket t
          where t.state = 'pending' and t.question_digest = e.question_digest and t.asks = e.asks
              and t.expires_at > clock_timestamp())
      """;

  private static final String LEAVE =
      """
      insert into unasked (action_id)
      select cast(value as uuid) from json_array_elements_text(cast(cast(:ids as text) as json))
      order by 1 on conflict do nothing
      """;

  private static final String TAKE =
      """
      delete from unasked where action_id = any (array (select action_id from unasked limit :most))
      returning cast(action_id as text)
      """;

  private static final String PROMPT =
      """
      update ticket t set prompted = array(select json_array_elements_text(r.people))
      from json_to_recordset(cast(cast(:rows as text) as json)) as r (action_id uuid, people json)
      where t.action_id = r.action_id
      """;

  @Override
  public Uni<Void> order(Mutiny.StatelessSession session, Collection<Digest> questions) {
    ArrayNode asked = JsonNodeFactory.instance.arrayNode();
    questions.forEach(each -> asked.add(each.value()));
    return session
        .createNativeQuery(ORDER, String.class)
        .setParameter("questions", asked.toString())
        .getResultList()
        .replaceWithVoid();
  }

  @Override
  public Uni<Map<Digest, Set<String>>> told(Mutiny.StatelessSession session, List<Asking> askings) {
    ArrayNode questions = JsonNodeFactory.instance.arrayNode();
    askings.stream().map(Asking::question).distinct().forEach(it -> questions.add(it.value()));
    return session
        .createNativeQuery(TOLD, Object[].class)
        .setParameter("questions", questions.toString())
        .setParameter("ids", Columns.ids(askings.stream().map(Asking::actionId).toList()))
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
        .createNativeQuery(ORDER_ENDED, String.class)
        .setParameter("ids", Columns.ids(ended))
        .getResultList()
        // A statement of its own: it sees the copy that opened while the lock was waited for.
        .chain(() ->
            session
                .createNativeQuery(NEXT, Object[].class)
                .setParameter("ids", Columns.ids(ended))
                .getResultList())
        .call(rows -> leave(session, rows))
        .map(rows ->
            rows.stream()
                .filter(each -> each[1] != null)
                .collect(Collectors.toMap(each -> Columns.id(each[1]), each -> people(each[2]))));
  }

  private static Uni<Void> leave(Mutiny.StatelessSession session, List<Object[]> next) {
    List<ActionId> unasked =
        next.stream().filter(each -> each[1] == null).map(each -> Columns.id(each[0])).toList();
    return unasked.isEmpty()
        ? Uni.createFrom().voidItem()
        : session
            .createNativeQuery(LEAVE)
            .setParameter("ids", Columns.ids(unasked))
            .executeUpdate()
            .replaceWithVoid();
  }

  @Override
  public Uni<List<ActionId>> takeUnasked(Mutiny.StatelessSession session, int atMost) {
    return session
        .createNativeQuery(TAKE, String.class)
        .setParameter("most", atMost)
        .getResultList()
        .map(ids -> ids.stream().map(ActionId::of).toList());
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
    return Columns.write(session, PROMPT, rows);
  }
}
