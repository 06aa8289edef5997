package dev.countersign.executor.outbound;

import dev.countersign.executor.domain.KafkaCluster;
import dev.countersign.executor.domain.KafkaConnector;
import java.time.Duration;

/// Reads the entry of a tool that another system runs, which is told so over Kafka.
final class KafkaEntry {

  private static final int CONCURRENCY = 32;
  private static final Duration TIMEOUT = Duration.ofMinutes(1);
  private static final Duration LONGEST_TIMEOUT = Duration.ofHours(1);

  private KafkaEntry() {}

  static KafkaConnector read(Entry entry) {
    Entry bootstrap = entry.part("bootstrap");
    return entry.in(() ->
        new KafkaConnector(
            new KafkaCluster(
                bootstrap.isThere() ? bootstrap.expanded() : null,
                entry.findText("security").orElse(null)),
            entry.text("topic"),
            entry.text("replies"),
            entry.duration("timeout", TIMEOUT, LONGEST_TIMEOUT),
            entry.json().path("idempotent").booleanValue(),
            entry.json().path("concurrency").asInt(CONCURRENCY),
            entry.requires()));
  }
}
