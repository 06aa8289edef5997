package dev.countersign.executor.domain;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.Bounds;
import dev.countersign.events.Canonical;
import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A tool as its MCP server describes it.
///
/// @param pin by which a change of what it is called, says and takes is noticed: the digest of the
///   RFC 8785 form of `name`, `description` and `inputSchema`, absent members left out
/// @param annotations the server's hints; an empty object where it gives none
public record Offer(
    String name,
    @Nullable String title,
    @Nullable String description,
    JsonNode inputSchema,
    JsonNode annotations,
    Digest pin) {

  // As in tools.yaml: what can't stand there can't be let through.
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,99}");

  /// Throws `IllegalArgumentException` with a sentence where this is no tool that could be pinned.
  public static Offer of(JsonNode tool) {
    JsonNode name = tool.path("name");
    if (!name.isTextual() || !NAME.matcher(name.textValue()).matches()) {
      throw new IllegalArgumentException("a tool's name is none that tools.yaml could list");
    }
    JsonNode schema = tool.path("inputSchema");
    if (!schema.isObject()) {
      throw new IllegalArgumentException(name.textValue() + " has no inputSchema");
    }
    if (!schema.path("type").asText().equals("object")) {
      // As the protocol has it: hosts refuse the whole list for one tool without.
      throw new IllegalArgumentException(name.textValue() + "'s inputSchema has not type object");
    }
    ObjectNode pinned = JsonNodeFactory.instance.objectNode();
    pinned.set("name", name);
    if (tool.path("description").isTextual()) {
      pinned.set("description", tool.path("description"));
    }
    pinned.set("inputSchema", schema);
    try {
      Bounds.check(EventJson.write(tool));
    } catch (Bounds.OutOfBounds e) {
      throw new IllegalArgumentException(
          name.textValue() + " is out of bounds, " + e.code() + ", so it can't be pinned", e);
    }
    return new Offer(
        name.textValue(),
        text(tool, "title"),
        text(tool, "description"),
        schema,
        tool.path("annotations").isObject()
            ? tool.path("annotations")
            : JsonNodeFactory.instance.objectNode(),
        Canonical.digest(pinned));
  }

  private static @Nullable String text(JsonNode tool, String member) {
    return tool.path(member).textValue();
  }
}
