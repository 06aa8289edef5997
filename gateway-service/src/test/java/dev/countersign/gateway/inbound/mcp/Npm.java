package dev.countersign.gateway.inbound.mcp;

import dev.countersign.testbrowser.Programs;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.NullMarked;

/// The programs in `src/test/mcp-clients`, each run a process of its own. Without Node.js a
/// developer's test is skipped.
@NullMarked
final class Npm {

  private static final Path FOLDER = Path.of("src/test/mcp-clients");

  private Npm() {}

  /// Installs what the lock file says, once. It brings the Node.js that the suite needs, which is
  /// newer than what Debian has.
  static synchronized void install() throws IOException, InterruptedException {
    Programs.needPackages(FOLDER);
  }

  /// A running program of this folder; what it says on stderr comes with what it says.
  static Process node(String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(FOLDER.resolve("node_modules/node/bin/node").toAbsolutePath().toString());
    command.addAll(List.of(arguments));
    return start(command.toArray(String[]::new));
  }

  private static Process start(String... command) throws IOException {
    return new ProcessBuilder(List.of(command))
        .directory(FOLDER.toFile())
        .redirectErrorStream(true)
        .start();
  }

  /// What it says, line by line.
  static BufferedReader lines(Process process) {
    return process.inputReader(StandardCharsets.UTF_8);
  }
}
