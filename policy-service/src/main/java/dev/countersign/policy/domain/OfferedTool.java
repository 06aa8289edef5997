package dev.countersign.policy.domain;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.Digest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A tool as its MCP server describes it now.
///
/// @param pin the digest of name, description and schema, as they now are
/// @param parameters what `inputSchema` asks of the parameters; null where it is none that we read
/// @param unreadable why not; null where it is
public record OfferedTool(
    String name,
    @Nullable String title,
    @Nullable String description,
    JsonNode inputSchema,
    JsonNode annotations,
    Digest pin,
    @Nullable ParameterSchema parameters,
    @Nullable String unreadable) {

  /// Whether the server itself says that it may destroy something. That it says nothing, or the
  /// opposite, is no ground to ask less.
  boolean destructive() {
    return says("destructiveHint");
  }

  /// What is wrong with parameters that the schema does not name: most schemas leave them open, and
  /// a prompt that the operator wrote can't show what it does not know of.
  Optional<String> unnamed(JsonNode parameters) {
    JsonNode named = inputSchema.path("properties");
    List<String> unnamed = new ArrayList<>();
    parameters.fieldNames().forEachRemaining(unnamed::add);
    unnamed.removeIf(named::has);
    return unnamed.isEmpty()
        ? Optional.empty()
        : Optional.of(
            String.join(", ", unnamed)
                + " is no parameter that the tool's schema names, and nobody would be shown it;"
                + " leave it out.");
  }

  /// Whether the server says this of it.
  boolean says(String hint) {
    return annotations.path(hint).isBoolean() && annotations.path(hint).booleanValue();
  }
}
