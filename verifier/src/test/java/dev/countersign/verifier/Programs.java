package dev.countersign.verifier;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/// Other people's programs, where this machine has them.
final class Programs {

  private Programs() {}

  /// Where one is missing a developer's test is skipped; a run of CI fails, as one that skipped it
  /// in silence would prove nothing.
  static void need(String... programs) {
    for (String each : programs) {
      if (!isOnThePath(each)) {
        miss(each + " is not on the PATH");
      }
    }
  }

  /// The same where a program needs a library's folder.
  static void needFolder(Path folder) {
    if (!Files.isDirectory(folder)) {
      miss(folder + " is not there");
    }
  }

  private static void miss(String missing) {
    if ("true".equals(System.getenv("CI"))) {
      Assertions.fail(missing);
    }
    Assumptions.abort(missing);
  }

  static int run(Path folder, String... command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(List.of(command))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    System.out.print(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    return process.waitFor();
  }

  private static boolean isOnThePath(String program) {
    return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }
}
