package dev.countersign.mirror;

import dev.countersign.events.Shown;
import dev.countersign.tlog.Checkpoint;
import dev.countersign.tlog.Hash;
import dev.countersign.tlog.Row;
import dev.countersign.tlog.Tile;
import dev.countersign.tlog.VerifierKey;
import dev.countersign.verifier.Cosigned;
import dev.countersign.verifier.LogFiles;
import dev.countersign.verifier.NotProven;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Brings a mirror to where a log is.
///
/// Tiles first, then the checkpoint, then what full tiles replaced goes: whoever reads the mirror
/// at any moment finds all tiles of the checkpoint that they find. A run that ended in between
/// leaves tiles that the next one finds and need not fetch.
final class CopyLog {

  private static final String CHECKPOINT = "checkpoint";

  /// How many tiles a folder of them has at most (C2SP tlog-tiles: three digits).
  private static final int GROUP = 1_000;

  /// What a run came to.
  ///
  /// @param files how many it wrote
  record Copied(int files, String sentence) {}

  private final LogFiles log;
  private final Target mirror;
  private final VerifierKey key;
  private final List<VerifierKey> witnesses;
  private int files;

  CopyLog(LogFiles log, Target mirror, VerifierKey key, List<VerifierKey> witnesses) {
    this.log = log;
    this.mirror = mirror;
    this.key = key;
    this.witnesses = List.copyOf(witnesses);
  }

  /// Throws with the first thing that is wrong; the mirror is then still of the checkpoint it was.
  Copied run() throws NotProven, IOException {
    files = 0;
    // The mirror's own first: it only grows, whatever the log says by then.
    Optional<byte[]> kept = mirror.find(CHECKPOINT, LogFiles.CHECKPOINT_BYTES);
    Checkpoint before =
        kept.isPresent() ? kept(kept.get()) : new Checkpoint(key.name(), 0, Hash.EMPTY_TREE);
    byte[] newest =
        log.find(CHECKPOINT, LogFiles.CHECKPOINT_BYTES)
            .orElseThrow(() ->
                new IOException("there is no checkpoint: this is no log, or one with no entry"));
    Cosigned now = Cosigned.read(newest, key, witnesses);
    long size = now.tree().size();
    if (size < before.size()) {
      throw NotProven.at(
          size, "the log ends before it, and the mirror has " + before.size() + " entries of it");
    }
    ProvenTiles tiles = ProvenTiles.of(log, mirror, now.tree());
    NotProven.unless(
        tiles.root(before.size()).equals(before.root()),
        "the first "
            + before.size()
            + " entries are not those of the mirror: the log was forked or written anew");
    copy(tiles, before.size(), size);
    if (kept.isEmpty() || !Arrays.equals(kept.get(), newest)) {
      write(CHECKPOINT, newest);
    }
    removeReplaced(before.size(), size);
    return new Copied(
        files,
        "The mirror holds the "
            + size
            + " entries of the log "
            + Shown.text(key.name())
            + ", "
            + (size - before.size())
            + " of them new. "
            + now.sentence());
  }

  private Checkpoint kept(byte[] note) throws NotProven {
    try {
      return Cosigned.read(note, key, List.of()).tree();
    } catch (NotProven e) {
      throw new NotProven("of the mirror: " + e.sentence());
    }
  }

  private void copy(ProvenTiles tiles, long from, long to) throws NotProven, IOException {
    for (int level = Tile.levels(to) - 1; level >= 0; level--) {
      long begin = (from >> (Row.HEIGHT * level)) / Row.WIDTH;
      long count = to >> (Row.HEIGHT * level);
      for (long index = begin; index * Row.WIDTH < count; index++) {
        ProvenTiles.Hashes tile = tiles.hashes(level, index);
        if (!tile.kept()) {
          write(tile.tile().path(), tile.bytes());
        }
        if (level == 0) {
          ProvenTiles.Entries bundle = tiles.entries(index);
          if (!bundle.kept()) {
            Tile place = new Tile(Tile.ENTRIES, index, tile.tile().width());
            write(place.path(), bundle.bytes());
          }
        }
      }
    }
  }

  private void write(String path, byte[] bytes) throws IOException {
    mirror.write(path, bytes);
    files++;
  }

  /// Tiles that were not full, and are by now.
  private void removeReplaced(long from, long to) throws IOException {
    for (int level = Tile.ENTRIES; level < Tile.levels(to); level++) {
      int height = Row.HEIGHT * Math.max(0, level);
      Set<String> folders = new LinkedHashSet<>();
      long full = (to >> height) / Row.WIDTH;
      // From the group on that has the last one of before, where an earlier run may have ended.
      for (long index = (from >> height) / Row.WIDTH / GROUP * GROUP;
          index < full;
          index += GROUP) {
        String path = new Tile(level, index, Row.WIDTH).path();
        folders.add(path.substring(0, path.lastIndexOf('/')));
      }
      for (String folder : folders) {
        removeReplacedIn(folder, to);
      }
    }
  }

  private void removeReplacedIn(String folder, long size) throws IOException {
    for (String name : mirror.names(folder)) {
      String path = folder + "/" + name;
      // Nothing but tiles: what else lies there is not ours.
      Optional<Tile> full =
          name.endsWith(".p") ? Tile.find(path.substring(0, path.length() - 2)) : Optional.empty();
      if (full.isPresent() && full.get().existsIn(size)) {
        for (String width : mirror.names(path)) {
          if (Tile.find(path + "/" + width).isPresent()) {
            mirror.remove(path + "/" + width);
          }
        }
      }
    }
  }
}
