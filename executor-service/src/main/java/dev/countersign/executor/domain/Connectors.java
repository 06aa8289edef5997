package dev.countersign.executor.domain;

import dev.countersign.events.Tool;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// The operator's connectors, by tool; and the executor's own, which none of them can replace. One
/// that is named {@link #ALL} of its toolset runs all of its tools that have none of their own.
public record Connectors(Map<Tool, Connector> byTool) {

  /// In the place of a tool's name: every tool that the toolset's MCP server has.
  public static final String ALL = "*";

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
    if (tool.equals(LiftConnector.TOOL)) {
      return Optional.of(LIFT);
    }
    // The sign for all of them is no tool that anybody could propose.
    Connector own = tool.name().equals(ALL) ? null : byTool.get(tool);
    return own != null
        ? Optional.of(own)
        : findServer(tool.toolset())
            .filter(_ -> !tool.name().equals(ALL))
            .map(server -> server.named(tool.name()));
  }

  /// The MCP server that this whole toolset is; empty where it is none.
  public Optional<ServerConnector> findServer(String toolset) {
    return byTool.get(new Tool(toolset, ALL)) instanceof ServerConnector it
        ? Optional.of(it)
        : Optional.empty();
  }

  /// The MCP servers that are whole toolsets, by toolset.
  public Map<String, ServerConnector> servers() {
    Map<String, ServerConnector> servers = new TreeMap<>();
    byTool
        .keySet()
        .forEach(tool ->
            findServer(tool.toolset()).ifPresent(server -> servers.put(tool.toolset(), server)));
    return servers;
  }

  /// Those of the tools that the executor itself runs; {@link #ALL} stands for all that have no
  /// entry of their own.
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

  /// The key of the entry that a tool comes under: its own, or {@link #ALL} of its toolset.
  public Tool entry(Tool tool) {
    return byTool.containsKey(tool) || tool.equals(LiftConnector.TOOL)
        ? tool
        : new Tool(tool.toolset(), ALL);
  }

  /// Those of a toolset's tools that have an entry of their own, where this stands for the others;
  /// else none.
  public Set<String> ownIn(Tool all) {
    return all.name().equals(ALL)
        ? byTool.keySet().stream()
            .filter(each -> each.toolset().equals(all.toolset()) && !each.name().equals(ALL))
            .map(Tool::name)
            .collect(Collectors.toUnmodifiableSet())
        : Set.of();
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
              case StdioConnector _, KafkaConnector _, LiftConnector _, DelegatedConnector _ ->
                  null;
            })
        .filter(Objects::nonNull)
        .collect(Collectors.toUnmodifiableSet());
  }

  /// The MCP servers that are spoken to over HTTP, whichever of their tools an entry is for.
  public Set<McpConnector> mcp() {
    return byTool.values().stream()
        .filter(McpConnector.class::isInstance)
        .map(each -> ((McpConnector) each).named(""))
        .collect(Collectors.toUnmodifiableSet());
  }

  /// The programs that are MCP servers.
  public Set<StdioConnector.Program> programs() {
    return byTool.values().stream()
        .filter(StdioConnector.class::isInstance)
        .map(each -> ((StdioConnector) each).program())
        .collect(Collectors.toUnmodifiableSet());
  }

  /// What the executor itself runs this tool with; empty where it does not.
  public Optional<RunConnector> findRun(Tool tool) {
    return find(tool).filter(RunConnector.class::isInstance).map(RunConnector.class::cast);
  }
}
