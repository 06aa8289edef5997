package dev.countersign.audit.domain;

import dev.countersign.tlog.Hash;

/// Where a record stood on Kafka.
///
/// @param timestamp Kafka's, in milliseconds
public record Place(String topic, int partition, long offset, long timestamp) {

  /// [EventId#ofPlace] of it.
  public Hash id() {
    return EventId.ofPlace(topic, partition, offset, timestamp);
  }
}
