package dev.countersign.tlog;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A tile's coordinates, and its path (C2SP tlog-tiles, "Merkle tree" and "Log entries").
///
/// @param level 0 to 7 for hashes; [#ENTRIES] for a bundle of entries
/// @param index the `index`-th tile of its level
/// @param width how many hashes or entries it has: 256, fewer where it is the last
public record Tile(int level, long index, int width) {

  /// The level of entry bundles.
  public static final int ENTRIES = -1;

  /// A tree of more levels has more than 2^63 leaves.
  private static final int HIGHEST = 7;

  private static final int GROUP = 1_000;
  private static final Pattern PATH =
      Pattern.compile("tile/(entries|[0-7])/((?:x[0-9]{3}/)*[0-9]{3})(?:\\.p/([1-9][0-9]{0,2}))?");
  private static final int LONGEST = 64;

  public Tile {
    if (level < ENTRIES || level > HIGHEST || index < 0 || width < 1 || width > Row.WIDTH) {
      throw new IllegalArgumentException("no tile: " + level + ", " + index + ", " + width);
    }
  }

  /// The tile of this path, `tile/<level>/<index>[.p/<width>]`; empty where the path is none.
  public static Optional<Tile> find(String path) {
    if (path.length() > LONGEST) {
      return Optional.empty();
    }
    Matcher found = PATH.matcher(path);
    if (!found.matches()) {
      return Optional.empty();
    }
    int level = found.group(1).equals("entries") ? ENTRIES : Integer.parseInt(found.group(1));
    String digits = found.group(2).replace("x", "").replace("/", "");
    if (digits.length() > 18) {
      return Optional.empty();
    }
    String partial = found.group(3);
    int width = partial == null ? Row.WIDTH : Integer.parseInt(partial);
    if (partial != null && width >= Row.WIDTH) {
      return Optional.empty();
    }
    Tile tile = new Tile(level, Long.parseLong(digits), width);
    // One path a tile: x000/001 is 001.
    return tile.path().equals(path) ? Optional.of(tile) : Optional.empty();
  }

  /// Its path, without a slash before it.
  public String path() {
    StringBuilder groups = new StringBuilder(String.format(Locale.ROOT, "%03d", index % GROUP));
    for (long rest = index / GROUP; rest > 0; rest /= GROUP) {
      groups.insert(0, String.format(Locale.ROOT, "x%03d/", rest % GROUP));
    }
    return "tile/"
        + (level == ENTRIES ? "entries" : Integer.toString(level))
        + "/"
        + groups
        + (width == Row.WIDTH ? "" : ".p/" + width);
  }

  /// Where its first hash or entry stands on its level.
  public long from() {
    return index * Row.WIDTH;
  }

  /// Whether a tree of this size has it.
  public boolean existsIn(long size) {
    return index <= Long.MAX_VALUE / Row.WIDTH - 1 && from() + width <= countIn(size);
  }

  /// The tile at the same place as a tree of this size has it; empty where it has none there.
  public Optional<Tile> in(long size) {
    long there = Math.min(Row.WIDTH, countIn(size) - from());
    return there < 1 ? Optional.empty() : Optional.of(new Tile(level, index, (int) there));
  }

  private long countIn(long size) {
    return level == ENTRIES ? size : size >> (Row.HEIGHT * level);
  }

  /// The tile that a row lies in, as a tree of this size has it.
  public static Tile of(Row row, long size) {
    return new Tile(row.level(), row.from() / Row.WIDTH, Row.WIDTH)
        .in(size)
        .orElseThrow(() -> new IllegalArgumentException("the tree has no " + row));
  }

  /// How many levels of tiles a tree of this size has.
  public static int levels(long size) {
    int levels = 0;
    for (long count = size; count > 0; count >>= Row.HEIGHT) {
      levels++;
    }
    return levels;
  }
}
