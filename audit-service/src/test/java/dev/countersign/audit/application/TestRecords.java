package dev.countersign.audit.application;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.countersign.audit.domain.Entry;
import dev.countersign.audit.domain.EventId;
import dev.countersign.audit.domain.Leaf;
import dev.countersign.audit.domain.Place;
import dev.countersign.events.ActionId;
import dev.countersign.events.Topics;
import dev.countersign.verifier.Salted;
import java.time.Duration;
import java.time.Instant;
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

  /// An entry of this action, at a place of its own.
  static Entry entry(ActionId id, int n) {
    long offset = (id.value().getMostSignificantBits() >>> 24) + n;
    byte[] salt = new byte[Salted.SALT_BYTES];
    byte[] value = ("{\"n\":" + n + "}").getBytes(UTF_8);
    Leaf leaf =
        new Leaf(
            Topics.VERDICT,
            0,
            offset,
            Instant.EPOCH,
            new Leaf.Attributes("e" + n, "urn:test:" + id, "countersign.verdict.v1"),
            id,
            Salted.payload(salt, value));
    return new Entry(
        EventId.ofCloudEvent(Topics.VERDICT, "urn:test:" + id, "e" + n, value),
        new Place(Topics.VERDICT, 0, offset, 0),
        Topics.VERDICT,
        id,
        leaf.bytes(),
        null,
        salt,
        null,
        value,
        "[]");
  }
}
