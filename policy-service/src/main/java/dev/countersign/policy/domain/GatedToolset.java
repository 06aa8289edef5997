package dev.countersign.policy.domain;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A toolset that is an MCP server behind the gate, and how it stands with its tools.
///
/// @param server what people call it
/// @param seenAt when it last said what it has; null where it has not yet
/// @param problem why it could not be asked the last time; null where it could
/// @param leftOut a sentence for each of its tools that can't be let through at all
/// @param tools those that the operator listed, then those that nobody has
public record GatedToolset(
    String name,
    String server,
    @Nullable Instant seenAt,
    @Nullable String problem,
    List<String> leftOut,
    List<GatedTool> tools) {

  public GatedToolset {
    leftOut = List.copyOf(leftOut);
    tools = List.copyOf(tools);
  }
}
