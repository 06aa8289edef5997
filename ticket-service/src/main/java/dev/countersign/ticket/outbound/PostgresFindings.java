package dev.countersign.ticket.outbound;

import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.Execution;
import dev.countersign.events.Oversight;
import dev.countersign.events.Tool;
import dev.countersign.ticket.application.Findings;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;

/// Findings in PostgreSQL.
@ApplicationScoped
class PostgresFindings implements Findings {

  // What was filed before agents were kept of what the policy allowed names its agent and no more.
  private static final String UNKNOWN =
      """
      select cast(e.action_id as text),
          coalesce(cast(t.action as json) ->> 'agent', t.asker,
              cast(json_build_object('id', t.agent, 'platform', t.platform, 'session', t.session) as text)),
          coalesce(cast(t.action as json) ->> 'tool',
              cast(json_build_object('toolset', coalesce(t.toolset, ''), 'name', coalesce(t.tool, '')) as text)),
          e.event
      from execution e join ticket t on t.action_id = e.action_id
      """;

  private static final String OPEN =
      UNKNOWN + "where e.to_reconcile order by t.decided_at desc, e.action_id limit :most";

  private static final String FIND =
      UNKNOWN
          + """
          where e.action_id = cast(cast(:id as text) as uuid)
              and cast(e.event as json) ->> 'status' = 'unknown'
          """;

  private static final String LOCK = FIND + "for update of e";

  private static final String OF =
      """
      select finding, words, found_by, cast(extract(epoch from found_at) * 1000000 as bigint)
      from finding where action_id = cast(cast(:id as text) as uuid) order by id
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
  public Uni<List<Unknown>> open(Mutiny.StatelessSession session, int atMost) {
    return session
        .createNativeQuery(OPEN, Object[].class)
        .setParameter("most", atMost)
        .getResultList()
        .map(rows -> rows.stream().map(PostgresFindings::unknown).toList());
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
    return new Unknown(
        Columns.id(row[0]),
        Columns.read((String) row[1], Agent.class),
        Columns.read((String) row[2], Tool.class),
        Columns.read((String) row[3], Execution.class));
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
