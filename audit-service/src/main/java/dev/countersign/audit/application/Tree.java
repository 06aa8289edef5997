package dev.countersign.audit.application;

import dev.countersign.tlog.Frontier;
import dev.countersign.tlog.Hash;
import dev.countersign.tlog.Note;
import dev.countersign.tlog.Row;
import dev.countersign.tlog.Span;
import dev.countersign.tlog.Tile;
import io.smallrye.mutiny.Uni;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/// The log as those see it who check it.
public interface Tree {

  /// The newest checkpoint that the log signed; empty where it has no entry.
  Uni<Optional<Note>> signed();

  /// The newest of those whose entries all stand on the topic `audit`.
  Uni<Optional<Note>> published();

  /// The newest that its witnesses signed, too.
  Uni<Optional<Note>> cosigned();

  /// Keeps a checkpoint that was cosigned; the first of each size stays.
  Uni<Void> keepCosigned(long size, Note note);

  /// Hashes of the tree; a row that is not there in full is missing in the answer.
  Uni<Map<Row, List<Hash>>> read(Collection<Row> rows);

  /// The root over the first entries; empty where hashes are missing.
  default Uni<Optional<Hash>> root(long size) {
    return root(size, this::read);
  }

  /// The same, as somebody else reads it.
  static Uni<Optional<Hash>> root(
      long size, Function<Collection<Row>, Uni<Map<Row, List<Hash>>>> read) {
    if (size == 0) {
      return Uni.createFrom().item(Optional.of(Hash.EMPTY_TREE));
    }
    Span all = new Span(0, size);
    Set<Row> rows = new HashSet<>(all.rows());
    return read.apply(rows)
        .map(hashes ->
            hashes.keySet().containsAll(rows)
                ? Optional.of(all.hash(Row.Hashes.of(hashes)))
                : Optional.empty());
  }

  /// A tile's bytes (C2SP tlog-tiles); empty where the log has none there.
  Uni<Optional<byte[]>> tile(Tile tile);

  /// What `state` says that the log ends with.
  Uni<Head> head();

  /// How many entries there are, the root over them, and what appending goes on from: all of one
  /// moment.
  record Head(long size, Hash root, Frontier frontier) {}
}
