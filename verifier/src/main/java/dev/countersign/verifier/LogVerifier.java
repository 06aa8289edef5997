package dev.countersign.verifier;

import dev.countersign.events.Shown;
import dev.countersign.tlog.Checkpoint;
import dev.countersign.tlog.EntryBundle;
import dev.countersign.tlog.Frontier;
import dev.countersign.tlog.Hash;
import dev.countersign.tlog.Row;
import dev.countersign.tlog.Tile;
import dev.countersign.tlog.VerifierKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Verifies a whole log: each entry against its hash, each tile against the one below, the root
/// against the checkpoint. It reads the log once, from the beginning, and holds a tile of each
/// level, no more.
final class LogVerifier {

  private final LogFiles files;
  private final Checkpoint tree;
  private final @Nullable Checkpoint since;

  private Frontier frontier = Frontier.EMPTY;

  // By level, from 1 on: the hashes that follow from what was read, of the tile that is not full.
  private final List<List<Hash>> above = new ArrayList<>();

  private LogVerifier(LogFiles files, Checkpoint tree, @Nullable Checkpoint since) {
    this.files = files;
    this.tree = tree;
    this.since = since;
  }

  /// What is proven of the log, as a sentence. Throws with the first index that is wrong.
  ///
  /// @param remembered a note of this log from before, which it must begin with; absent where none
  ///   was kept
  static String check(
      LogFiles files, VerifierKey log, List<VerifierKey> witnesses, byte @Nullable [] remembered)
      throws NotProven, IOException {
    Optional<byte[]> newest = files.find("checkpoint", LogFiles.CHECKPOINT_BYTES);
    if (newest.isEmpty()) {
      throw new IOException("there is no checkpoint: this is no log");
    }
    Cosigned checkpoint = Cosigned.read(newest.get(), log, witnesses);
    Checkpoint since = remembered == null ? null : remembered(remembered, log);
    new LogVerifier(files, checkpoint.tree(), since).check();
    return "The log "
        + Shown.text(log.name())
        + " holds "
        + checkpoint.tree().size()
        + " entries, each where and as it was written. "
        + checkpoint.sentence()
        + (since == null ? "" : " It begins with the " + since.size() + " remembered.");
  }

  private static Checkpoint remembered(byte[] note, VerifierKey log) throws NotProven {
    try {
      return Cosigned.read(note, log, List.of()).tree();
    } catch (NotProven e) {
      throw new NotProven("of the remembered checkpoint: " + e.sentence());
    }
  }

  private void check() throws NotProven, IOException {
    if (since != null && since.size() > tree.size()) {
      throw NotProven.at(
          tree.size(),
          "the log ends before it, and had " + since.size() + " entries when it was remembered");
    }
    checkSince();
    for (long index = 0; index * Row.WIDTH < tree.size(); index++) {
      check(index);
    }
    for (int level = 1; level <= above.size(); level++) {
      checkTile(level);
    }
    checkRoot();
  }

  /// One bundle of entries.
  private void check(long index) throws NotProven, IOException {
    Tile bundle = tile(Tile.ENTRIES, index);
    Found found = read(bundle, LogFiles.BUNDLE_BYTES);
    List<byte[]> entries = EntryBundle.readWhole(found.bytes());
    Found tile = read(tile(0, index), LogFiles.TILE_BYTES);
    List<Hash> stored = hashes(tile);
    int length = 0;
    List<Hash> leaves = new ArrayList<>();
    for (int i = 0; i < bundle.width(); i++) {
      long at = bundle.from() + i;
      if (i == entries.size()) {
        throw NotProven.at(at, "it is missing: " + bundle.path() + " ends before it");
      }
      Hash leaf = Hash.ofLeaf(entries.get(i));
      checkHash(0, index, i, at, stored);
      if (!leaf.equals(stored.get(i))) {
        throw NotProven.at(at, "it is not the entry whose hash stands in " + path(0, index));
      }
      leaves.add(leaf);
      length += EntryBundle.LENGTH_BYTES + entries.get(i).length;
    }
    mustEnd(found, length);
    mustEnd(tile, leaves.size() * Hash.BYTES);
    int before = 0;
    if (since != null && since.size() > frontier.size()) {
      before = (int) Math.min(leaves.size(), since.size() - frontier.size());
      append(leaves.subList(0, before));
      checkSince();
    }
    append(leaves.subList(before, leaves.size()));
  }

  private void append(List<Hash> leaves) throws NotProven, IOException {
    List<Integer> full = new ArrayList<>();
    frontier =
        frontier.append(
            leaves,
            (level, _, hash) -> {
              if (above.size() < level) {
                above.add(new ArrayList<>());
              }
              above.get(level - 1).add(hash);
              if (above.get(level - 1).size() == Row.WIDTH) {
                full.add(level);
              }
            });
    for (int level : full) {
      checkTile(level);
    }
  }

  /// The tile of a level whose hashes are known, and they no more.
  private void checkTile(int level) throws NotProven, IOException {
    List<Hash> known = above.get(level - 1);
    if (known.isEmpty()) {
      return;
    }
    int height = level * Row.HEIGHT;
    long index = ((frontier.size() >> height) - 1) / Row.WIDTH;
    Found tile = read(tile(level, index), LogFiles.TILE_BYTES);
    List<Hash> stored = hashes(tile);
    for (int i = 0; i < known.size(); i++) {
      long first = (index * Row.WIDTH + i) << height;
      checkHash(level, index, i, first, stored);
      if (!known.get(i).equals(stored.get(i))) {
        throw NotProven.at(
            first,
            "from it to entry "
                + (first + (1L << height) - 1)
                + " another hash stands in "
                + path(level, index)
                + " than follows from them");
      }
    }
    mustEnd(tile, known.size() * Hash.BYTES);
    known.clear();
  }

  private void checkSince() throws NotProven {
    if (since != null && since.size() == frontier.size()) {
      NotProven.unless(
          frontier.root().equals(since.root()),
          "the first "
              + since.size()
              + " entries are not those that were remembered: the log was forked or written anew");
    }
  }

  private void checkRoot() throws NotProven {
    if (frontier.root().equals(tree.root())) {
      return;
    }
    String sentence =
        "the entries and tiles agree with each other, and not with the root that the log signed";
    if (since != null) {
      throw NotProven.at(
          since.size(), "the log is as it was remembered up to here; from here on, " + sentence);
    }
    throw new NotProven(sentence);
  }

  private void checkHash(int level, long index, int i, long at, List<Hash> stored)
      throws NotProven {
    if (i >= stored.size()) {
      throw NotProven.at(at, "its hash is missing: " + path(level, index) + " ends before it");
    }
  }

  /// The whole hashes of a tile: fewer than it should have where it is cut off.
  private static List<Hash> hashes(Found tile) {
    byte[] bytes = tile.bytes();
    List<Hash> hashes = new ArrayList<>();
    for (int from = 0; from + Hash.BYTES <= bytes.length; from += Hash.BYTES) {
      hashes.add(Hash.of(Arrays.copyOfRange(bytes, from, from + Hash.BYTES)));
    }
    return hashes;
  }

  /// What is at a tile's own path, and so nothing but the tile; or at the full one's.
  @SuppressWarnings("ArrayRecordComponent") // read, never compared
  private record Found(Tile tile, byte[] bytes, boolean own) {

    boolean isFull() {
      if (tile.level() != Tile.ENTRIES) {
        return bytes.length == Row.WIDTH * Hash.BYTES;
      }
      List<byte[]> entries = EntryBundle.readWhole(bytes);
      return entries.size() == Row.WIDTH && EntryBundle.bytes(entries).length == bytes.length;
    }
  }

  private Found read(Tile tile, int most) throws NotProven, IOException {
    Optional<byte[]> own = files.find(tile.path(), most);
    if (own.isPresent()) {
      return new Found(tile, own.get(), true);
    }
    Optional<byte[]> full =
        tile.width() < Row.WIDTH
            // A log that grew meanwhile has the full one in its place.
            ? files.find(full(tile).path(), most)
            : Optional.empty();
    if (full.isEmpty()) {
      throw NotProven.at(tile.from() << height(tile), tile.path() + " is missing");
    }
    return new Found(tile, full.get(), false);
  }

  private static Tile full(Tile tile) {
    return new Tile(tile.level(), tile.index(), Row.WIDTH);
  }

  private static int height(Tile tile) {
    return Math.max(0, tile.level()) * Row.HEIGHT;
  }

  /// What follows behind the last is in no hash; in a full tile, others of the log do.
  private static void mustEnd(Found found, int length) throws NotProven {
    Tile tile = found.tile();
    long last = ((tile.from() + tile.width()) << height(tile)) - 1;
    if (found.own() && found.bytes().length > length) {
      throw NotProven.at(last, "bytes follow it in " + tile.path() + " that the log does not have");
    }
    if (!found.own() && !found.isFull()) {
      throw NotProven.at(
          last, full(tile).path() + " is in the place of " + tile.path() + ", and is not full");
    }
  }

  private Tile tile(int level, long index) {
    return new Tile(level, index, Row.WIDTH).in(tree.size()).orElseThrow();
  }

  private String path(int level, long index) {
    return tile(level, index).path();
  }
}
