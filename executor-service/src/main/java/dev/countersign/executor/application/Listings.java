package dev.countersign.executor.application;

import dev.countersign.executor.domain.Listing;
import java.util.Map;

/// What the MCP servers that are whole toolsets have.
@FunctionalInterface
public interface Listings {

  /// What is known of each, by toolset.
  Map<String, Listing> all();
}
