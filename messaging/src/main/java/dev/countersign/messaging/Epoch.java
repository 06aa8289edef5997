package dev.countersign.messaging;

import io.smallrye.mutiny.Uni;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// The last epoch that the database knows, and what is otherwise than when it began.
///
/// @param settled whether it is known again how far each topic was read
/// @param moved whether this is another server, timeline, database or table
/// @param said whether the operator names a backup that it has not heard of
/// @param rewound whether it lacks what was read, of the same Kafka
/// @param kafka the cluster whose positions it has; absent where that was never written
/// @param why how it was noticed that it had to begin
record Epoch(
    int number,
    boolean settled,
    boolean moved,
    boolean said,
    boolean rewound,
    @Nullable String kafka,
    String why) {

  /// How it is noticed that the database was put back since.
  enum Sign {
    /// Another cluster, timeline, database or table than the epoch began in.
    MOVED("moved"),
    /// The operator says so, by the name of the backup.
    SAID("said"),
    /// It lacks what it had read.
    REWOUND("rewound");

    private final String word;

    Sign(String word) {
      this.word = word;
    }

    String word() {
      return word;
    }
  }

  private static final String LOOK =
      """
      select number, settled, life is distinct from life(),
          cast(:backup as text) <> '' and not exists (
            select 1 from epoch where backup = cast(:backup as text)),
          coalesce(kafka, cast(:kafka as text)) = cast(:kafka as text) and exists (
            select 1 from json_to_recordset(cast(cast(:seen as text) as json))
                as s (topic text, partition integer, next bigint)
            left join read_up_to r on r.topic = s.topic and r.partition = s.partition
            where coalesce(r.next, 0) < s.next),
          kafka, why
      from epoch order by number desc limit 1
      """;

  /// @param kafka the cluster that there is now
  /// @param than how far it says was read
  static Uni<Epoch> look(
      Mutiny.StatelessSession session,
      String backup,
      String kafka,
      Map<TopicPartition, Long> than) {
    return session
        .createNativeQuery(LOOK, Object[].class)
        .setParameter("backup", backup)
        .setParameter("kafka", kafka)
        .setParameter("seen", Positions.json(than))
        .getSingleResult()
        .map(Epoch::of);
  }

  private static Epoch of(@Nullable Object[] row) {
    return new Epoch(
        Objects.requireNonNull((Integer) row[0]),
        Boolean.TRUE.equals(row[1]),
        Boolean.TRUE.equals(row[2]),
        Boolean.TRUE.equals(row[3]),
        Boolean.TRUE.equals(row[4]),
        (String) row[5],
        Objects.requireNonNull((String) row[6]));
  }

  /// The first of the signs that is there.
  Optional<Sign> sign() {
    if (moved) {
      return Optional.of(Sign.MOVED);
    }
    if (said) {
      return Optional.of(Sign.SAID);
    }
    // Before it is settled, it is known to be behind.
    return settled && rewound ? Optional.of(Sign.REWOUND) : Optional.empty();
  }
}
