package dev.countersign.tlog;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/// Files that are there, whole, after the power failed.
public final class Durable {

  /// What a file is called until it is whole.
  public static final String BEGUN = ".begun-";

  private Durable() {}

  /// Puts a file in the place of another, or none: whoever reads sees the one or the other, and
  /// once this returns the new one stays.
  public static void write(Path file, byte[] bytes) throws IOException {
    Path begun = file.resolveSibling(BEGUN + file.getFileName());
    try (FileChannel channel =
        FileChannel.open(
            begun,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer left = ByteBuffer.wrap(bytes);
      while (left.hasRemaining()) {
        channel.write(left);
      }
      channel.force(true);
    }
    Files.move(begun, file, StandardCopyOption.ATOMIC_MOVE);
    // The name lies in the folder, which is a file of its own.
    force(file.resolveSibling("."));
  }

  /// Makes a folder that only its owner looks into.
  public static void makeFolder(Path folder) throws IOException {
    Files.createDirectories(
        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    force(folder);
    force(folder.resolveSibling("."));
  }

  /// What this file or folder has at the moment stays.
  public static void force(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
