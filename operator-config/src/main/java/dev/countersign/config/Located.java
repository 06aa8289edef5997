package dev.countersign.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/// A YAML document as JSON, with the line on which each of its values stands.
///
/// @param lines from JSON Pointer to line, counted from 1
record Located(JsonNode json, Map<String, Integer> lines) {

  /// The line of a pointer, or of the nearest part around it that stands in the file.
  int line(String pointer) {
    String at = pointer;
    while (!at.isEmpty()) {
      Integer line = lines.get(at);
      if (line != null) {
        return line;
      }
      at = at.substring(0, Math.max(0, at.lastIndexOf('/')));
    }
    return 1;
  }

  /// A step of a JSON Pointer (RFC 6901 §3).
  static String step(String name) {
    return "/" + name.replace("~", "~0").replace("/", "~1");
  }
}
