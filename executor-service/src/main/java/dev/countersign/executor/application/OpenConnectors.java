package dev.countersign.executor.application;

import dev.countersign.executor.domain.Connectors;

/// The connectors that are in force now.
@FunctionalInterface
public interface OpenConnectors {
  Connectors current();
}
