package dev.countersign.executor.outbound;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.executor.domain.BodyTemplate;
import dev.countersign.executor.domain.StdioConnector;
import dev.countersign.executor.domain.StdioConnector.Program;
import dev.countersign.executor.domain.StdioConnector.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Reads the entry of a tool, or a whole toolset, whose MCP server is a program.
final class StdioEntry {

  private StdioEntry() {}

  /// @param name the tool's, which is also its name there where the entry says no other
  static StdioConnector read(Entry entry, String name) {
    Entry arguments = entry.part("arguments");
    return entry.in(() ->
        new StdioConnector(
            program(entry),
            entry.findText("tool").orElse(name),
            arguments.isThere() ? arguments.in(() -> BodyTemplate.of(arguments.json())) : null,
            entry.duration("timeout", HttpEntry.TIMEOUT, HttpEntry.LONGEST_TIMEOUT),
            entry.json().path("idempotent").booleanValue(),
            entry.json().path("concurrency").asInt(HttpEntry.CONCURRENCY),
            McpEntry.keep(entry, name),
            McpEntry.errorIsFailure(entry),
            entry.requires()));
  }

  private static Program program(Entry entry) {
    Entry command = entry.part("command");
    List<String> words = new ArrayList<>();
    for (int i = 0; i < command.json().size(); i++) {
      words.add(command.element(i).expanded());
    }
    Map<String, Value> environment = new HashMap<>();
    for (Map.Entry<String, JsonNode> each : entry.json().path("environment").properties()) {
      Entry value = entry.part("environment").part(each.getKey());
      environment.put(
          each.getKey(),
          each.getValue().isTextual()
              ? new Value.Plain(value.expanded())
              : new Value.Secret(CredentialEntry.source(each.getValue())));
    }
    return new Program(words, environment);
  }
}
