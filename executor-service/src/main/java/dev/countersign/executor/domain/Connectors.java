package dev.countersign.executor.domain;

import dev.countersign.events.Tool;
import java.util.Map;
import java.util.Optional;

/// The operator's connectors, by tool.
public record Connectors(Map<Tool, Connector> byTool) {

  public Connectors {
    byTool = Map.copyOf(byTool);
  }

  public Optional<Connector> find(Tool tool) {
    return Optional.ofNullable(byTool.get(tool));
  }
}
