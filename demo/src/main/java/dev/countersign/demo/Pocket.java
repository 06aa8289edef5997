package dev.countersign.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.EventJson;
import dev.countersign.launcher.SoftwarePasskey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/// Where people of the demo keep their devices between two runs: a folder beside the state that
/// knows their passkeys.
public record Pocket(Path folder) {

  /// The passkey that this person has from an earlier run.
  Optional<SoftwarePasskey> find(String person) {
    Path file = file(person);
    try {
      return Files.exists(file)
          ? Optional.of(SoftwarePasskey.of(EventJson.readTree(Files.readAllBytes(file))))
          : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Keeps it as it is now, its counter too.
  void put(String person, SoftwarePasskey passkey) {
    JsonNode json = passkey.toJson();
    try {
      Files.createDirectories(folder);
      Path file = file(person);
      if (!Files.exists(file)) {
        Files.createFile(
            file,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      }
      Files.write(file, EventJson.write(json));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path file(String person) {
    return folder.resolve(person + ".json");
  }
}
