package dev.countersign.policy.domain;

import dev.countersign.events.Tool;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What the MCP servers behind the gate say that they have.
public record Offered(Map<String, Server> byToolset) {

  /// Nobody has said anything yet.
  public static final Offered NOTHING = new Offered(Map.of());

  public Offered {
    byToolset = Collections.unmodifiableMap(new TreeMap<>(byToolset));
  }

  /// @param seenAt when it last said so; null where it has not yet
  /// @param problem why it could not be asked the last time; null where it could
  /// @param leftOut a sentence for each of its tools that can't be let through at all
  /// @param tools by name, in the server's order
  public record Server(
      @Nullable Instant seenAt,
      @Nullable String problem,
      List<String> leftOut,
      Map<String, OfferedTool> tools) {

    public Server {
      leftOut = List.copyOf(leftOut);
      tools = Collections.unmodifiableMap(new LinkedHashMap<>(tools));
    }
  }

  /// How it stands with a tool that the operator listed.
  ///
  /// ```
  /// accepted? ─ server seen? ─ offered? ─ as accepted? ─ schema read?
  ///  │no         │no            │no        │no            │no
  ///  not-pinned  server-unseen  gone       drifted        schema-unreadable     in force
  /// ```
  public Standing standing(Tool tool, Gate gate) {
    if (gate.pin() == null) {
      return new Standing.Shut(Standing.Why.NOT_PINNED, tool);
    }
    Server server = byToolset.get(tool.toolset());
    if (server == null || server.seenAt() == null) {
      return new Standing.Shut(Standing.Why.UNSEEN, tool);
    }
    OfferedTool offered = server.tools().get(tool.name());
    if (offered == null) {
      return new Standing.Shut(Standing.Why.GONE, tool);
    }
    if (!offered.pin().equals(gate.pin())) {
      return new Standing.Shut(Standing.Why.DRIFTED, tool);
    }
    return offered.parameters() == null
        ? new Standing.Shut(Standing.Why.UNREADABLE, tool)
        : new Standing.InForce(offered, offered.parameters());
  }
}
