package dev.countersign.witness;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.countersign.tlog.Checkpoint;
import dev.countersign.tlog.Durable;
import dev.countersign.tlog.Hash;
import dev.countersign.tlog.Note;
import dev.countersign.tlog.VerifierKey;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What was cosigned last, a file for each log: its checkpoint with the log's signature and with
/// the witness's own. By the own one it is known, when it is read, that the file is what it was. Of
/// which logs there are files says an index beside the folder, so that one that is taken away is
/// missed.
///
/// Not for two threads that mean the same log.
final class Seen implements AutoCloseable {

  private static final String SUFFIX = ".checkpoint";
  private static final String INDEX = "seen.index";

  private final Path folder;
  private final VerifierKey own;
  private final FileChannel lock;
  private final Path index;
  private final Set<String> names = new ConcurrentSkipListSet<>();

  private Seen(Path folder, VerifierKey own, FileChannel lock) {
    this.folder = folder;
    this.own = own;
    this.lock = lock;
    this.index = folder.resolveSibling(INDEX);
  }

  /// Throws `IOException` where another process has this folder: two would each remember half.
  static Seen open(Path folder, VerifierKey own) throws IOException {
    FileChannel lock =
        FileChannel.open(
            folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    boolean taken = false;
    try {
      taken = lock.tryLock() != null;
    } finally {
      if (!taken) {
        lock.close();
      }
    }
    if (!taken) {
      throw new IOException(folder + " is in use by another witness; a folder has one");
    }
    Seen seen = new Seen(folder, own, lock);
    try {
      seen.deleteBegun();
      seen.readNames();
    } catch (IOException e) {
      lock.close();
      throw e;
    }
    return seen;
  }

  /// A process that is killed in the middle of a write leaves what it had begun. The cosignature in
  /// it was never given out.
  private void deleteBegun() throws IOException {
    try (DirectoryStream<Path> begun = Files.newDirectoryStream(folder, Durable.BEGUN + "*")) {
      for (Path each : begun) {
        Files.delete(each);
      }
    }
  }

  private void readNames() throws IOException {
    if (Files.exists(index)) {
      names.addAll(Files.readAllLines(index));
      // Earlier versions took what was begun for the file of a log.
      names.removeIf(Seen::isBegun);
    }
    for (Path each : files()) {
      names.add(name(each));
    }
    writeNames();
  }

  private synchronized void writeNames() throws IOException {
    Durable.write(index, (String.join("\n", names) + "\n").strip().getBytes(UTF_8));
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }

  private static boolean isBegun(String name) {
    return name.startsWith(Durable.BEGUN);
  }

  /// The files that were there and are gone.
  List<Path> missing() {
    return names.stream().map(folder::resolve).filter(each -> !Files.exists(each)).toList();
  }

  /// The checkpoint of this log that was cosigned last; empty where none ever was.
  ///
  /// Throws `IOException` where there is a file and it is not what it was. Never begins anew: that
  /// would let the log tell any story from there.
  Optional<Note> find(String origin) throws IOException {
    Path file = file(origin);
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      if (!Files.isDirectory(folder)) {
        throw new IOException(folder + " is gone, and what was cosigned with it", e);
      }
      if (names.contains(name(file))) {
        throw new IOException(
            file
                + " is gone, and with it what was cosigned. Put back its newest copy; without it the"
                + " witness would forget what it has seen",
            e);
      }
      return Optional.empty();
    }
    Note note = read(file, bytes);
    if (!Checkpoint.read(note.text()).origin().equals(origin)) {
      throw new IOException(file + " holds the checkpoint of another log");
    }
    return Optional.of(note);
  }

  private Note read(Path file, byte[] bytes) throws IOException {
    try {
      Note note = Note.read(bytes);
      if (own.cosigned(note).isPresent()) {
        Checkpoint.read(note.text());
        return note;
      }
    } catch (IllegalArgumentException e) {
      throw damaged(file, e);
    }
    throw damaged(file, null);
  }

  private static IOException damaged(Path file, @Nullable IllegalArgumentException cause) {
    return new IOException(
        file
            + " is not a checkpoint that this witness cosigned. Put back its newest copy; without"
            + " it the witness would forget what it has seen",
        cause);
  }

  /// Keeps the checkpoint that is about to be cosigned: once this returns, it stays.
  void keep(String origin, Note note) throws IOException {
    Path file = file(origin);
    Durable.write(file, note.bytes());
    if (names.add(name(file))) {
      writeNames();
    }
  }

  /// Every file of a log.
  List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(each -> name(each).endsWith(SUFFIX) && !isBegun(name(each)))
          .sorted()
          .toList();
    }
  }

  /// The checkpoint in a file.
  Checkpoint read(Path file) throws IOException {
    return Checkpoint.read(read(file, Files.readAllBytes(file)).text());
  }

  private Path file(String origin) {
    // A name may hold what no file's may.
    byte[] name = Hash.sha256().digest(origin.getBytes(UTF_8));
    return folder.resolve(HexFormat.of().formatHex(name) + SUFFIX);
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }
}
