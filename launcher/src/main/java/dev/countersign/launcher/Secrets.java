package dev.countersign.launcher;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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
        make(file.toAbsolutePath());
      }
      return read(file);
    } catch (IOException e) {
      throw new UncheckedIOException("could not write the secret " + file, e);
    }
  }

  /// Whole or not at all: an interrupted start must not leave an empty one behind.
  private static void make(Path file) throws IOException {
    Files.createDirectories(file.getParent());
    byte[] random = new byte[BYTES];
    RANDOM.nextBytes(random);
    String secret = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    // For its owner alone from the beginning.
    Path fresh = Files.createTempFile(file.getParent(), file.getFileName().toString(), ".new");
    try {
      try (var channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
        channel.write(ByteBuffer.wrap(secret.getBytes(StandardCharsets.US_ASCII)));
        channel.force(true);
      }
      Files.move(fresh, file);
    } catch (FileAlreadyExistsException _) {
      // Somebody else made it at the same time: that one counts.
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  static String read(Path file) {
    try {
      String secret = Files.readString(file).strip();
      if (secret.isEmpty()) {
        throw new StartRefused(
            "the secret " + file + " is empty; delete it, and the next start makes another");
      }
      return secret;
    } catch (IOException e) {
      throw new UncheckedIOException("could not read the secret " + file, e);
    }
  }
}
