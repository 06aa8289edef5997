package dev.countersign.audit.application;

import dev.countersign.audit.domain.Entry;
import dev.countersign.tlog.Checkpoint;
import dev.countersign.tlog.Frontier;
import dev.countersign.tlog.Hash;
import dev.countersign.tlog.Note;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/// Entries that a database lacks, as the topic has them. Anybody with the topic may have written
/// others under the same index: which of them the log had, only the checkpoints say that the log
/// itself signed.
final class LostEntries {

  /// How many are kept under one index, the first that came.
  private static final int MOST_CANDIDATES = 100;

  /// How many bytes are kept in all, by the entries' weight.
  static final long MOST_BYTES = 64 * 1024 * 1024;

  /// How many trees are tried for one checkpoint.
  private static final int MOST_TRIES = 10_000;

  /// Entries that lead from one checkpoint to the next.
  record Segment(List<Entry> entries, Note checkpoint, Frontier to) {}

  private final NavigableMap<Long, Map<Hash, Entry>> candidates = new TreeMap<>();
  private final NavigableMap<Long, Note> checkpoints = new TreeMap<>();
  private final long most;
  private long past;
  private long bytes;
  private boolean leftOut;

  /// Those before this index, and of them the first that take so many bytes.
  LostEntries(long past, long most) {
    this.past = past;
    this.most = most;
  }

  /// What a record says that the log had at this index.
  void add(long index, Entry entry) {
    if (index >= past) {
      leftOut = true;
      return;
    }
    Map<Hash, Entry> known = candidates.computeIfAbsent(index, _ -> new LinkedHashMap<>());
    if (known.size() < MOST_CANDIDATES
        && known.putIfAbsent(Hash.ofLeaf(entry.leaf()), entry) == null) {
      bytes += entry.weight();
    }
    while (bytes > most) {
      // Whole indexes, the last first: what is kept is what is appended next.
      Map.Entry<Long, Map<Hash, Entry>> last = candidates.pollLastEntry();
      bytes -= last.getValue().values().stream().mapToLong(Entry::weight).sum();
      past = last.getKey();
      checkpoints.tailMap(past, false).clear();
      leftOut = true;
    }
  }

  /// A checkpoint that the log is known to have signed.
  void add(Note checkpoint) {
    long size = Checkpoint.read(checkpoint.text()).size();
    if (size <= past) {
      checkpoints.putIfAbsent(size, checkpoint);
    }
  }

  /// What is kept, by the entries' weight.
  long bytes() {
    return bytes;
  }

  /// Whether there was more than is kept.
  boolean leftOut() {
    return leftOut;
  }

  /// The entries from here to the next checkpoint; empty where they are not all there, or lead to
  /// another tree.
  Optional<Segment> next(Frontier from) {
    Map.Entry<Long, Note> signed = checkpoints.higherEntry(from.size());
    if (signed == null) {
      return Optional.empty();
    }
    List<List<Entry>> choices = new ArrayList<>();
    for (long index = from.size(); index < signed.getKey(); index++) {
      Map<Hash, Entry> known = candidates.get(index);
      if (known == null) {
        return Optional.empty();
      }
      choices.add(List.copyOf(known.values()));
    }
    return find(from, choices, signed.getValue());
  }

  private static Optional<Segment> find(Frontier from, List<List<Entry>> choices, Note checkpoint) {
    Hash root = Checkpoint.read(checkpoint.text()).root();
    int[] chosen = new int[choices.size()];
    for (int tries = 0; tries < MOST_TRIES; tries++) {
      List<Entry> entries = new ArrayList<>(choices.size());
      for (int i = 0; i < chosen.length; i++) {
        entries.add(choices.get(i).get(chosen[i]));
      }
      Frontier to =
          from.append(
              entries.stream().map(each -> Hash.ofLeaf(each.leaf())).toList(),
              (level, index, hash) -> {});
      if (to.root().equals(root)) {
        return Optional.of(new Segment(entries, checkpoint, to));
      }
      if (!choseNext(chosen, choices)) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  /// The next choice, as an odometer counts; false after the last.
  private static boolean choseNext(int[] chosen, List<List<Entry>> choices) {
    for (int i = 0; i < chosen.length; i++) {
      chosen[i]++;
      if (chosen[i] < choices.get(i).size()) {
        return true;
      }
      chosen[i] = 0;
    }
    return false;
  }
}
