package dev.countersign.launcher;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/// The databases that the sample target has: every name is one, each alike until somebody changes
/// it. What was changed or taken away stays so over a restart.
final class Databases {

  private static final int TABLES = 12;
  private static final int ROWS = 48_200;

  private final Path file;
  // By name; null where it was taken away.
  private final ObjectNode changed;

  Databases(Path file) {
    this.file = file;
    this.changed = read(file);
  }

  private static ObjectNode read(Path file) {
    if (!Files.exists(file)) {
      return JsonLines.JSON.createObjectNode();
    }
    try {
      return (ObjectNode) JsonLines.JSON.readTree(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  /// How a database stands: `name`, `tables`, `rows`, `version`.
  synchronized Optional<JsonNode> find(String name) {
    JsonNode known = changed.path(name);
    if (known.isNull()) {
      return Optional.empty();
    }
    return Optional.of(known.isMissingNode() ? database(name, TABLES, ROWS, 1) : known);
  }

  /// From now on it has these, and another version.
  synchronized JsonNode change(String name, int tables, int rows) {
    int version = find(name).map(before -> before.path("version").asInt()).orElse(0) + 1;
    ObjectNode now = database(name, tables, rows, version);
    changed.set(name, now);
    write();
    return now;
  }

  /// There is none of this name any more.
  synchronized void remove(String name) {
    changed.putNull(name);
    write();
  }

  private static ObjectNode database(String name, int tables, int rows, int version) {
    return JsonLines.JSON
        .createObjectNode()
        .put("name", name)
        .put("tables", tables)
        .put("rows", rows)
        .put("version", version);
  }

  private void write() {
    try {
      Path next = file.resolveSibling(file.getFileName() + ".next");
      Files.writeString(next, changed.toString());
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }
}
