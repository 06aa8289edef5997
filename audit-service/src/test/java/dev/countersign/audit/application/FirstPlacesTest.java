package dev.countersign.audit.application;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class FirstPlacesTest {

  private static final int ENTRIES = 2_000;
  private static final int WINDOW = 300;
  private static final TopicPartition PARTITION = new TopicPartition("audit", 0);

  /// In whatever order they stand, how often, and whatever else does.
  @Test
  void nothingThatALaterPassLooksForStandsBeforeItBegins() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    long left = 0;
    for (int round = 0; round < 100; round++) {
      List<Long> indexes = indexes(random);
      FirstPlaces places = new FirstPlaces(0);
      for (long from = 0; from < ENTRIES; from += 1 + random.nextInt(WINDOW)) {
        places = places.from(from, from + WINDOW);
        int first = (int) places.first(PARTITION);
        String where = "seed=%d round=%d from=%d first=%d".formatted(seed, round, from, first);
        long looked = from;
        assertTrue(indexes.subList(0, first).stream().allMatch(it -> it < looked), where);
        left += first;
        for (int offset = first; offset < indexes.size(); offset++) {
          long index = indexes.get(offset);
          // What is before the window counts as nothing.
          places.note(
              new ConsumerRecord<>(PARTITION.topic(), PARTITION.partition(), offset, "", ""),
              index < from ? 0 : index);
        }
      }
    }
    assertTrue(left > 0, () -> "each pass read all of it seed=" + seed);
  }

  /// Each index, some of them again, not far from where they belong, and a few that nothing ever
  /// asks for.
  private static List<Long> indexes(Random random) {
    record Placed(long index, int at) {}
    int apart = 1 + random.nextInt(2 * WINDOW);
    List<Placed> placed = new ArrayList<>();
    for (int index = 0; index < ENTRIES; index++) {
      placed.add(new Placed(index, index + random.nextInt(apart)));
      if (random.nextInt(4) == 0) {
        placed.add(new Placed(index, index + random.nextInt(apart)));
      }
    }
    IntStream.range(0, random.nextInt(4))
        .forEach(_ -> placed.add(new Placed(ENTRIES * 9L, ENTRIES / 2 + random.nextInt(ENTRIES))));
    return placed.stream().sorted(Comparator.comparingInt(Placed::at)).map(Placed::index).toList();
  }
}
