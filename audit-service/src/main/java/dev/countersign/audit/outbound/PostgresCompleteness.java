package dev.countersign.audit.outbound;

import dev.countersign.audit.application.FindCompleteness;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.function.Function;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// Three statements, whatever there is to say.
@ApplicationScoped
class PostgresCompleteness implements FindCompleteness {

  private static final String PARTITIONS =
      """
      with lost as (
        select g.topic, g.partition, sum(g.lost + coalesce(l.missing, g.past - g.first)) as missing
        from gap g
          left join gap_looked_into l on l.gap = g.gap
        where not exists (select from gap_settled s where s.gap = g.gap)
        group by g.topic, g.partition
      )
      select topic, partition, coalesce(r.next, k.beginning), coalesce(r.records, 0),
        coalesce(r.entries, 0),
        greatest(k.past - greatest(r.next, k.beginning), 0), coalesce(m.missing, 0), k.asked_at
      from reading r
        full join on_kafka k using (topic, partition)
        left join lost m using (topic, partition)
      order by topic, partition
      """;

  // What is an alarm comes first: however many there are that are none, they hide nothing.
  private static final String GAPS =
      """
      select g.gap, g.topic, g.partition, g.kind = 'anew', g.first, g.past, g.noted_at,
        g.lost + coalesce(l.missing, g.past - g.first), l.found, s.why
      from gap g
        left join gap_looked_into l on l.gap = g.gap
        left join gap_settled s on s.gap = g.gap
      order by s.gap is null
          and (g.kind = 'anew' or g.lost + coalesce(l.missing, g.past - g.first) > 0) desc,
        g.gap desc
      limit 200
      """;

  // The same entries may have been erased again, by another leaf: then they are gone. Mostly there
  // are none to ask that of, however many leaves there are.
  private static final String BACK =
      """
      with unerased as materialized (
        select l.idx, cast(l.entry as json) ->> 'indexes' as indexes from leaf l
        where l.topic = 'erasure' and not exists (select from erased e where e.leaf = l.idx)
      ), back as (
        select u.idx from unerased u
        where not exists (
          select from leaf a
          where a.topic = 'erasure' and cast(a.entry as json) ->> 'indexes' = u.indexes
            and exists (select from erased e where e.leaf = a.idx))
      )
      """;

  private static final String RETURNED =
      BACK
          + """
          select b.idx, s.why from back b left join erasure_settled s on s.leaf = b.idx
          order by s.leaf is not null, b.idx desc
          limit 200
          """;

  private static final String SETTLE_RETURNED =
      BACK
          + """
          insert into erasure_settled (leaf, by, why)
          select b.idx, :by, :why from back b where b.idx between :id and :last
          on conflict (leaf) do nothing
          """;

  private static final String SETTLE =
      """
      insert into gap_settled (gap, by, why)
      select gap, :by, :why from gap where gap = :id
      on conflict (gap) do nothing
      """;

  private final Sessions sessions;

  @Inject
  PostgresCompleteness(Sessions sessions) {
    this.sessions = sessions;
  }

  @Override
  public Uni<Completeness> find() {
    return sessions.in(session ->
        partitions(session)
            .chain(partitions ->
                gaps(session)
                    .chain(gaps ->
                        returned(session)
                            .map(returned -> new Completeness(partitions, gaps, returned)))));
  }

  private static Uni<List<Partition>> partitions(Mutiny.StatelessSession session) {
    return session
        .createNativeQuery(PARTITIONS, Object[].class)
        .getResultList()
        .map(rows ->
            rows.stream()
                .map(row ->
                    new Partition(
                        (String) row[0],
                        ((Number) row[1]).intValue(),
                        number(row[2]),
                        number(row[3]),
                        number(row[4]),
                        number(row[5]),
                        number(row[6]),
                        row[7] == null ? null : instant(row[7])))
                .toList());
  }

  private static Uni<List<Gap>> gaps(Mutiny.StatelessSession session) {
    return session
        .createNativeQuery(GAPS, Object[].class)
        .getResultList()
        .map(rows ->
            rows.stream()
                .map(row ->
                    new Gap(
                        number(row[0]),
                        (String) row[1],
                        ((Number) row[2]).intValue(),
                        (Boolean) row[3],
                        number(row[4]),
                        number(row[5]),
                        instant(row[6]),
                        number(row[7]),
                        row[8] == null ? null : number(row[8]),
                        (String) row[9]))
                .toList());
  }

  private static Uni<List<Returned>> returned(Mutiny.StatelessSession session) {
    return session
        .createNativeQuery(RETURNED, Object[].class)
        .getResultList()
        .map(rows ->
            rows.stream().map(row -> new Returned(number(row[0]), (String) row[1])).toList());
  }

  @Override
  public Uni<Boolean> settle(long gap, String by, String why) {
    return settle(by, why, session -> session.createNativeQuery(SETTLE).setParameter("id", gap));
  }

  @Override
  public Uni<Boolean> settleReturned(long first, long last, String by, String why) {
    return settle(
        by,
        why,
        session ->
            session
                .createNativeQuery(SETTLE_RETURNED)
                .setParameter("id", first)
                .setParameter("last", last));
  }

  private Uni<Boolean> settle(
      String by, String why, Function<Mutiny.StatelessSession, Mutiny.MutationQuery> statement) {
    return sessions.in(session ->
        statement
            .apply(session)
            .setParameter("by", by)
            .setParameter("why", why)
            .executeUpdate()
            .map(rows -> rows > 0));
  }

  private static long number(@Nullable Object column) {
    return column == null ? 0 : ((Number) column).longValue();
  }

  /// The driver's type for `timestamptz`, however Hibernate hands it on.
  static Instant instant(Object column) {
    return column instanceof Instant it ? it : ((OffsetDateTime) column).toInstant();
  }
}
