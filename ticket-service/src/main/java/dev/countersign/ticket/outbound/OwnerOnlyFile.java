package dev.countersign.ticket.outbound;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;

/// Files that only this service's user may read, written whole or not at all.
final class OwnerOnlyFile {

  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  private static final String FRESH = ".tmp";

  private OwnerOnlyFile() {}

  /// Makes the file, never over one that another instance has just made; whether it was made.
  static boolean make(Path path, byte[] content) throws IOException {
    Path fresh = fresh(path, content);
    try {
      Files.createLink(path, fresh);
      return true;
    } catch (FileAlreadyExistsException e) {
      // The other instance's is as good.
      return false;
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  /// Puts the file in the place of the one that is there.
  static void replace(Path path, byte[] content) throws IOException {
    Path fresh = fresh(path, content);
    try {
      Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
      // The name too must outlive a crash of the machine.
      try (FileChannel folder = FileChannel.open(folderOf(path), StandardOpenOption.READ)) {
        folder.force(true);
      }
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  /// Removes what writers of this file left behind that died before this time.
  static void sweep(Path path, Instant before) throws IOException {
    try (DirectoryStream<Path> left =
        Files.newDirectoryStream(folderOf(path), path.getFileName() + "*" + FRESH)) {
      for (Path each : left) {
        if (Files.getLastModifiedTime(each).toInstant().isBefore(before)) {
          Files.deleteIfExists(each);
        }
      }
    }
  }

  private static Path folderOf(Path path) {
    return Objects.requireNonNull(path.toAbsolutePath().getParent(), "a file has a folder");
  }

  private static Path fresh(Path path, byte[] content) throws IOException {
    Path folder = folderOf(path);
    Files.createDirectories(folder);
    Path fresh =
        Files.createTempFile(
            folder,
            path.getFileName().toString(),
            FRESH,
            PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
      ByteBuffer left = ByteBuffer.wrap(content);
      while (left.hasRemaining()) {
        channel.write(left);
      }
      channel.force(true);
    }
    return fresh;
  }
}
