package dev.countersign.policy.inbound;

import dev.countersign.events.Topics;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/// Proposals as a platform publishes them.
final class ProposalRecords {

  private ProposalRecords() {}

  /// A CloudEvent in binary mode (Kafka Protocol Binding for CloudEvents §3.2).
  static ProducerRecord<byte[], byte[]> binary(@Nullable String key, byte[] data) {
    ProducerRecord<byte[], byte[]> record = bare(key, data);
    header(record, "ce_specversion", "1.0");
    header(record, "ce_id", UUID.randomUUID().toString());
    header(record, "ce_source", "urn:test");
    header(record, "ce_type", Topics.type(Topics.ACTION_PROPOSED));
    header(record, "content-type", "application/json");
    return record;
  }

  /// With no header.
  static ProducerRecord<byte[], byte[]> bare(@Nullable String key, byte[] data) {
    return new ProducerRecord<>(
        Topics.ACTION_PROPOSED, key == null ? null : key.getBytes(StandardCharsets.UTF_8), data);
  }

  static void header(ProducerRecord<byte[], byte[]> record, String name, String value) {
    record.headers().add(name, value.getBytes(StandardCharsets.UTF_8));
  }
}
