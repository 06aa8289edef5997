package dev.countersign.tlog;

import java.util.ArrayList;
import java.util.List;

/// A subtree: that over the leaves from `from` to before `to`. One that is not perfect ends at the
/// tree's right edge.
public record Span(long from, long to) {
  public Span {
    if (from < 0 || to <= from) {
      throw new IllegalArgumentException("no subtree: " + from + " to " + to);
    }
  }

  /// The stored hashes that its own is computed from. Each row is a perfect subtree.
  public List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    long at = from;
    while (at < to) {
      int height = 63 - Long.numberOfLeadingZeros(to - at);
      int level = height / Row.HEIGHT;
      rows.add(new Row(level, at >> (level * Row.HEIGHT), 1 << (height % Row.HEIGHT)));
      at += 1L << height;
    }
    return rows;
  }

  /// Its hash, computed from what is stored.
  public Hash hash(Row.Hashes hashes) {
    List<Hash> perfect = rows().stream().map(row -> fold(hashes.read(row))).toList().reversed();
    Hash hash = perfect.getFirst();
    for (Hash left : perfect.subList(1, perfect.size())) {
      hash = Hash.ofNode(left, hash);
    }
    return hash;
  }

  private static Hash fold(List<Hash> row) {
    List<Hash> level = row;
    while (level.size() > 1) {
      List<Hash> above = new ArrayList<>();
      for (int i = 0; i < level.size(); i += 2) {
        above.add(Hash.ofNode(level.get(i), level.get(i + 1)));
      }
      level = above;
    }
    return level.getFirst();
  }
}
