package dev.countersign.audit.application;

import dev.countersign.tlog.Checkpoint;
import dev.countersign.tlog.Durable;
import dev.countersign.tlog.Hash;
import dev.countersign.tlog.Note;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/// Whether the tree in the database continues what was cosigned. Asked at start, before anything is
/// read from Kafka; what was cosigned last is remembered in a file, which a database that was put
/// back to an earlier time does not put back with it.
@ApplicationScoped
public class CheckHistory {

  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /// Before channels begin to read.
  static final int FIRST = 1;

  private final Tree tree;
  private final RecoverEntries recovery;
  private final LogKey key;
  private final Integrity integrity;
  private final Path file;

  @Inject
  CheckHistory(
      Tree tree,
      RecoverEntries recovery,
      LogKey key,
      Integrity integrity,
      @ConfigProperty(name = "countersign.log.remembered") Path file) {
    this.tree = tree;
    this.recovery = recovery;
    this.key = key;
    this.integrity = integrity;
    this.file = file;
  }

  void onStart(@Observes @Priority(FIRST) StartupEvent event) {
    finding().ifPresent(integrity::broken);
  }

  /// What can't be read as a checkpoint is a finding. Where Kafka or the database is away, the
  /// start fails and is tried again: a finding stays until somebody has looked.
  private Optional<String> finding() {
    try {
      return check();
    } catch (IllegalArgumentException e) {
      return Optional.of("it can't be compared with what was cosigned: " + e.getMessage());
    }
  }

  /// What is wrong with the tree, as a sentence. Where it has fewer entries than were cosigned,
  /// what is missing is read from the topic first.
  Optional<String> check() {
    // Before the tree: another instance may be at work, and what it says now is in the tree then.
    Optional<Note> remembered = remembered();
    Optional<Note> cosigned = tree.cosigned().await().atMost(PATIENCE);
    Optional<Note> signed = tree.signed().await().atMost(PATIENCE);
    long published = recovery.published();
    Tree.Head head = head();
    long size = head.size();
    if (remembered.filter(note -> Checkpoint.read(note.text()).size() > size).isPresent()
        || published > size) {
      recovery.recover(head.frontier());
      head = head();
    }
    return check(head, Stream.of(remembered, cosigned, signed).flatMap(Optional::stream).toList());
  }

  private Tree.Head head() {
    return tree.head().await().atMost(PATIENCE);
  }

  private Optional<String> check(Tree.Head head, List<Note> known) {
    // The frontier is what appending goes on from, the nodes are what proofs are made of.
    if (!head.frontier().root().equals(head.root())
        || !root(head.size()).filter(head.root()::equals).isPresent()) {
      return Optional.of(
          "its %d entries do not have the root that the log ends with".formatted(head.size()));
    }
    return known.stream()
        .map(note -> check(note, head.size()))
        .flatMap(Optional::stream)
        .findFirst();
  }

  private Optional<String> check(Note note, long size) {
    Checkpoint cosigned = Checkpoint.read(note.text());
    if (!cosigned.origin().equals(key.origin()) || !key.publicKey().signed(note)) {
      return Optional.of("its newest checkpoint is not signed by the log's key");
    }
    if (cosigned.size() > size) {
      return Optional.of(
          "it has %d entries, and %d were cosigned: the database was put back to an earlier time"
              .formatted(size, cosigned.size()));
    }
    return root(cosigned.size()).filter(cosigned.root()::equals).isPresent()
        ? Optional.empty()
        : Optional.of(
            "its first %d entries are not those that were cosigned".formatted(cosigned.size()));
  }

  private Optional<Hash> root(long size) {
    return tree.root(size).await().atMost(PATIENCE);
  }

  private Optional<Note> remembered() {
    try {
      return Files.exists(file)
          ? Optional.of(Note.read(Files.readAllBytes(file)))
          : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Remembers what was cosigned last.
  void remember(Note note) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Durable.write(file, note.bytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
