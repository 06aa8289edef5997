package dev.countersign.executor.outbound;

import dev.countersign.executor.domain.BodyTemplate;
import dev.countersign.executor.domain.McpConnector;
import dev.countersign.executor.domain.UrlTemplate;

/// Reads the entry of a tool that is run by calling an MCP server's.
final class McpEntry {

  private McpEntry() {}

  /// @param name the tool's, which is also its name there where the entry says no other
  static McpConnector read(Entry entry, String name) {
    Entry at = entry.part("url");
    UrlTemplate url = at.in(() -> UrlTemplate.of(at.expanded()));
    Entry arguments = entry.part("arguments");
    return entry.in(() ->
        new McpConnector(
            url,
            HttpEntry.headers(entry.part("headers")),
            entry.findText("tool").orElse(name),
            arguments.isThere() ? arguments.in(() -> BodyTemplate.of(arguments.json())) : null,
            CredentialEntry.reach(entry),
            entry.duration("timeout", HttpEntry.TIMEOUT, HttpEntry.LONGEST_TIMEOUT),
            entry.json().path("idempotent").booleanValue(),
            entry.json().path("concurrency").asInt(HttpEntry.CONCURRENCY),
            ProbeEntry.all(entry),
            entry.keep(),
            entry.json().path("outcomes").path("error").asText().equals("failed"),
            entry.requires()));
  }
}
