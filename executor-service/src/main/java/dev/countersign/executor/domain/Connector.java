package dev.countersign.executor.domain;

/// How a tool is run.
public sealed interface Connector permits HttpConnector {

  /// Whether an execution that was cut off may be tried again under the same key.
  boolean idempotent();

  /// How many of its effects one executor has under way at most.
  int concurrency();
}
