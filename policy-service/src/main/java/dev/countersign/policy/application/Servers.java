package dev.countersign.policy.application;

import dev.countersign.policy.domain.Offered;

/// The MCP servers behind the gate, as whoever has the credentials sees them.
@FunctionalInterface
public interface Servers {

  /// What they were last known to have.
  Offered offered();
}
