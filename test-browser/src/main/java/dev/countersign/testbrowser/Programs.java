package dev.countersign.testbrowser;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/// The browser and its driver, as `.ci/tools` installs them.
record Programs(Path browser, Path driver) {

  private static final List<String> BROWSERS =
      List.of("chromium", "chromium-browser", "google-chrome");
  private static final String MISSING =
      "Chromium and chromedriver are not on the PATH: run .ci/tools, which installs them or says how";

  /// Those on this machine. Where they are missing a developer's test is skipped; a run of CI
  /// fails, as one that skipped them in silence would prove nothing.
  static Programs find() {
    Optional<Path> browser =
        BROWSERS.stream().flatMap(name -> onThePath(name).stream()).findFirst();
    Optional<Path> driver = onThePath("chromedriver");
    if (browser.isPresent() && driver.isPresent()) {
      return new Programs(browser.get(), driver.get());
    }
    if ("true".equals(System.getenv("CI"))) {
      return Assertions.fail(MISSING);
    }
    return Assumptions.abort(MISSING);
  }

  private static Optional<Path> onThePath(String program) {
    return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
