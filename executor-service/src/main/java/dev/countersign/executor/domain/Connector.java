package dev.countersign.executor.domain;

/// How a tool is run.
public sealed interface Connector permits RunConnector, DelegatedConnector {

  /// What must stand behind it, whatever the policy says.
  Floor requires();
}
