package dev.countersign.policy.domain;

import dev.countersign.events.Tool;

/// Which tools a rule is for: `payments/wire_transfer`, `database/*` or `*`.
public record ToolPattern(String text) {

  boolean matches(Tool tool) {
    return text.equals("*")
        || text.equals(tool.toString())
        || (text.endsWith("/*") && text.substring(0, text.length() - 2).equals(tool.toolset()));
  }

  boolean isWide() {
    return text.endsWith("*");
  }
}
