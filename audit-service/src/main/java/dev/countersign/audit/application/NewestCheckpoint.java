package dev.countersign.audit.application;

import dev.countersign.tlog.Checkpoint;
import dev.countersign.tlog.Note;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Optional;

/// The checkpoint that something is proven to: cosigned where a witness is named, and signed where
/// none is.
@ApplicationScoped
public class NewestCheckpoint {

  private static final Duration BETWEEN = Duration.ofMillis(100);
  private static final int MOST_WAITS = 50;

  private final Tree tree;
  private final Witness witness;

  @Inject
  NewestCheckpoint(Tree tree, Witness witness) {
    this.tree = tree;
    this.witness = witness;
  }

  /// The newest there is.
  public Uni<Optional<Note>> find() {
    return witness.present() ? tree.cosigned() : tree.signed();
  }

  /// The newest that covers the entry at this index. It waits for one; empty where there is none
  /// after some seconds.
  public Uni<Optional<Note>> awaited(long index) {
    return awaited(index, 0);
  }

  private Uni<Optional<Note>> awaited(long index, int waits) {
    return find()
        .map(note -> note.filter(it -> Checkpoint.read(it.text()).size() > index))
        .chain(note ->
            note.isPresent() || waits == MOST_WAITS
                ? Uni.createFrom().item(note)
                : Uni.createFrom()
                    .voidItem()
                    .onItem()
                    .delayIt()
                    .by(BETWEEN)
                    .chain(() -> awaited(index, waits + 1)));
  }
}
