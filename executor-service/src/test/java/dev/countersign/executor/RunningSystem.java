package dev.countersign.executor;

import static dev.countersign.testservers.Wire.beginTransaction;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.ActionId;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/// A system that runs tools, with stock Kafka clients: it sees its commands and says what the test
/// wants said.
final class RunningSystem implements AutoCloseable {

  private static final String OUTCOME = "countersign.outcome.v1";

  private final String bootstrapServers;
  private final String name;
  private final KafkaProducer<byte[], byte[]> producer;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final List<ConsumerRecord<byte[], byte[]>> seen = new CopyOnWriteArrayList<>();
  private final Thread reader;
  private volatile boolean closed;

  RunningSystem(String bootstrapServers, String name) throws Exception {
    this.bootstrapServers = bootstrapServers;
    this.name = name;
    Map<String, Object> connection = Map.of("bootstrap.servers", bootstrapServers);
    try (Admin admin = Admin.create(connection)) {
      for (String each : List.of(name + "-commands", name + "-outcomes")) {
        create(admin, each);
      }
    }
    producer =
        new KafkaProducer<>(connection, new ByteArraySerializer(), new ByteArraySerializer());
    consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers",
                bootstrapServers,
                "group.id",
                name + "-" + UUID.randomUUID(),
                "auto.offset.reset",
                "earliest"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    consumer.subscribe(List.of(name + "-commands"));
    reader =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              while (!closed) {
                consumer.poll(Duration.ofMillis(50)).forEach(seen::add);
              }
              consumer.close();
            });
  }

  private static void create(Admin admin, String topic) throws Exception {
    try {
      admin
          .createTopics(List.of(new NewTopic(topic, Optional.of(2), Optional.empty())))
          .all()
          .get();
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw e;
      }
    }
  }

  List<ConsumerRecord<byte[], byte[]>> commands(ActionId actionId) {
    return seen.stream()
        .filter(
            record -> new String(record.key(), StandardCharsets.UTF_8).equals(actionId.toString()))
        .toList();
  }

  /// The first command for this action, awaited.
  ConsumerRecord<byte[], byte[]> command(ActionId actionId) {
    Wire.await("a command for " + actionId, () -> !commands(actionId).isEmpty());
    return commands(actionId).getFirst();
  }

  void says(ActionId actionId, String status, String code, @Nullable String summary)
      throws Exception {
    ObjectNode data = JsonNodeFactory.instance.objectNode();
    data.put("actionId", actionId.toString()).put("status", status).put("code", code);
    if (summary != null) {
      data.put("summary", summary);
    }
    sends(actionId, OUTCOME, data.toString());
  }

  /// Says it in a transaction, and takes that back.
  void abandons(ActionId actionId, String data) throws Exception {
    try (var transactional = beginTransaction(bootstrapServers, actionId.toString())) {
      transactional.send(record(actionId, OUTCOME, data)).get();
      transactional.abortTransaction();
    }
  }

  void sends(ActionId actionId, String type, String data) throws Exception {
    producer.send(record(actionId, type, data)).get();
  }

  private ProducerRecord<byte[], byte[]> record(ActionId actionId, String type, String data) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(name + "-outcomes", bytes(actionId.toString()), bytes(data));
    Map.of(
            "ce_specversion",
            "1.0",
            "ce_id",
            UUID.randomUUID().toString(),
            "ce_source",
            "urn:test:" + name,
            "ce_type",
            type,
            "ce_time",
            Instant.now().toString(),
            "content-type",
            "application/json")
        .forEach((header, value) -> record.headers().add(header, bytes(value)));
    return record;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    closed = true;
    try {
      reader.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    producer.close();
  }
}
