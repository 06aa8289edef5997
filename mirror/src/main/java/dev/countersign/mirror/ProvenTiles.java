package dev.countersign.mirror;

import dev.countersign.tlog.Checkpoint;
import dev.countersign.tlog.EntryBundle;
import dev.countersign.tlog.Frontier;
import dev.countersign.tlog.Hash;
import dev.countersign.tlog.Row;
import dev.countersign.tlog.Span;
import dev.countersign.tlog.Tile;
import dev.countersign.verifier.LogFiles;
import dev.countersign.verifier.NotProven;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A log's tiles, each proven against its checkpoint before anybody sees it.
///
/// From the root down: the root is computed from the tiles that are not full, all of them; a full
/// tile's hash stands in the tile above it; an entry's in the tile of level 0. So nothing has to be
/// read twice or from the beginning, and nothing that was not proven has to be kept meanwhile.
final class ProvenTiles {

  /// @param kept whether the mirror has it already, as it should be
  record Hashes(Tile tile, List<Hash> hashes, boolean kept) {

    byte[] bytes() {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      hashes.forEach(each -> bytes.writeBytes(each.bytes()));
      return bytes.toByteArray();
    }
  }

  /// @param kept whether the mirror has it already, as it should be
  record Entries(List<byte[]> entries, boolean kept) {

    byte[] bytes() {
      return EntryBundle.bytes(entries);
    }
  }

  private final LogFiles log;
  private final LogFiles mirror;
  private final Checkpoint tree;
  private final Map<Integer, Hashes> notFull = new HashMap<>();

  // By level, the full one that was asked for last: neighbours stand below the same.
  private final Map<Integer, Hashes> last = new HashMap<>();

  private ProvenTiles(LogFiles log, LogFiles mirror, Checkpoint tree) {
    this.log = log;
    this.mirror = mirror;
    this.tree = tree;
  }

  /// @param mirror asked first, and believed no more than the log is
  static ProvenTiles of(LogFiles log, LogFiles mirror, Checkpoint tree)
      throws NotProven, IOException {
    ProvenTiles tiles = new ProvenTiles(log, mirror, tree);
    if (!tiles.findNotFull()) {
      tiles.readNotFull();
      NotProven.unless(
          tiles.root(tree.size()).equals(tree.root()),
          "the tiles at the log's end do not give the root that the log signed");
    }
    return tiles;
  }

  /// Whether the mirror has those that are not full, and they are right.
  private boolean findNotFull() throws NotProven, IOException {
    for (Tile tile : notFullOnes()) {
      Optional<byte[]> bytes = mirror.find(tile.path(), LogFiles.TILE_BYTES);
      if (bytes.isEmpty() || bytes.get().length != tile.width() * Hash.BYTES) {
        return false;
      }
      notFull.put(tile.level(), new Hashes(tile, hashes(tile, bytes.get()), true));
    }
    return root(tree.size()).equals(tree.root());
  }

  private void readNotFull() throws NotProven, IOException {
    for (Tile tile : notFullOnes()) {
      Hashes read = new Hashes(tile, hashes(tile, read(tile, LogFiles.TILE_BYTES)), false);
      Optional<byte[]> kept = mirror.find(tile.path(), LogFiles.TILE_BYTES);
      boolean same = kept.isPresent() && Arrays.equals(kept.get(), read.bytes());
      notFull.put(tile.level(), new Hashes(tile, read.hashes(), same));
    }
  }

  private List<Tile> notFullOnes() {
    List<Tile> tiles = new ArrayList<>();
    for (int level = 0; level < Tile.levels(tree.size()); level++) {
      long count = tree.size() >> (Row.HEIGHT * level);
      if (count % Row.WIDTH != 0) {
        tiles.add(tile(level, count / Row.WIDTH));
      }
    }
    return tiles;
  }

  /// The root of the log when it had this size, which is not larger than what it has.
  Hash root(long size) throws NotProven, IOException {
    if (size == 0) {
      return Hash.EMPTY_TREE;
    }
    Span span = new Span(0, size);
    Map<Row, List<Hash>> rows = new HashMap<>();
    for (Row row : span.rows()) {
      List<Hash> hashes = hashes(row.level(), row.from() / Row.WIDTH).hashes();
      int from = (int) (row.from() % Row.WIDTH);
      rows.put(row, hashes.subList(from, from + row.count()));
    }
    return span.hash(Row.Hashes.of(rows));
  }

  /// The `index`-th tile of a level.
  Hashes hashes(int level, long index) throws NotProven, IOException {
    Tile tile = tile(level, index);
    if (tile.width() < Row.WIDTH) {
      Hashes edge = notFull.get(level);
      if (edge == null) {
        throw new IllegalStateException(tile + " has not been read");
      }
      return edge;
    }
    Hashes before = last.get(level);
    if (before != null && before.tile().equals(tile)) {
      return before;
    }
    Hashes full = full(tile);
    last.put(level, full);
    return full;
  }

  private Hashes full(Tile tile) throws NotProven, IOException {
    Hash hash =
        hashes(tile.level() + 1, tile.index() / Row.WIDTH)
            .hashes()
            .get((int) (tile.index() % Row.WIDTH));
    Optional<byte[]> kept = mirror.find(tile.path(), LogFiles.TILE_BYTES);
    if (kept.isPresent() && kept.get().length == LogFiles.TILE_BYTES) {
      List<Hash> hashes = hashes(tile, kept.get());
      if (fold(hashes).equals(hash)) {
        return new Hashes(tile, hashes, true);
      }
    }
    List<Hash> hashes = hashes(tile, read(tile, LogFiles.TILE_BYTES));
    if (!fold(hashes).equals(hash)) {
      throw NotProven.at(
          first(tile, 0),
          "from it to entry "
              + (first(tile, tile.width()) - 1)
              + " other hashes stand in "
              + tile.path()
              + " than the log signed");
    }
    return new Hashes(tile, hashes, false);
  }

  private static Hash fold(List<Hash> hashes) {
    return Frontier.EMPTY.append(hashes, (_, _, _) -> {}).root();
  }

  /// The `index`-th bundle of entries.
  Entries entries(long index) throws NotProven, IOException {
    Tile bundle = tile(Tile.ENTRIES, index);
    Hashes hashes = hashes(0, index);
    Optional<byte[]> kept = mirror.find(bundle.path(), LogFiles.BUNDLE_BYTES);
    if (kept.isPresent()) {
      Entries entries = new Entries(EntryBundle.readWhole(kept.get()), true);
      if (Arrays.equals(entries.bytes(), kept.get())
          && entries.entries().stream().map(Hash::ofLeaf).toList().equals(hashes.hashes())) {
        return entries;
      }
    }
    List<byte[]> entries = EntryBundle.readWhole(read(bundle, LogFiles.BUNDLE_BYTES));
    for (int i = 0; i < bundle.width(); i++) {
      if (i == entries.size()) {
        throw NotProven.at(
            bundle.from() + i, "it is missing: " + bundle.path() + " ends before it");
      }
      if (!Hash.ofLeaf(entries.get(i)).equals(hashes.hashes().get(i))) {
        throw NotProven.at(
            bundle.from() + i, "it is not the entry whose hash stands in " + hashes.tile().path());
      }
    }
    return new Entries(entries.subList(0, bundle.width()), false);
  }

  /// The tile's hashes, those of them that a tree of this size has.
  private static List<Hash> hashes(Tile tile, byte[] bytes) throws NotProven {
    List<Hash> hashes = new ArrayList<>();
    for (int i = 0; i < tile.width(); i++) {
      int from = i * Hash.BYTES;
      if (bytes.length < from + Hash.BYTES) {
        throw NotProven.at(
            first(tile, i), "its hash is missing: " + tile.path() + " ends before it");
      }
      hashes.add(Hash.of(Arrays.copyOfRange(bytes, from, from + Hash.BYTES)));
    }
    return hashes;
  }

  private byte[] read(Tile tile, int most) throws NotProven, IOException {
    Optional<byte[]> found = log.find(tile.path(), most);
    if (found.isEmpty() && tile.width() < Row.WIDTH) {
      // A log that grew meanwhile may have the full one in its place.
      found = log.find(new Tile(tile.level(), tile.index(), Row.WIDTH).path(), most);
    }
    if (found.isEmpty()) {
      throw NotProven.at(first(tile, 0), tile.path() + " is missing");
    }
    return found.get();
  }

  /// The first entry below a tile's `i`-th hash.
  private static long first(Tile tile, int i) {
    return (tile.from() + i) << (Row.HEIGHT * Math.max(0, tile.level()));
  }

  private Tile tile(int level, long index) {
    return new Tile(level, index, Row.WIDTH).in(tree.size()).orElseThrow();
  }
}
