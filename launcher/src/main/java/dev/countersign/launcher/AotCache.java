package dev.countersign.launcher;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/// What a JVM learned at its first run of a build (JEP 514), kept beside the build so that later
/// starts are quick. Another build, JDK or set of flags gets another file.
final class AotCache {

  private static final String SUFFIX = ".aot";

  private final Path file;
  private final Path unfinished;

  private AotCache(Path file) {
    this.file = file;
    this.unfinished = file.resolveSibling(file.getFileName() + ".unfinished");
  }

  /// @param name of the process
  /// @param build the folder whose jars it runs, at any depth; the cache is kept in it
  static AotCache of(String name, Path build, List<String> flags) {
    return new AotCache(build.resolve(name + "-" + fingerprint(build, flags) + SUFFIX));
  }

  /// To be written whether this one is there or not, and beside it: whoever asked for it decides
  /// whether it is to take its place.
  AotCache anew() {
    return new AotCache(file.resolveSibling(file.getFileName() + ".anew"));
  }

  /// The flag for the next start: use what was learned, or learn it.
  String flag() {
    return trained() ? "-XX:AOTCache=" + file : "-XX:AOTCacheOutput=" + unfinished;
  }

  boolean trained() {
    return Files.exists(file);
  }

  /// Takes over what a process that ended by itself has written. Only a whole file gets the name
  /// that is used.
  void adopt() {
    try {
      if (Files.exists(unfinished)) {
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
        if (file.toString().endsWith(SUFFIX)) {
          deleteOlder();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("could not keep the start-up cache " + file, e);
    }
  }

  /// Throws away what a process that was killed may have left half written.
  void discard() {
    try {
      Files.deleteIfExists(unfinished);
      Files.deleteIfExists(unfinished.resolveSibling(unfinished.getFileName() + ".config"));
    } catch (IOException e) {
      throw new UncheckedIOException("could not remove " + unfinished, e);
    }
  }

  /// Whether a line is the JVM's own report of writing a cache.
  static boolean speaks(String line) {
    return line.startsWith("Picked up JAVA_TOOL_OPTIONS")
        || line.startsWith("Launching child process")
        || line.contains("AOTConfiguration")
        || line.contains("AOTCache")
        || line.contains("AOT configuration");
  }

  private void deleteOlder() throws IOException {
    String own = file.getFileName().toString();
    String name = own.substring(0, own.lastIndexOf('-') + 1);
    try (Stream<Path> files = Files.list(file.getParent())) {
      for (Path other :
          files
              .filter(path -> path.getFileName().toString().startsWith(name))
              .filter(path -> path.getFileName().toString().endsWith(SUFFIX))
              .filter(path -> !path.equals(file))
              .toList()) {
        Files.delete(other);
      }
    }
  }

  private static String fingerprint(Path build, List<String> flags) {
    try (Stream<Path> files = Files.walk(build, 4)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(bytes(System.getProperty("java.vm.version") + flags));
      for (Path jar : files.filter(path -> path.toString().endsWith(".jar")).sorted().toList()) {
        digest.update(
            bytes(jar + "|" + Files.size(jar) + "|" + Files.getLastModifiedTime(jar).toMillis()));
      }
      return HexFormat.of().formatHex(digest.digest(), 0, 6);
    } catch (IOException e) {
      throw new UncheckedIOException("could not read the build " + build, e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
