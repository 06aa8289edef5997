package dev.countersign.testservers;

import dev.countersign.events.ActionId;
import dev.countersign.events.Event;
import dev.countersign.events.EventJson;
import dev.countersign.events.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/// The other services, as far as the one under test can see them: records on Kafka. Any thread may
/// publish; one at a time reads.
///
/// It keeps what it has read, and reads each record once, however many tests ask.
public final class Wire implements AutoCloseable {

  public static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final KafkaProducer<byte[], byte[]> producer;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Map<String, List<TopicPartition>> partitions = new HashMap<>();
  private final Map<String, Map<String, List<ConsumerRecord<byte[], byte[]>>>> read =
      new HashMap<>();

  /// A wire of its own beside the one that [Servers] injects.
  public Wire(String bootstrapServers) {
    producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrapServers, "linger.ms", 0),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers",
                bootstrapServers,
                "max.poll.records",
                10_000,
                // The broker answers in order: where the end is waits for a fetch that waits.
                "fetch.max.wait.ms",
                10),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    for (String topic : Topics.ALL) {
      partitions.put(
          topic,
          consumer.partitionsFor(topic).stream()
              .map(each -> new TopicPartition(topic, each.partition()))
              .toList());
    }
    List<TopicPartition> all = partitions.values().stream().flatMap(List::stream).toList();
    consumer.assign(all);
    consumer.seekToBeginning(all);
  }

  /// A producer within a transaction, which whoever asks for it commits, aborts or leaves open.
  ///
  /// @param name its transactional id: who begins under one ends what was open under it
  public static KafkaProducer<byte[], byte[]> beginTransaction(
      String bootstrapServers, String name) {
    KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrapServers, "transactional.id", name),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    producer.initTransactions();
    producer.beginTransaction();
    return producer;
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

  /// An id for each partition of a topic: what is published under them stands behind whatever was
  /// published there before.
  public List<ActionId> onEachPartition(String topic) {
    int partitions = producer.partitionsFor(topic).size();
    Map<Integer, ActionId> ids = new HashMap<>();
    while (ids.size() < partitions) {
      ActionId id = new ActionId(UUID.randomUUID());
      ids.put(BuiltInPartitioner.partitionForKey(utf8(id.toString()), partitions), id);
    }
    return List.copyOf(ids.values());
  }

  /// Publishes a record as it is, as whoever reaches the broker can.
  public void send(ProducerRecord<byte[], byte[]> record) {
    try {
      producer.send(record).get();
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

  /// The first event about each of these, once all are there. It gives up when none has come for as
  /// long as others wait for one.
  public <E extends Event> Map<ActionId, E> first(
      Class<E> type, Collection<ActionId> ids, String topic) {
    Set<ActionId> missing = new HashSet<>(ids);
    Map<ActionId, E> found = new HashMap<>();
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      for (ActionId each : ids) {
        List<ConsumerRecord<byte[], byte[]>> records = found(Set.of(each), topic);
        if (!records.isEmpty() && missing.remove(each)) {
          found.put(each, EventJson.read(records.getFirst().value(), type));
          end = System.nanoTime() + PATIENCE.toNanos();
        }
      }
      if (missing.isEmpty()) {
        return found;
      }
      if (System.nanoTime() > end) {
        throw new AssertionError(missing.size() + " of " + ids.size() + " missing on " + topic);
      }
      readOn();
    }
  }

  /// All events about this action, once there are at least so many.
  public <E extends Event> List<E> events(Class<E> type, ActionId id, String topic, int atLeast) {
    return events(type, Set.of(id), topic, atLeast);
  }

  /// All events about any of these, once there are at least so many.
  public <E extends Event> List<E> events(
      Class<E> type, Set<ActionId> ids, String topic, int atLeast) {
    return about(ids, topic, atLeast).stream()
        .map(each -> EventJson.read(each.value(), type))
        .toList();
  }

  /// All records about this action, once there are at least so many.
  public List<ConsumerRecord<byte[], byte[]>> about(ActionId id, String topic, int atLeast) {
    return about(Set.of(id), topic, atLeast);
  }

  /// All records about any of these, once there are at least so many.
  public List<ConsumerRecord<byte[], byte[]>> about(Set<ActionId> ids, String topic, int atLeast) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      readToTheEnd(topic);
      List<ConsumerRecord<byte[], byte[]>> found = found(ids, topic);
      if (found.size() >= atLeast) {
        return found;
      }
      if (System.nanoTime() > end) {
        throw new AssertionError("only " + found.size() + " records on " + topic + " about " + ids);
      }
      readOn();
    }
  }

  private List<ConsumerRecord<byte[], byte[]>> found(Set<ActionId> ids, String topic) {
    return ids.stream().flatMap(id -> found(id.toString(), topic).stream()).toList();
  }

  private List<ConsumerRecord<byte[], byte[]>> found(String key, String topic) {
    return List.copyOf(read.getOrDefault(topic, Map.of()).getOrDefault(key, List.of()));
  }

  /// All records under a key at this moment.
  public List<ConsumerRecord<byte[], byte[]>> under(String key, String topic) {
    readToTheEnd(topic);
    return found(key, topic);
  }

  /// All records of a topic at this moment.
  public List<ConsumerRecord<byte[], byte[]>> all(String topic) {
    readToTheEnd(topic);
    return read.getOrDefault(topic, Map.of()).values().stream().flatMap(List::stream).toList();
  }

  /// Waits until something holds that records bring about.
  public void await(String what, BooleanSupplier holds) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!holds.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("did not happen: " + what);
      }
      readOn();
    }
  }

  /// Whatever is on the topic at this moment has been read after it.
  private void readToTheEnd(String topic) {
    Map<TopicPartition, Long> ends =
        consumer.endOffsets(Objects.requireNonNull(partitions.get(topic)));
    while (ends.entrySet().stream()
        .anyMatch(each -> consumer.position(each.getKey()) < each.getValue())) {
      readOn();
    }
  }

  private void readOn() {
    for (ConsumerRecord<byte[], byte[]> each : consumer.poll(Duration.ofMillis(20))) {
      if (each.key() != null) {
        read.computeIfAbsent(each.topic(), _ -> new HashMap<>())
            .computeIfAbsent(text(each.key()), _ -> new ArrayList<>())
            .add(each);
      }
    }
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
