package dev.countersign.audit.application;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.countersign.events.ActionId;
import dev.countersign.events.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;

/// Records as Kafka brings them, put into the log without it.
final class TestRecords {

  private static final Duration SOON = Duration.ofSeconds(30);

  private TestRecords() {}

  /// A record on a topic, whose CloudEvent nobody has published before.
  static ConsumerRecord<byte[], byte[]> event(String topic, ActionId id, byte[] value) {
    ConsumerRecord<byte[], byte[]> record =
        new ConsumerRecord<>(topic, 0, 0, id.toString().getBytes(UTF_8), value);
    header(record, "ce_specversion", "1.0");
    header(record, "ce_id", UUID.randomUUID().toString());
    header(record, "ce_source", "urn:test:" + id);
    header(record, "ce_type", Topics.type(topic));
    header(record, "ce_subject", id.toString());
    return record;
  }

  static ConsumerRecord<byte[], byte[]> event(String topic, ActionId id, String value) {
    return event(topic, id, value.getBytes(UTF_8));
  }

  private static void header(ConsumerRecord<byte[], byte[]> record, String name, String value) {
    record.headers().add(name, value.getBytes(UTF_8));
  }

  /// In this order, in one transaction.
  static void append(AppendToLog log, List<ConsumerRecord<byte[], byte[]>> records) {
    TopicPartition any = new TopicPartition(records.getFirst().topic(), 0);
    log.append(new ConsumerRecords<>(Map.of(any, records), Map.of())).await().atMost(SOON);
  }
}
