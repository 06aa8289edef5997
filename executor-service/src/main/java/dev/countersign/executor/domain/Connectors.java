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

  /// What the executor itself runs this tool with; empty where it does not.
  public Optional<RunConnector> findRun(Tool tool) {
    return find(tool).filter(RunConnector.class::isInstance).map(RunConnector.class::cast);
  }
}
