package dev.countersign.ticket.outbound;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.EventJson;
import dev.countersign.events.Execution;
import dev.countersign.events.Oversight;
import dev.countersign.events.Tool;
import dev.countersign.ticket.application.Findings;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;

/// Findings in PostgreSQL.
@ApplicationScoped
class PostgresFindings implements Findings {

  // No member of JSON is read here: PostgreSQL reads none where any string holds U+0000. Of what
  // was
  // filed before agents and actions were kept of everything, there are their names.
  private static final String AGENT =
      "cast(json_build_object('id', t.agent, 'platform', t.platform, 'session', t.session) as text)";

  private static final String UNKNOWN =
      "select cast(e.action_id as text), t.action, coalesce(t.asker, "
          + AGENT
          + """
          ), coalesce(t.toolset, ''), coalesce(t.tool, ''), e.event, e.to_reconcile
          from execution e join ticket t on t.action_id = e.action_id
          """;

  private static final String CONCERNS =
      """
      where e.to_reconcile and (cast(:everything as boolean) or t.asks && array (
          select json_array_elements_text(cast(cast(:groups as text) as json))))
      """;

  private static final String OPEN =
      UNKNOWN + CONCERNS + "order by t.decided_at, e.action_id limit :most";

  private static final String COUNT =
      "select coalesce(t.asker, t.action, "
          + AGENT
          + "), count(*) from execution e join ticket t on t.action_id = e.action_id "
          + CONCERNS
          + " group by 1";

  private static final String FIND =
      UNKNOWN
          + """
          where e.action_id = cast(cast(:id as text) as uuid)
              and (e.ended = 'unknown' or e.to_reconcile
                  or exists (select 1 from finding f where f.action_id = e.action_id))
          """;

  private static final String LOCK = FIND + "for update of e";

  private static final String OF =
      """
      select finding, words, found_by, cast(extract(epoch from found_at) * 1000000 as bigint)
      from finding where action_id = cast(cast(:id as text) as uuid) order by id
      """;

  private static final String LAST =
      """
      select distinct on (action_id) cast(action_id as text), finding from finding
      where action_id = any (array (
          select cast(value as uuid) from json_array_elements_text(cast(cast(:ids as text) as json))))
      order by action_id, id desc
      """;

  private static final String ADD =
      """
      with looked as (
          update execution set to_reconcile = false
          where action_id = cast(cast(:id as text) as uuid) and to_reconcile)
      insert into finding (action_id, finding, words, found_by)
      values (cast(cast(:id as text) as uuid), :finding, :words, :by)
      returning cast(extract(epoch from found_at) * 1000000 as bigint)
      """;

  @Override
  public Uni<List<Unknown>> open(Mutiny.StatelessSession session, Concerns concerns, int atMost) {
    return concerning(session, OPEN, concerns)
        .setParameter("most", atMost)
        .getResultList()
        .map(rows -> rows.stream().map(PostgresFindings::unknown).toList());
  }

  @Override
  public Uni<Map<Agent, Long>> count(Mutiny.StatelessSession session, Concerns concerns) {
    return concerning(session, COUNT, concerns)
        .getResultList()
        .map(rows ->
            rows.stream()
                .collect(
                    Collectors.toMap(
                        row -> Columns.read((String) row[0], Agent.class), row -> (Long) row[1])));
  }

  private static Mutiny.SelectionQuery<Object[]> concerning(
      Mutiny.StatelessSession session, String statement, Concerns concerns) {
    ArrayNode groups = JsonNodeFactory.instance.arrayNode();
    concerns.groups().forEach(groups::add);
    return session
        .createNativeQuery(statement, Object[].class)
        .setParameter("everything", concerns.everything())
        .setParameter("groups", groups.toString());
  }

  @Override
  public Uni<Optional<Unknown>> find(Mutiny.StatelessSession session, ActionId id) {
    return one(session, FIND, id);
  }

  @Override
  public Uni<Optional<Unknown>> lock(Mutiny.StatelessSession session, ActionId id) {
    return one(session, LOCK, id);
  }

  private static Uni<Optional<Unknown>> one(
      Mutiny.StatelessSession session, String statement, ActionId id) {
    return session
        .createNativeQuery(statement, Object[].class)
        .setParameter("id", id.toString())
        .getResultList()
        .map(rows -> rows.stream().findFirst().map(PostgresFindings::unknown));
  }

  private static Unknown unknown(Object[] row) {
    Action action = row[1] == null ? null : Columns.read((String) row[1], Action.class);
    return new Unknown(
        Columns.id(row[0]),
        action == null ? agent((String) row[2]) : action.agent(),
        action == null ? new Tool((String) row[3], (String) row[4]) : action.tool(),
        action == null ? null : action.parameters(),
        Columns.read((String) row[5], Execution.class),
        (Boolean) row[6]);
  }

  /// Of an agent or of its action.
  private static Agent agent(String json) {
    JsonNode tree = EventJson.readTree(json.getBytes(StandardCharsets.UTF_8));
    JsonNode agent = tree.path("agent");
    return Columns.read((agent.isObject() ? agent : tree).toString(), Agent.class);
  }

  @Override
  public Uni<List<Found>> of(Mutiny.StatelessSession session, ActionId id) {
    return session
        .createNativeQuery(OF, Object[].class)
        .setParameter("id", id.toString())
        .getResultList()
        .map(rows ->
            rows.stream()
                .map(row ->
                    new Found(
                        Oversight.Finding.of((String) row[0]).orElseThrow(),
                        (String) row[1],
                        (String) row[2],
                        Columns.instant(row[3])))
                .toList());
  }

  @Override
  public Uni<Map<ActionId, Oversight.Finding>> last(
      Mutiny.StatelessSession session, Collection<ActionId> ids) {
    return session
        .createNativeQuery(LAST, Object[].class)
        .setParameter("ids", Columns.ids(ids))
        .getResultList()
        .map(rows ->
            rows.stream()
                .collect(
                    Collectors.toMap(
                        row -> Columns.id(row[0]),
                        row -> Oversight.Finding.of((String) row[1]).orElseThrow())));
  }

  @Override
  public Uni<Instant> add(
      Mutiny.StatelessSession session,
      ActionId id,
      Oversight.Finding finding,
      String words,
      String by) {
    return session
        .createNativeQuery(ADD, Long.class)
        .setParameter("id", id.toString())
        .setParameter("finding", finding.word())
        .setParameter("words", Columns.text(words))
        .setParameter("by", by)
        .getSingleResult()
        .map(Columns::instant);
  }
}
