package dev.countersign.launcher;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A Ctrl-C goes to every process of the terminal's session at once. Ours are to stop in order, so
/// each gets a session of its own where the system has `setsid`.
final class Sessions {

  private static final List<String> OWN =
      Files.isExecutable(Path.of("/usr/bin/setsid")) ? List.of("/usr/bin/setsid") : List.of();

  private Sessions() {}

  /// What to put in front of a command.
  static List<String> own() {
    return OWN;
  }
}
