package dev.countersign.messaging;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/// An event that came in, with the trace it belongs to and the record as it came.
public record Received<T>(
    T event, @Nullable String traceparent, ConsumerRecord<byte[], byte[]> raw) {}
