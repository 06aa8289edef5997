package dev.countersign.executor.application;

import dev.countersign.executor.domain.KafkaCluster;
import java.util.Map;
import java.util.Optional;

/// How Kafka clusters are connected to.
@FunctionalInterface
public interface Clusters {

  /// What a client has to be given to connect, secrets among it; empty where the file that says it
  /// is not there or not fit. Read anew each time, and it may block.
  Optional<Map<String, Object>> find(KafkaCluster cluster);
}
