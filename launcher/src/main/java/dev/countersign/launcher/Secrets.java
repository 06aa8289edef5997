package dev.countersign.launcher;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;

/// Generated secrets: one file each, readable by its owner alone.
final class Secrets {

  private static final int BYTES = 24;
  private static final SecureRandom RANDOM = new SecureRandom();

  private Secrets() {}

  /// Makes a new secret if there is none in this file, and gives the file's secret back.
  static String create(Path file) {
    try {
      if (!Files.exists(file)) {
        Files.createDirectories(file.toAbsolutePath().getParent());
        byte[] random = new byte[BYTES];
        RANDOM.nextBytes(random);
        Files.createFile(
            file,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(
            file,
            Base64.getUrlEncoder().withoutPadding().encodeToString(random),
            StandardOpenOption.TRUNCATE_EXISTING);
      }
      return read(file);
    } catch (IOException e) {
      throw new UncheckedIOException("could not write the secret " + file, e);
    }
  }

  static String read(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("could not read the secret " + file, e);
    }
  }
}
