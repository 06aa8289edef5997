package dev.countersign.tlog;

import java.util.List;
import java.util.Map;

/// Consecutive hashes of one level of tiles: at level 0 those of leaves, at level `n` those of
/// subtrees of 256^n leaves (C2SP tlog-tiles, "Merkle tree").
///
/// @param from the first one's index on its level
/// @param count how many, 1 to 256
public record Row(int level, long from, int count) {

  /// How many levels of the tree one level of tiles covers.
  public static final int HEIGHT = 8;

  /// How many hashes a full tile has.
  public static final int WIDTH = 1 << HEIGHT;

  /// Where hashes are stored.
  @FunctionalInterface
  public interface Hashes {
    /// As many as the row counts, in order. Throws where some are missing.
    List<Hash> read(Row row);

    /// Those that were read before. Asked for others it throws `IllegalStateException`.
    static Hashes of(Map<Row, List<Hash>> read) {
      return row -> {
        List<Hash> hashes = read.get(row);
        if (hashes == null) {
          throw new IllegalStateException("hashes of the tree are missing: " + row);
        }
        return hashes;
      };
    }
  }

  public Row {
    if (level < 0 || from < 0 || count < 1 || count > WIDTH) {
      throw new IllegalArgumentException("no row of hashes: " + level + ", " + from + ", " + count);
    }
  }
}
