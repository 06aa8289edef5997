package dev.countersign.policy.domain;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// Tools that belong together, by their names and in the order written.
public record Toolset(
    String name,
    Then mode,
    String environment,
    String sensitivity,
    Map<String, CataloguedTool> tools) {

  public Toolset {
    tools = Collections.unmodifiableMap(new LinkedHashMap<>(tools));
  }
}
