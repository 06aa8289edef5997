package dev.countersign.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Who PostgreSQL runs as. It refuses to run as root, so a root of a container lends it `nobody`.
final class UnprivilegedUser {

  private static final int NOBODY = 65534;

  private final boolean root;

  private UnprivilegedUser(boolean root) {
    this.root = root;
  }

  static UnprivilegedUser current() {
    return new UnprivilegedUser("root".equals(System.getProperty("user.name")));
  }

  /// Whether it is somebody else than the user of this process.
  boolean differs() {
    return root;
  }

  /// Gives a file or an empty folder to this user.
  void own(Path path) throws IOException {
    if (root) {
      Files.setAttribute(path, "unix:uid", NOBODY);
      Files.setAttribute(path, "unix:gid", NOBODY);
    }
  }

  /// The command as this user runs it, who has to reach `needed`.
  List<String> command(List<String> command, Path... needed) {
    if (!root) {
      return command;
    }
    List<String> all = new ArrayList<>();
    all.addAll(List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups"));
    if (Stream.of(needed).anyMatch(UnprivilegedUser::behindClosedFolder)) {
      // Root's home is closed to others. This right lets it through to its own folder, and to
      // nothing it could write.
      all.addAll(List.of("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"));
    }
    all.addAll(command);
    return all;
  }

  private static boolean behindClosedFolder(Path path) {
    for (Path folder = path.toAbsolutePath().getParent();
        folder != null;
        folder = folder.getParent()) {
      try {
        if (Files.exists(folder)
            && !Files.getPosixFilePermissions(folder)
                .contains(PosixFilePermission.OTHERS_EXECUTE)) {
          return true;
        }
      } catch (IOException _) {
        return true;
      }
    }
    return false;
  }
}
