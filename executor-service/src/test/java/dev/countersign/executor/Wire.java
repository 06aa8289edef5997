package dev.countersign.executor;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.EventJson;
import dev.countersign.events.Topics;
import dev.countersign.messaging.Envelope;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/// A stock Kafka client beside the service: writes decisions, reads what comes of them.
public final class Wire {

  static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final KafkaProducer<byte[], byte[]> producer;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final List<ConsumerRecord<byte[], byte[]>> seen = new CopyOnWriteArrayList<>();
  private final Thread reader;
  private volatile boolean closed;

  Wire(String bootstrapServers) {
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
                "group.id",
                "test-" + UUID.randomUUID(),
                "auto.offset.reset",
                "earliest"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    consumer.subscribe(List.of(Topics.EXECUTION, Topics.LATE_OUTCOME, Topics.DEAD_LETTER));
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

  void send(ActionId actionId, JsonNode decision) {
    post(actionId, decision);
    producer.flush();
  }

  /// Without waiting for the broker.
  void post(ActionId actionId, JsonNode decision) {
    post(Topics.DECISION, actionId, decision);
  }

  void post(String topic, ActionId actionId, JsonNode event) {
    post(topic, actionId, bytes(event.toString()));
  }

  void post(String topic, ActionId actionId, byte[] value) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(topic, bytes(actionId.toString()), value);
    headers(topic, actionId).forEach((name, text) -> record.headers().add(name, text));
    var _ = producer.send(record);
  }

  static Map<String, byte[]> headers(String topic, ActionId actionId) {
    Map<String, String> headers =
        Map.of(
            "ce_specversion",
            "1.0",
            "ce_id",
            UUID.randomUUID().toString(),
            "ce_source",
            "urn:test",
            "ce_type",
            Topics.type(topic),
            "ce_subject",
            actionId.toString(),
            "ce_time",
            Instant.now().toString(),
            "traceparent",
            TRACE,
            "content-type",
            "application/json");
    return headers.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, each -> bytes(each.getValue())));
  }

  List<ConsumerRecord<byte[], byte[]>> of(String topic, ActionId actionId) {
    return seen.stream()
        .filter(record -> record.topic().equals(topic))
        .filter(
            record -> new String(record.key(), StandardCharsets.UTF_8).equals(actionId.toString()))
        .toList();
  }

  List<JsonNode> executions(ActionId actionId) {
    return of(Topics.EXECUTION, actionId).stream()
        .map(record -> EventJson.readTree(record.value()))
        .toList();
  }

  /// What was said of it after an answer stood already, as "status code summary reportedBy".
  List<String> late(ActionId actionId) {
    return of(Topics.LATE_OUTCOME, actionId).stream()
        .map(record -> EventJson.readTree(record.value()))
        .map(late ->
            String.join(
                " ",
                late.path("status").asText(),
                late.path("code").asText("-"),
                late.path("summary").asText("-"),
                late.path("reportedBy").asText("-")))
        .toList();
  }

  /// The one execution of this action, awaited.
  JsonNode execution(ActionId actionId) {
    await("an execution of " + actionId, () -> !executions(actionId).isEmpty());
    return executions(actionId).getFirst();
  }

  List<String> deadLetters(ActionId actionId) {
    return of(Topics.DEAD_LETTER, actionId).stream()
        .map(record -> String.valueOf(Envelope.header(record, "dl_reason")))
        .toList();
  }

  long total(String topic, Set<String> actionIds) {
    return seen.stream()
        .filter(record -> record.topic().equals(topic))
        .filter(record -> actionIds.contains(new String(record.key(), StandardCharsets.UTF_8)))
        .count();
  }

  public static void await(String what, BooleanSupplier condition) {
    Instant end = Instant.now().plus(PATIENCE);
    while (!condition.getAsBoolean()) {
      if (Instant.now().isAfter(end)) {
        throw new AssertionError("waited in vain for " + what);
      }
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError(e);
      }
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  void close() throws InterruptedException {
    closed = true;
    reader.join();
    producer.close();
  }
}
