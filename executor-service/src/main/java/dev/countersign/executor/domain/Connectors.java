package dev.countersign.executor.domain;

import dev.countersign.events.Tool;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// The operator's connectors, by tool; and the executor's own, which none of them can replace.
public record Connectors(Map<Tool, Connector> byTool) {

  private static final RunConnector LIFT = new LiftConnector();

  public Connectors {
    byTool = Map.copyOf(byTool);
    List<KafkaConnector> commands = commands(byTool);
    for (KafkaConnector one : commands) {
      for (KafkaConnector other : commands) {
        mustKeepApart(one, other);
      }
    }
  }

  /// Whoever writes outcomes of one system must not write another's, nor anybody's commands.
  private static void mustKeepApart(KafkaConnector one, KafkaConnector other) {
    if (!Objects.equals(one.cluster().bootstrap(), other.cluster().bootstrap())) {
      return;
    }
    if (one.topic().equals(other.replies())) {
      throw new IllegalArgumentException(
          one.topic() + " is for commands in one entry and for outcomes in another; write two");
    }
    if (one.replies().equals(other.replies())
        && !(one.topic().equals(other.topic()) && one.cluster().equals(other.cluster()))) {
      throw new IllegalArgumentException(
          "different systems say on "
              + one.replies()
              + " how their commands ended; give each a topic of its own");
    }
  }

  private static List<KafkaConnector> commands(Map<Tool, Connector> byTool) {
    return byTool.values().stream()
        .filter(KafkaConnector.class::isInstance)
        .map(KafkaConnector.class::cast)
        .toList();
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
    return commands(byTool).stream()
        .collect(
            Collectors.groupingBy(
                KafkaConnector::cluster,
                Collectors.mapping(KafkaConnector::replies, Collectors.toSet())));
  }

  /// The ways in which both sides of a connection are known.
  public Set<Tls> tls() {
    return byTool.values().stream()
        .map(each ->
            switch (each) {
              case HttpConnector it -> it.reach().tls();
              case McpConnector it -> it.reach().tls();
              case KafkaConnector _, LiftConnector _, DelegatedConnector _ -> null;
            })
        .filter(Objects::nonNull)
        .collect(Collectors.toUnmodifiableSet());
  }

  /// What the executor itself runs this tool with; empty where it does not.
  public Optional<RunConnector> findRun(Tool tool) {
    return find(tool).filter(RunConnector.class::isInstance).map(RunConnector.class::cast);
  }
}
