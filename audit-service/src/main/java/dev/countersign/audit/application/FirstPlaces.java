package dev.countersign.audit.application;

import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/// From where on each partition has indexes, by what was read of it in one pass: the next one,
/// which looks for later indexes, need not begin before. Every record counts that has an index,
/// whether or not the log had it.
final class FirstPlaces {

  /// So many indexes have one place together.
  private static final int STEP = 50;

  private static final long BEGIN = -1;

  private final long most;

  /// By the step of an index: the offset before which none of a later step stands. What `BEGIN` has
  /// is where the pass begins.
  private final Map<TopicPartition, NavigableMap<Long, Long>> places = new HashMap<>();

  /// @param most no pass asks for a later index next
  FirstPlaces(long most) {
    this.most = most;
  }

  /// In the order of a partition's offsets.
  ///
  /// @param index what stands there; any that is before all that are looked for where it is nothing
  void note(ConsumerRecord<?, ?> at, long index) {
    NavigableMap<Long, Long> of =
        places.computeIfAbsent(
            new TopicPartition(at.topic(), at.partition()), _ -> beginning(at.offset()));
    of.put(Math.max(of.lastKey(), step(Math.min(index, most))), at.offset() + 1);
  }

  /// Where to begin; 0 where nothing was noted of it.
  long first(TopicPartition partition) {
    NavigableMap<Long, Long> of = places.get(partition);
    return of == null ? 0 : of.firstEntry().getValue();
  }

  /// For a pass that looks for this index and later ones.
  FirstPlaces from(long index, long most) {
    FirstPlaces next = new FirstPlaces(most);
    places.forEach((partition, of) ->
        next.places.put(partition, beginning(of.lowerEntry(step(index)).getValue())));
    return next;
  }

  private static NavigableMap<Long, Long> beginning(long offset) {
    return new TreeMap<>(Map.of(BEGIN, offset));
  }

  private static long step(long index) {
    return index / STEP;
  }
}
