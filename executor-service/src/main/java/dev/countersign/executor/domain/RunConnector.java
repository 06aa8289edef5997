package dev.countersign.executor.domain;

/// The executor runs the tool itself.
public sealed interface RunConnector extends Connector
    permits HttpConnector, KafkaConnector, LiftConnector, McpConnector {

  /// Whether an execution that was cut off may be tried again under the same key.
  boolean idempotent();

  /// How many of its effects one executor has under way at most.
  int concurrency();
}
