package dev.countersign.executor.domain;

import dev.countersign.events.Tool;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// The operator's connectors, by tool.
public record Connectors(Map<Tool, Connector> byTool) {

  public Connectors {
    byTool = Map.copyOf(byTool);
  }

  public Optional<Connector> find(Tool tool) {
    return Optional.ofNullable(byTool.get(tool));
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
