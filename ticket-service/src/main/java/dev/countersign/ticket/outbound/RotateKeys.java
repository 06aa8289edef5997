package dev.countersign.ticket.outbound;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `./countersign rotate-keys`, beside the service that runs: new keys in its store, which it takes
/// up by itself. Told what the service is told: `COUNTERSIGN_STATE`, `COUNTERSIGN_KEYS_PASSWORD` or
/// `COUNTERSIGN_KEYS_PASSWORD_FILE`. Exit 0, or 1 and why not; then the keys are as they were.
public final class RotateKeys {

  private RotateKeys() {}

  public static void main(String[] arguments) {
    Map<String, String> environment = System.getenv();
    try {
      Path state = Path.of(environment.getOrDefault("COUNTERSIGN_STATE", ".countersign"));
      if (!Files.exists(KeyStoreFile.store(state))) {
        throw new IOException(
            KeyStoreFile.store(state) + " is not there; it is made when the service starts");
      }
      KeyStoreFile file =
          KeyStoreFile.in(
              state,
              environment.get("COUNTERSIGN_KEYS_PASSWORD"),
              path(environment.get("COUNTERSIGN_KEYS_PASSWORD_FILE")));
      say(file.rotate(Clock.systemUTC().instant()));
    } catch (IOException e) {
      System.err.println("countersign: the keys were not rotated: " + e.getMessage());
      System.exit(1);
    }
  }

  private static @Nullable Path path(@Nullable String text) {
    return text == null ? null : Path.of(text);
  }

  private static void say(KeyRing ring) {
    for (PublishedKey key : ring.published()) {
      Instant until = key.validity().until();
      System.out.printf(
          "%-11s  %s  from %s%s%n",
          key.role().word(),
          key.kid(),
          key.validity().from(),
          until == null ? "" : " until " + until);
    }
  }
}
