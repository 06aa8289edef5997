package dev.countersign.audit.outbound;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.audit.application.Erasures;
import dev.countersign.audit.domain.Erasure;
import dev.countersign.tlog.Frontier;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import java.util.function.Function;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// Erases as the sequencer: with the log locked, it appends the leaf and has the database's own
/// function erase what the leaf names. This service could not erase without one.
@ApplicationScoped
class PostgresErasures implements Erasures {

  private static final String OF_PERSON =
      """
      select distinct m.idx from mention m
        join payload p on p.idx = m.idx
        join leaf l on l.idx = m.idx
      where m.person = :person and p.salt is not null
        and l.appended_at <= now() - cast(cast(:least as text) as interval)
      order by m.idx
      limit
      """
          + MOST;

  // Those that are gone already count for the position and not for the erasure.
  private static final String OLDER =
      """
      select idx, kept from (
        select p.idx, p.salt is not null as kept, l.appended_at
        from payload p join leaf l on l.idx = p.idx
        where p.idx >= (select size from retained) and p.idx < (select size from indexed)
        order by p.idx
        limit :most) next
      where appended_at <= now() - cast(cast(:than as text) as interval)
      order by idx
      """;

  private static final String INDEXES =
      "array(select cast(i as bigint) from json_array_elements_text(cast(cast(:indexes as text) as"
          + " json)) i)";

  private static final String ERASE = "select erase(:leaf, " + INDEXES + ")";

  // What the index has of them goes with them: who else stands in them, agent and tool.
  private static final String FORGET =
      "with gone as (select "
          + INDEXES
          + """
           as indexes), mentions as (
            delete from mention m using gone where m.idx = any (gone.indexes)
          ), about as (
            select distinct l.action_id from gone, leaf l where l.idx = any (gone.indexes)
          )
          update action a set
            agent = case when a.agent_of = any (gone.indexes) then null else a.agent end,
            agent_key = case when a.agent_of = any (gone.indexes) then null else a.agent_key end,
            agent_of = case when a.agent_of = any (gone.indexes) then null else a.agent_of end,
            toolset = case when a.tool_of = any (gone.indexes) then null else a.toolset end,
            tool = case when a.tool_of = any (gone.indexes) then null else a.tool end,
            tool_of = case when a.tool_of = any (gone.indexes) then null else a.tool_of end
          from gone, about
          where a.action_id = about.action_id
            and (a.agent_of = any (gone.indexes) or a.tool_of = any (gone.indexes))
          """;

  private static final String KEPT =
      """
      select count(distinct m.idx), max(l.appended_at) + cast(cast(:least as text) as interval) from mention m
        join payload p on p.idx = m.idx
        join leaf l on l.idx = m.idx
      where m.person = :person and p.salt is not null
      """;

  private final Sessions sessions;
  private final PostgresLog log;

  /// @param grown what the log is after it; absent where nothing came into it
  private record Done<T>(T result, @Nullable Frontier grown) {

    private <R> Done<R> with(R other) {
      return new Done<>(other, grown);
    }
  }

  @Inject
  PostgresErasures(Sessions sessions, PostgresLog log) {
    this.sessions = sessions;
    this.log = log;
  }

  @Override
  public Uni<Long> indexed() {
    return sessions.in(session ->
        session.createNativeQuery("select size from indexed", Long.class).getSingleResult());
  }

  @Override
  public Uni<Erased> erase(String person, String atLeast, Function<List<Long>, Erasure> leaf) {
    return sessions
        .in(session ->
            log.lock(session)
                .chain(frontier ->
                    session
                        .createNativeQuery(OF_PERSON, Long.class)
                        .setParameter("person", person)
                        .setParameter("least", atLeast)
                        .getResultList()
                        .chain(indexes -> erase(session, frontier, indexes, leaf))))
        .map(this::committed);
  }

  @Override
  public Uni<Aged> eraseOlder(String than, Function<List<Long>, Erasure> leaf) {
    return sessions
        .in(session ->
            log.lock(session)
                .chain(frontier ->
                    session
                        .createNativeQuery(OLDER, Object[].class)
                        .setParameter("than", than)
                        .setParameter("most", (long) MOST)
                        .getResultList()
                        .chain(rows ->
                            rows.isEmpty()
                                ? Uni.createFrom()
                                    .item(new Done<>(new Aged(new Erased(null, 0), 0), null))
                                : eraseRows(session, frontier, rows, leaf))))
        .map(this::committed);
  }

  private <T> T committed(Done<T> done) {
    if (done.grown != null) {
      log.committed(done.grown);
    }
    return done.result;
  }

  private Uni<Done<Aged>> eraseRows(
      Mutiny.StatelessSession session,
      Frontier frontier,
      List<Object[]> rows,
      Function<List<Long>, Erasure> leaf) {
    List<Long> indexes =
        rows.stream()
            .filter(row -> (Boolean) row[1])
            .map(row -> ((Number) row[0]).longValue())
            .toList();
    return erase(session, frontier, indexes, leaf)
        .call(() ->
            session
                .createNativeQuery("update retained set size = :size")
                .setParameter("size", ((Number) rows.getLast()[0]).longValue() + 1)
                .executeUpdate())
        .map(erased -> erased.with(new Aged(erased.result, rows.size())));
  }

  private Uni<Done<Erased>> erase(
      Mutiny.StatelessSession session,
      Frontier frontier,
      List<Long> indexes,
      Function<List<Long>, Erasure> leaf) {
    if (indexes.isEmpty()) {
      return Uni.createFrom().item(new Done<>(new Erased(null, 0), null));
    }
    return log.append(session, frontier, List.of(leaf.apply(indexes).entry()))
        .call(_ ->
            session
                .createNativeQuery(ERASE, Long.class)
                .setParameter("leaf", frontier.size())
                .setParameter("indexes", json(indexes))
                .getSingleResult())
        .call(_ ->
            session
                .createNativeQuery(FORGET)
                .setParameter("indexes", json(indexes))
                .executeUpdate())
        .map(grown -> new Done<>(new Erased(frontier.size(), indexes.size()), grown));
  }

  private static String json(List<Long> indexes) {
    ArrayNode json = JsonNodeFactory.instance.arrayNode();
    indexes.forEach(json::add);
    return json.toString();
  }

  @Override
  public Uni<Kept> kept(String person, String atLeast) {
    return sessions.in(session ->
        session
            .createNativeQuery(KEPT, Object[].class)
            .setParameter("person", person)
            .setParameter("least", atLeast)
            .getSingleResult()
            .map(row ->
                new Kept(
                    ((Number) row[0]).longValue(),
                    row[1] == null ? null : PostgresCompleteness.instant(row[1]))));
  }
}
