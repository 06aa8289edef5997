package dev.countersign.policy.domain;

import dev.countersign.events.Tool;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// All tools that the operator knows, and what becomes of others.
public record Catalogue(Then unlisted, Map<String, Toolset> toolsets) {

  public Catalogue {
    toolsets = Collections.unmodifiableMap(new LinkedHashMap<>(toolsets));
  }

  Optional<CataloguedTool> find(Tool tool) {
    Toolset toolset = toolsets.get(tool.toolset());
    return toolset == null
        ? Optional.empty()
        : Optional.ofNullable(toolset.tools().get(tool.name()));
  }

  /// The floor for a tool that is not listed: a toolset's own mode counts for it too, and of an MCP
  /// server nothing gets through that nobody has looked at.
  Then floorOfUnlisted(Tool tool) {
    Toolset toolset = toolsets.get(tool.toolset());
    if (isGated(tool)) {
      return Then.DENY;
    }
    return toolset == null ? unlisted : unlisted.or(toolset.mode());
  }

  /// Whether its toolset is an MCP server behind the gate.
  boolean isGated(Tool tool) {
    Toolset toolset = toolsets.get(tool.toolset());
    return toolset != null && toolset.server() != null;
  }

  public List<CataloguedTool> all() {
    return toolsets.values().stream()
        .flatMap(toolset -> toolset.tools().values().stream())
        .toList();
  }
}
