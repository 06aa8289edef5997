package dev.countersign.ticket.outbound;

import dev.countersign.ticket.application.Answers;
import dev.countersign.ticket.application.RuleAnswers;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Comparator;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// Answers out of the votes in PostgreSQL.
@ApplicationScoped
class PostgresAnswers implements Answers {

  private static final String BY_RULE =
      """
      select rule ->> 'id', max(rule ->> 'says'), count(*),
          count(*) filter (where v.answer = 'approve'),
          percentile_cont(0.5) within group (
              order by cast(extract(epoch from v.at - s.at) as double precision)),
          max(cast(extract(epoch from v.at - s.at) as double precision)),
          count(*) over ()
      from vote v join ticket t on t.action_id = v.action_id
          left join seen s on s.action_id = v.action_id and s.approver = v.approver,
          json_array_elements(readable(t.prompt) -> 'rules') as rule
      where v.at > now() - make_interval(0, 0, 0, 0, 0, 0, :seconds)
      group by 1 order by 3 desc, 1 limit :most
      """;

  @Override
  public Uni<ByRule> byRule(Mutiny.StatelessSession session, Duration past, int atMost) {
    return session
        .createNativeQuery(BY_RULE, Object[].class)
        .setParameter("seconds", (double) past.toSeconds())
        .setParameter("most", atMost)
        .getResultList()
        .map(rows ->
            new ByRule(
                rows.stream()
                    .map(PostgresAnswers::answers)
                    .sorted(Comparator.comparing(RuleAnswers::rule))
                    .toList(),
                rows.isEmpty() ? 0 : Math.toIntExact((Long) rows.getFirst()[6] - rows.size())));
  }

  private static RuleAnswers answers(Object[] row) {
    return new RuleAnswers(
        (String) row[0],
        (String) row[1],
        ((Long) row[2]).intValue(),
        ((Long) row[3]).intValue(),
        seconds(row[4]),
        seconds(row[5]));
  }

  private static @Nullable Duration seconds(@Nullable Object seconds) {
    return seconds == null ? null : Duration.ofMillis(Math.round((Double) seconds * 1000));
  }
}
