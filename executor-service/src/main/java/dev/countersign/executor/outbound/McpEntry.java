package dev.countersign.executor.outbound;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.config.BadValue;
import dev.countersign.executor.domain.BodyTemplate;
import dev.countersign.executor.domain.Connectors;
import dev.countersign.executor.domain.McpConnector;
import dev.countersign.executor.domain.Response;
import dev.countersign.executor.domain.ServerConnector;
import dev.countersign.executor.domain.Unfit;
import dev.countersign.executor.domain.UrlTemplate;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Reads the entry of a tool that is run by calling an MCP server's, or of all that it has.
final class McpEntry {

  private McpEntry() {}

  /// @param name the tool's, which is also its name there where the entry says no other
  static ServerConnector read(Entry entry, String name) {
    if (name.equals(Connectors.ALL)) {
      mustBeForAll(entry);
    }
    return entry.part("command").isThere() ? StdioEntry.read(entry, name) : http(entry, name);
  }

  private static McpConnector http(Entry entry, String name) {
    Entry at = entry.part("url");
    UrlTemplate url = at.in(() -> UrlTemplate.of(at.expanded()));
    Entry arguments = entry.part("arguments");
    return entry.in(() -> {
      McpConnector connector =
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
              keep(entry, name),
              errorIsFailure(entry),
              entry.requires());
      if (name.equals(Connectors.ALL)) {
        mustNeedNoParameter(connector);
      }
      return connector;
    });
  }

  /// Whoever calls a tool of a server in the agent's place hands its result on.
  static @Nullable Duration keep(Entry entry, String name) {
    if (name.equals(Connectors.ALL)) {
      return entry.duration("keep", Response.KEEP, Response.LONGEST_KEEP);
    }
    if (entry.part("keep").isThere() && !entry.part("response").isThere()) {
      throw new BadValue(
          entry.pointer() + "/keep", "keep says something with response: agent alone");
    }
    return entry.keep();
  }

  static boolean errorIsFailure(Entry entry) {
    return entry.json().path("outcomes").path("error").asText().equals("failed");
  }

  private static void mustBeForAll(Entry entry) {
    for (String member : new String[] {"tool", "arguments", "preconditions"}) {
      if (entry.part(member).isThere()) {
        throw new BadValue(
            entry.pointer() + "/" + member,
            member + " is one tool's; give that tool an entry of its own, or take it out");
      }
    }
  }

  /// It is asked for its tools when there is no action.
  private static void mustNeedNoParameter(McpConnector connector) {
    try {
      var _ = connector.call(JsonNodeFactory.instance.objectNode(), null);
    } catch (Unfit e) {
      throw new IllegalArgumentException(
          "an entry for all of a server's tools can't be made of an action's parameters", e);
    }
  }
}
