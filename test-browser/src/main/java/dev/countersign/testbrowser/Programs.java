package dev.countersign.testbrowser;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/// Programs that tests use and this machine may not have; `.ci/tools` installs them or says how.
public final class Programs {

  private Programs() {}

  /// The first of these that is on the PATH. Where none is, a developer's test is skipped; a run of
  /// CI fails, as one that skipped it in silence would prove nothing.
  public static Path need(String... names) {
    Optional<Path> found = Arrays.stream(names).flatMap(name -> find(name).stream()).findFirst();
    if (found.isPresent()) {
      return found.get();
    }
    String missing =
        String.join(" or ", List.of(names)) + " is not on the PATH; .ci/tools may help";
    if ("true".equals(System.getenv("CI"))) {
      return Assertions.fail(missing);
    }
    return Assumptions.abort(missing);
  }

  /// The packages that a folder's lock file names, from npm's registry unless they are there.
  public static void needPackages(Path folder) throws IOException, InterruptedException {
    need("node");
    need("npm");
    Path wanted = folder.resolve("package-lock.json");
    Path installed = folder.resolve("node_modules/.installed-by-package-lock.json");
    if (Files.exists(installed) && Files.mismatch(installed, wanted) < 0) {
      return;
    }
    Process install =
        new ProcessBuilder("npm", "ci", "--no-audit", "--no-fund")
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(install.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (install.waitFor() != 0) {
      throw new AssertionError("npm ci failed in " + folder + ": " + said);
    }
    Files.copy(wanted, installed, StandardCopyOption.REPLACE_EXISTING);
  }

  public static Optional<Path> find(String name) {
    return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
