package dev.countersign.policy.domain;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Tools that belong together, by their names and in the order written.
///
/// @param server what people call the MCP server whose tools these are; null where it is none
public record Toolset(
    String name,
    Then mode,
    String environment,
    String sensitivity,
    @Nullable String server,
    Map<String, CataloguedTool> tools) {

  public Toolset {
    tools = Collections.unmodifiableMap(new LinkedHashMap<>(tools));
  }
}
