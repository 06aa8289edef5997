package dev.countersign.launcher;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/// What the operator was shown of tools, by pin: whoever accepts one has its pin from there, and so
/// what it was can be shown beside what it has become.
///
/// @param folder where each is a file; made when there is the first
record LookedAt(Path folder) {

  private static final Pattern PIN = Pattern.compile("sha256:([0-9a-f]{64})");

  void keep(JsonNode tool) {
    Optional<Path> file = file(tool.path("pin").asText());
    if (file.isEmpty() || Files.exists(file.get())) {
      return;
    }
    ObjectNode kept = JsonLines.JSON.createObjectNode();
    kept.set("description", tool.path("description"));
    kept.set("inputSchema", tool.path("inputSchema"));
    try {
      Files.createDirectories(folder);
      Files.writeString(file.get(), kept.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Empty where nobody was shown it on this machine.
  Optional<JsonNode> find(String pin) {
    Optional<Path> file = file(pin).filter(Files::exists);
    try {
      return file.isEmpty()
          ? Optional.empty()
          : Optional.of(JsonLines.JSON.readTree(Files.readString(file.get())));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Optional<Path> file(String pin) {
    return Optional.of(PIN.matcher(pin))
        .filter(matcher -> matcher.matches())
        .map(matcher -> folder.resolve(matcher.group(1) + ".json"));
  }
}
