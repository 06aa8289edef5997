package dev.countersign.ticket.outbound;

import dev.countersign.ticket.application.Answers;
import dev.countersign.ticket.application.RuleAnswers;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
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
          max(cast(extract(epoch from v.at - s.at) as double precision))
      from vote v join ticket t on t.action_id = v.action_id
          left join seen s on s.action_id = v.action_id and s.approver = v.approver,
          json_array_elements(cast(t.prompt as json) -> 'rules') as rule
      where v.at > now() - make_interval(0, 0, 0, 0, 0, 0, :seconds)
      group by 1 order by 1
      """;

  @Override
  public Uni<List<RuleAnswers>> byRule(Mutiny.StatelessSession session, Duration past) {
    return session
        .createNativeQuery(BY_RULE, Object[].class)
        .setParameter("seconds", (double) past.toSeconds())
        .getResultList()
        .map(rows ->
            rows.stream()
                .map(each ->
                    new RuleAnswers(
                        (String) each[0],
                        (String) each[1],
                        ((Long) each[2]).intValue(),
                        ((Long) each[3]).intValue(),
                        seconds(each[4]),
                        seconds(each[5])))
                .toList());
  }

  private static @Nullable Duration seconds(@Nullable Object seconds) {
    return seconds == null ? null : Duration.ofMillis(Math.round((Double) seconds * 1000));
  }
}
