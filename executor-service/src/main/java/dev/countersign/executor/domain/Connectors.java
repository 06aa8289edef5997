package dev.countersign.executor.domain;

import dev.countersign.events.Tool;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// The operator's connectors, by tool; and the executor's own, which none of them can replace.
public record Connectors(Map<Tool, Connector> byTool) {

  private static final RunConnector LIFT = new LiftConnector();

  public Connectors {
    byTool = Map.copyOf(byTool);
  }

  public Optional<Connector> find(Tool tool) {
    return tool.equals(LiftConnector.TOOL)
        ? Optional.of(LIFT)
        : Optional.ofNullable(byTool.get(tool));
  }

  /// Those of the tools that the executor itself runs.
  public Map<Tool, RunConnector> run() {
    Map<Tool, RunConnector> run = new HashMap<>();
    run.put(LiftConnector.TOOL, LIFT);
    byTool.forEach((tool, each) -> {
      // What runs elsewhere is not ours to claim.
      if (each instanceof RunConnector it) {
        run.put(tool, it);
      }
    });
    return run;
  }

  /// The tools whose commands go to systems that say how they ended on this topic.
  public Set<Tool> answeredOn(KafkaCluster cluster, String replies) {
    return byTool.entrySet().stream()
        .filter(each ->
            each.getValue() instanceof KafkaConnector it
                && it.cluster().equals(cluster)
                && it.replies().equals(replies))
        .map(Map.Entry::getKey)
        .collect(Collectors.toUnmodifiableSet());
  }

  /// Where outcomes are awaited, by cluster.
  public Map<KafkaCluster, Set<String>> replyTopics() {
    return byTool.values().stream()
        .filter(KafkaConnector.class::isInstance)
        .map(KafkaConnector.class::cast)
        .collect(
            Collectors.groupingBy(
                KafkaConnector::cluster,
                Collectors.mapping(KafkaConnector::replies, Collectors.toSet())));
  }

  /// What the executor itself runs this tool with; empty where it does not.
  public Optional<RunConnector> findRun(Tool tool) {
    return find(tool).filter(RunConnector.class::isInstance).map(RunConnector.class::cast);
  }
}
