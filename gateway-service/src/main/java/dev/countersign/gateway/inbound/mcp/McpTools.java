package dev.countersign.gateway.inbound.mcp;

import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.Optional;

/// A source of tools, asked anew for each request: another bean of this type adds its tools to
/// those at `/mcp`. Where two sources have a tool of one name, that of the one with the lower
/// {@link #order} counts. Who fires {@link ToolListChanged} has clients told to list anew.
public interface McpTools {

  /// The tools that this caller may see, in the order in which they are to be listed.
  Uni<List<McpTool>> list(McpCaller caller);

  /// The tool of this name, where this caller may see it.
  default Uni<Optional<McpTool>> find(String name, McpCaller caller) {
    return list(caller)
        .map(tools -> tools.stream().filter(it -> it.name().equals(name)).findFirst());
  }

  /// Its place among the sources. Our own tools are at 0 and can't be hidden by one of an upstream.
  default int order() {
    return 100;
  }
}
