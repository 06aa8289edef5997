package dev.countersign.executor.domain;

import java.util.List;

/// The executor runs the tool itself.
public sealed interface RunConnector extends Connector
    permits HttpConnector, KafkaConnector, LiftConnector, ServerConnector {

  /// Whether an execution that was cut off may be tried again under the same key.
  boolean idempotent();

  /// What is read of the target when people are asked, and again right before the effect; none
  /// where its kind has none.
  default List<Probe> preconditions() {
    return List.of();
  }

  /// How many of its effects one executor has under way at most.
  int concurrency();
}
