package dev.countersign.launcher;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// `rotate-keys`: runs the ticket service's own program on its key store, in a process of its own,
/// whether the service runs or not. The launcher never sees a signing key.
final class KeyRotation {

  private KeyRotation() {}

  /// The program's exit code.
  static int run(Path home, StateFolder state, Path config) throws InterruptedException {
    Path app = home.resolve("ticket-service/target/quarkus-app");
    if (!Files.isDirectory(app)) {
      throw new StartRefused(app + " is missing; build it with ./mvnw -DskipTests package");
    }
    ProcessBuilder builder =
        new ProcessBuilder(
                List.of(
                    ProcessHandle.current().info().command().orElse("java"),
                    "-XX:+UseSerialGC",
                    JvmPart.CHEAP_CODE,
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    app.resolve("app") + "/*" + File.pathSeparator + app.resolve("lib/main") + "/*",
                    "dev.countersign.ticket.outbound.RotateKeys"))
            .inheritIO();
    builder.environment().putAll(SystemPlan.withheldFrom("ticket", config));
    builder.environment().putAll(environment(state));
    try {
      return builder.start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException("could not start the rotation", e);
    }
  }

  /// Where the ticket service has its keys, as it is told too.
  static Map<String, String> environment(StateFolder state) {
    return Map.of(
        "COUNTERSIGN_STATE",
        state.closed("ticket").toString(),
        "COUNTERSIGN_KEYS_PASSWORD_FILE",
        state.keysPassword().toString());
  }
}
