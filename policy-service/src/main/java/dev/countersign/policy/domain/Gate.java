package dev.countersign.policy.domain;

import dev.countersign.events.Digest;
import org.jspecify.annotations.Nullable;

/// That a tool is one of an MCP server behind the gate.
///
/// @param server what people call the server
/// @param pin what the operator accepted that the tool is; null where it was not accepted yet
/// @param evenDestructive whether the operator lets it through without asking although its server
///   calls it destructive
public record Gate(String server, @Nullable Digest pin, boolean evenDestructive) {

  /// The floor for a tool of this mode as its server now describes it: what the server says can
  /// raise it and never lower it.
  Then floor(Then mode, @Nullable OfferedTool now) {
    return now != null && now.destructive() && !evenDestructive
        ? mode.or(Then.REQUIRE_APPROVAL)
        : mode;
  }
}
