package dev.countersign.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.XZInputStream;

/// PostgreSQL's programs, unpacked once per machine and user out of the archive on the class path.
final class PostgresBinaries {

  /// Changes with the archive, so that another version is unpacked beside this one.
  private static final String VERSION = "18.6.0";

  private static final Set<PosixFilePermission> OPEN = PosixFilePermissions.fromString("rwxr-xr-x");

  private final Path folder;

  private PostgresBinaries(Path folder) {
    this.folder = folder;
  }

  /// Those of this machine, unpacked if they are not yet.
  static PostgresBinaries unpacked() {
    String archive = archive();
    Path folder =
        cache().resolve("postgresql-" + VERSION + "-" + archive.replaceAll("\\.txz$", ""));
    try {
      if (!Files.isDirectory(folder)) {
        unpack(archive, folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "could not unpack PostgreSQL into "
              + folder
              + "; set COUNTERSIGN_CACHE to another folder",
          e);
    }
    return new PostgresBinaries(folder);
  }

  Path program(String name) {
    return folder.resolve("bin").resolve(name);
  }

  private static String archive() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String family = os.contains("mac") ? "darwin" : "linux";
    String arch = System.getProperty("os.arch");
    String processor = arch.equals("aarch64") ? "arm_64" : "x86_64";
    // The x86_64 archive runs on Apple's processors too, but there is a native one; names differ by
    // system.
    List<String> candidates =
        List.of(
            "postgres-" + family + "-" + processor + ".txz",
            "postgres-" + family + "-" + arch + ".txz",
            "postgres-" + family + "-arm64v8.txz");
    return candidates.stream()
        .filter(name -> PostgresBinaries.class.getResource("/" + name) != null)
        .findFirst()
        .orElseThrow(() ->
            new IllegalStateException(
                "there is no PostgreSQL for "
                    + os
                    + " on "
                    + arch
                    + " here; use Linux or macOS on x86_64 or arm64"));
  }

  private static Path cache() {
    String own = System.getenv("COUNTERSIGN_CACHE");
    if (own != null && !own.isBlank()) {
      return Path.of(own).toAbsolutePath();
    }
    if (UnprivilegedUser.current().differs()) {
      // PostgreSQL looks for its programs with the rights of its user alone, whom root's home is
      // closed to.
      return Path.of("/var/cache/countersign");
    }
    String xdg = System.getenv("XDG_CACHE_HOME");
    Path base =
        xdg != null && !xdg.isBlank()
            ? Path.of(xdg)
            : Path.of(System.getProperty("user.home"), ".cache");
    return base.resolve("countersign").toAbsolutePath();
  }

  private static void unpack(String archive, Path folder) throws IOException {
    Path cache = cache();
    if (!Files.isDirectory(cache)) {
      Files.createDirectories(cache);
      Files.setPosixFilePermissions(cache, OPEN);
    }
    Path fresh = Files.createTempDirectory(cache, "unpacking-");
    Files.setPosixFilePermissions(fresh, OPEN);
    try (InputStream packed = resource(archive);
        var tar = new TarArchiveInputStream(new XZInputStream(packed))) {
      for (@Nullable TarArchiveEntry entry = tar.getNextEntry();
          entry != null;
          entry = tar.getNextEntry()) {
        unpack(tar, entry, fresh);
      }
    }
    open(fresh);
    try {
      // Complete or not there at all: another process may unpack at the same time.
      Files.move(fresh, folder, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      deleteTree(fresh);
      if (!Files.isDirectory(folder)) {
        throw e;
      }
    }
  }

  private static void unpack(TarArchiveInputStream tar, TarArchiveEntry entry, Path root)
      throws IOException {
    Path target = root.resolve(entry.getName()).normalize();
    if (!target.startsWith(root)) {
      throw new IOException("the archive leaves its folder: " + entry.getName());
    }
    if (entry.isDirectory()) {
      Files.createDirectories(target);
      return;
    }
    Files.createDirectories(target.getParent());
    if (entry.isSymbolicLink()) {
      try {
        Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
      } catch (FileAlreadyExistsException _) {
        // Some archives list a link twice.
      }
      return;
    }
    if (entry.isLink()) {
      Files.copy(root.resolve(entry.getLinkName()), target, StandardCopyOption.REPLACE_EXISTING);
      return;
    }
    Files.copy(tar, target, StandardCopyOption.REPLACE_EXISTING);
    boolean executable = (entry.getMode() & 0100) != 0;
    Files.setPosixFilePermissions(
        target, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
  }

  /// Whatever the umask says: PostgreSQL's user may be another than ours.
  private static void open(Path root) throws IOException {
    try (Stream<Path> tree = Files.walk(root)) {
      for (Path each : tree.filter(Files::isDirectory).toList()) {
        Files.setPosixFilePermissions(each, OPEN);
      }
    }
  }

  private static InputStream resource(String archive) throws IOException {
    InputStream resource = PostgresBinaries.class.getResourceAsStream("/" + archive);
    if (resource == null) {
      throw new IOException(archive + " is not on the class path");
    }
    return resource;
  }

  /// The folder and all in it, where it is there.
  static void deleteTree(Path root) throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(root)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
