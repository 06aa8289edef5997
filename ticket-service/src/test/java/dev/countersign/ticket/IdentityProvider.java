package dev.countersign.ticket;

import dev.countersign.testbrowser.Programs;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An identity provider that nobody here wrote, as a process of its own; see
/// `src/test/identity-provider`. Without Node.js there is none, and signing in by it stays off.
public final class IdentityProvider implements QuarkusTestResourceLifecycleManager {

  private static final Path FOLDER = Path.of("src/test/identity-provider");

  private @Nullable Process process;

  @Override
  public Map<String, String> start() {
    if (Programs.find("node").isEmpty() || Programs.find("npm").isEmpty()) {
      return Map.of();
    }
    try {
      Programs.needPackages(FOLDER);
      Process started = start("node", "provider.mjs");
      process = started;
      return Map.of(
          "countersign.oidc.enabled",
          "true",
          "countersign.oidc.issuer",
          issuer(started.inputReader(StandardCharsets.UTF_8)),
          "countersign.oidc.secret",
          "a-secret-of-the-tests-of-32-chars-or-more");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private static Process start(String... command) throws IOException {
    return new ProcessBuilder(List.of(command))
        .directory(FOLDER.toFile())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static String issuer(BufferedReader output) throws IOException {
    String line = output.readLine();
    if (line == null) {
      throw new AssertionError("the identity provider did not start");
    }
    return line;
  }

  @Override
  public void stop() {
    if (process != null) {
      process.destroy();
    }
  }
}
