package dev.countersign.audit.application;

import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the log has read, beside what Kafka has.
public interface FindCompleteness {

  /// All partitions by topic and number, and the gaps: those that are an alarm first, then the
  /// newest, and at most 200.
  Uni<Completeness> find();

  /// Takes the operator's word that somebody looked after a gap. False where there is no such gap,
  /// or it was settled before.
  Uni<Boolean> settle(long gap, String by, String why);

  /// Takes the operator's word that somebody looked after contents that are back. False where none
  /// of these leaves says so of any, or they were settled before.
  Uni<Boolean> settleReturned(long first, long last, String by, String why);

  /// What is known of it.
  ///
  /// @param returned at most 200, those that are an alarm first
  record Completeness(List<Partition> partitions, List<Gap> gaps, List<Returned> returned) {

    /// Whether nothing that was published is known to be absent, and what was erased is.
    public boolean whole() {
      return gaps.stream().noneMatch(Gap::alarming)
          && returned.stream().noneMatch(Returned::alarming);
    }
  }

  /// A leaf that says that contents are erased which this database may still have: it was put back
  /// since, and nobody erased just the same again.
  record Returned(long leaf, @Nullable String settledWhy) {

    /// Whether nobody looked after it.
    public boolean alarming() {
      return settledWhy == null;
    }
  }

  /// One partition.
  ///
  /// @param records read, each time that they came
  /// @param entries that they became; what remains are repeats
  /// @param lag records that are published and not read yet, as Kafka said when it was asked last
  /// @param missing records that were published and are in no entry, of gaps that nobody settled
  record Partition(
      String topic,
      int number,
      long next,
      long records,
      long entries,
      long lag,
      long missing,
      @Nullable Instant askedAt) {

    /// Records that came again.
    public long repeats() {
      return records - entries;
    }
  }

  /// Offsets that were passed over, or a topic that was made anew.
  ///
  /// @param missing what is in no entry; all of it until Kafka was asked
  /// @param found records that still stood there and were read then; absent until Kafka was asked
  record Gap(
      long id,
      String topic,
      int partition,
      boolean anew,
      long first,
      long past,
      Instant notedAt,
      long missing,
      @Nullable Long found,
      @Nullable String settledWhy) {

    /// Whether it is open: something is missing, or nobody can tell, and nobody looked after it.
    public boolean alarming() {
      return settledWhy == null && (anew || missing > 0);
    }
  }
}
