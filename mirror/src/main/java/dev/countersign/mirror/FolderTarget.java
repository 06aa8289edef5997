package dev.countersign.mirror;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.countersign.tlog.Durable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// A folder on this machine, with one writer at a time.
final class FolderTarget implements Target {

  private final Path folder;
  private final Folder files;
  private final FileChannel lock;

  private FolderTarget(Path folder, FileChannel lock) {
    this.folder = folder;
    this.files = new Folder(folder);
    this.lock = lock;
  }

  /// Throws where another process writes this mirror: a run of cron's that takes longer than the
  /// time to the next.
  static FolderTarget open(Path folder) throws IOException {
    Files.createDirectories(folder);
    FileChannel lock = FileChannel.open(folder.resolve(".lock"), CREATE, WRITE);
    try {
      if (lock.tryLock() == null) {
        throw new IOException("another mirror writes it");
      }
    } catch (IOException e) {
      lock.close();
      throw e;
    } catch (OverlappingFileLockException e) {
      lock.close();
      throw new IOException("another mirror writes it", e);
    }
    return new FolderTarget(folder, lock);
  }

  @Override
  public Optional<byte[]> find(String path, int most) throws IOException {
    return files.find(path, most);
  }

  @Override
  public void write(String path, byte[] bytes) throws IOException {
    Path file = folder.resolve(path);
    Files.createDirectories(file.toAbsolutePath().getParent());
    // A checkpoint that outlives a loss of power without its tiles is of no log.
    Durable.write(file, bytes);
  }

  @Override
  public List<String> names(String name) throws IOException {
    Path listed = folder.resolve(name);
    if (!Files.isDirectory(listed)) {
      return List.of();
    }
    try (Stream<Path> found = Files.list(listed)) {
      return found
          .map(each -> String.valueOf(each.getFileName()))
          // What was begun and never finished is nothing.
          .filter(each -> !each.startsWith(Durable.BEGUN))
          .sorted()
          .toList();
    }
  }

  @Override
  public void remove(String path) throws IOException {
    Path file = folder.resolve(path);
    Files.deleteIfExists(file);
    try {
      Files.deleteIfExists(file.toAbsolutePath().getParent());
    } catch (DirectoryNotEmptyException e) {
      // It goes with the last one in it.
    }
  }

  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
