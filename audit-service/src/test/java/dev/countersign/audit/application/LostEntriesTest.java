package dev.countersign.audit.application;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.audit.domain.Entry;
import dev.countersign.audit.domain.EventId;
import dev.countersign.audit.domain.Leaf;
import dev.countersign.events.Topics;
import dev.countersign.tlog.Checkpoint;
import dev.countersign.tlog.Frontier;
import dev.countersign.tlog.Hash;
import dev.countersign.tlog.Note;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Which of several records under one index the log had.
class LostEntriesTest {

  private final LostEntries lost = new LostEntries(1_000, LostEntries.MOST_BYTES);

  private static Entry entry(String leaf) {
    byte[] bytes = leaf.getBytes(UTF_8);
    return new Entry(
        EventId.ofLeaf(Hash.ofLeaf(bytes)),
        null,
        Topics.VERDICT,
        null,
        bytes,
        null,
        null,
        null,
        null,
        "[]");
  }

  private static Frontier tree(Frontier from, List<Entry> entries) {
    return from.append(
        entries.stream().map(each -> Hash.ofLeaf(each.leaf())).toList(),
        (level, index, hash) -> {});
  }

  private static Note checkpoint(Frontier tree) {
    return new Note(new Checkpoint("example.com/log", tree.size(), tree.root()).text(), List.of());
  }

  @Test
  void aForgedRecordUnderAnIndexDoesNotHideTheOneThatTheLogHad() {
    List<Entry> had = IntStream.range(0, 8).mapToObj(i -> entry("had " + i)).toList();
    Frontier first = tree(Frontier.EMPTY, had.subList(0, 5));
    Frontier second = tree(first, had.subList(5, 8));
    for (int i = 0; i < had.size(); i++) {
      // Before it, after it, and both.
      if (i % 2 == 0) {
        lost.add(i, entry("forged before " + i));
      }
      lost.add(i, had.get(i));
      if (i % 3 == 0) {
        lost.add(i, entry("forged after " + i));
      }
    }
    lost.add(checkpoint(first));
    lost.add(checkpoint(second));

    LostEntries.Segment segment = lost.next(Frontier.EMPTY).orElseThrow();

    assertEquals(had.subList(0, 5), segment.entries());
    assertEquals(first.root(), segment.to().root());
    assertEquals(had.subList(5, 8), lost.next(segment.to()).orElseThrow().entries());
    assertTrue(lost.next(second).isEmpty());
  }

  @Test
  void whatLeadsToNoCheckpointIsNotTaken() {
    Frontier tree = tree(Frontier.EMPTY, List.of(entry("a"), entry("b")));
    lost.add(0, entry("a"));
    lost.add(checkpoint(tree));
    assertTrue(lost.next(Frontier.EMPTY).isEmpty(), "one is missing");
    lost.add(1, entry("forged"));
    assertTrue(lost.next(Frontier.EMPTY).isEmpty(), "another tree");
    lost.add(1, entry("b"));
    assertEquals(2, lost.next(Frontier.EMPTY).orElseThrow().to().size());
  }

  /// In whichever order: partitions are read one after the other.
  @Test
  void whatIsKeptIsBoundInBytesAndIsWhatComesNext() {
    List<Entry> had = IntStream.range(0, 8).mapToObj(i -> entry("had " + i)).toList();
    Frontier first = tree(Frontier.EMPTY, had.subList(0, 3));
    Frontier second = tree(first, had.subList(3, 8));
    int weight = had.getFirst().weight();
    LostEntries few = new LostEntries(1_000, 5L * weight);
    few.add(checkpoint(second));
    for (int i : new int[] {7, 0, 5, 2, 6, 1, 4, 3}) {
      few.add(i, had.get(i));
      assertTrue(few.bytes() <= 5L * weight, "with " + i);
    }
    few.add(checkpoint(first));

    assertEquals(had.subList(0, 3), few.next(Frontier.EMPTY).orElseThrow().entries());
    assertTrue(few.next(first).isEmpty(), "what follows is read another time");
    assertTrue(few.leftOut());
    assertFalse(lost.leftOut());
  }

  /// Whoever may write to the topic.
  @Test
  void forgedRecordsTakeNoMoreRoomThanThereIs() {
    byte[] large = new byte[Leaf.MAX_BYTES];
    for (int index = 0; index < 100; index++) {
      for (int n = 0; n < 50; n++) {
        large[0] = (byte) n;
        lost.add(index, entry(new String(large, ISO_8859_1) + index));
      }
    }
    assertTrue(lost.leftOut());
    assertTrue(lost.bytes() <= LostEntries.MOST_BYTES, () -> "bytes=" + lost.bytes());
    assertTrue(lost.bytes() > LostEntries.MOST_BYTES / 2, () -> "bytes=" + lost.bytes());
  }
}
