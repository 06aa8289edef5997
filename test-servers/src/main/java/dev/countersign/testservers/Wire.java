package dev.countersign.testservers;

import dev.countersign.events.ActionId;
import dev.countersign.events.Event;
import dev.countersign.events.EventJson;
import dev.countersign.events.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/// The other services, as far as the one under test can see them: records on Kafka.
public final class Wire implements AutoCloseable {

  public static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final KafkaProducer<byte[], byte[]> producer;
  private final KafkaConsumer<byte[], byte[]> consumer;

  public Wire(String bootstrapServers) {
    producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrapServers),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", bootstrapServers),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
  }

  public void publish(Event event) {
    publishAll(List.of(event));
  }

  public void publishAll(List<? extends Event> events) {
    List<Future<RecordMetadata>> sent = new ArrayList<>(events.size());
    for (Event each : events) {
      sent.add(producer.send(record(each)));
    }
    try {
      for (Future<RecordMetadata> each : sent) {
        each.get();
      }
    } catch (InterruptedException | ExecutionException e) {
      throw new AssertionError(e);
    }
  }

  private static ProducerRecord<byte[], byte[]> record(Event event) {
    byte[] key = utf8(Objects.requireNonNull(event.actionId()).toString());
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(event.topic(), key, EventJson.write(event));
    record.headers().add("ce_specversion", utf8("1.0"));
    record.headers().add("ce_id", utf8(UUID.randomUUID().toString()));
    record.headers().add("ce_source", utf8("urn:test"));
    record.headers().add("ce_type", utf8(Topics.type(event.topic())));
    record.headers().add("ce_subject", key);
    record.headers().add("traceparent", utf8(TRACE));
    record.headers().add("content-type", utf8("application/json"));
    return record;
  }

  /// Waits until there is a record about each of these; those that were there first.
  public List<ConsumerRecord<byte[], byte[]>> awaitAll(Collection<ActionId> ids, String topic) {
    Set<String> missing = new HashSet<>();
    ids.forEach(id -> missing.add(id.toString()));
    List<ConsumerRecord<byte[], byte[]>> found = new ArrayList<>();
    List<TopicPartition> partitions = assignAll(topic);
    consumer.seekToBeginning(partitions);
    long end = System.nanoTime() + 3 * PATIENCE.toNanos();
    while (!missing.isEmpty() && System.nanoTime() < end) {
      for (ConsumerRecord<byte[], byte[]> each : consumer.poll(Duration.ofMillis(100))) {
        if (each.key() != null && missing.remove(text(each.key()))) {
          found.add(each);
        }
      }
    }
    if (!missing.isEmpty()) {
      throw new AssertionError(missing.size() + " records missing on " + topic);
    }
    return found;
  }

  private List<TopicPartition> assignAll(String topic) {
    List<TopicPartition> partitions = new ArrayList<>();
    for (PartitionInfo each : consumer.partitionsFor(topic)) {
      partitions.add(new TopicPartition(topic, each.partition()));
    }
    consumer.assign(partitions);
    return partitions;
  }

  /// All records about this action, once there are at least so many.
  public List<ConsumerRecord<byte[], byte[]>> about(ActionId id, String topic, int atLeast) {
    return about(Set.of(id), topic, atLeast);
  }

  /// All records about any of these, once there are at least so many.
  public List<ConsumerRecord<byte[], byte[]>> about(Set<ActionId> ids, String topic, int atLeast) {
    Set<String> keys = new HashSet<>();
    ids.forEach(id -> keys.add(id.toString()));
    List<TopicPartition> partitions = assignAll(topic);
    consumer.seekToBeginning(partitions);
    List<ConsumerRecord<byte[], byte[]>> found = new ArrayList<>();
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < end) {
      for (ConsumerRecord<byte[], byte[]> each : consumer.poll(Duration.ofMillis(200))) {
        if (each.key() != null && keys.contains(text(each.key()))) {
          found.add(each);
        }
      }
      boolean all =
          consumer.endOffsets(partitions).entrySet().stream()
              .allMatch(it -> consumer.position(it.getKey()) >= it.getValue());
      if (all && found.size() >= atLeast) {
        return found;
      }
    }
    throw new AssertionError("only " + found.size() + " records on " + topic + " about " + ids);
  }

  public static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    return text(record.headers().lastHeader(name).value());
  }

  public static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    producer.close();
    consumer.close();
  }
}
