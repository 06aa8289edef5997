package dev.countersign.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.demo.Timeout;
import dev.countersign.events.Topics;
import dev.countersign.launcher.EmbeddedKafka;
import dev.countersign.launcher.FreePorts;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchTest {

  private static final Duration SOON = Duration.ofSeconds(30);
  private static final List<String> TOPICS = List.of(Topics.EXECUTION, Topics.AUDIT);

  @TempDir static Path folder;
  private static EmbeddedKafka kafka;
  private static KafkaProducer<byte[], byte[]> producer;

  private final String action = UUID.randomUUID().toString();

  @BeforeAll
  static void start() {
    kafka = EmbeddedKafka.start(folder.resolve("kafka"), FreePorts.one());
    producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", kafka.bootstrapServers()),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  @AfterAll
  static void stop() {
    producer.close();
    kafka.close();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void publish(String topic, byte @Nullable [] key, String data) {
    try {
      producer.send(new ProducerRecord<>(topic, key, utf8(data))).get();
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private long await(Watch watch, String topic) {
    return watch.awaitAll(topic, List.of(action), SOON);
  }

  private boolean counts(String topic, String key, String data) {
    return Watch.of(List.of(action)).test(new ConsumerRecord<>(topic, 0, 0, utf8(key), utf8(data)));
  }

  @Test
  void anActionThatFailedIsNoneThatWasExecuted() {
    assertTrue(counts(Topics.EXECUTION, action, "{\"status\": \"succeeded\"}"));
    String failed = "{\"status\": \"failed\", \"reason\": {\"code\": \"http-500\"}}";

    var ended =
        assertThrows(IllegalStateException.class, () -> counts(Topics.EXECUTION, action, failed));

    assertEquals(
        "execution of %s says failed and not succeeded: {\"code\":\"http-500\"}".formatted(action),
        ended.getMessage());
  }

  @Test
  void anActionThatWasRefusedIsNoneThatWasDecided() {
    assertTrue(counts(Topics.DECISION, action, "{\"outcome\": \"approved\"}"));

    assertThrows(
        IllegalStateException.class,
        () -> counts(Topics.DECISION, action, "{\"outcome\": \"refused\"}"));
  }

  @Test
  void howAnotherActionEndedIsOfNoConcern() {
    String other = UUID.randomUUID().toString();

    assertFalse(counts(Topics.EXECUTION, other, "{\"status\": \"failed\"}"));
  }

  @Test
  void anActionIsLoggedOnceItsExecutionIs() {
    assertFalse(counts(Topics.AUDIT, action, "{\"entry\": {\"topic\": \"action-proposed\"}}"));
    assertTrue(counts(Topics.AUDIT, action, "{\"entry\": {\"topic\": \"execution\"}}"));
  }

  @Test
  void anEntryThatBelongsToNoActionEndsNothing() {
    try (Watch watch = new Watch(kafka.bootstrapServers(), TOPICS, _ -> true)) {
      publish(Topics.AUDIT, null, "{\"entry\": {\"topic\": \"dead-letter\"}}");
      publish(Topics.AUDIT, utf8(action), "{\"entry\": {\"topic\": \"execution\"}}");
      await(watch, Topics.AUDIT);

      watch.awaitQuiet(Duration.ofMillis(1), SOON);
    }
  }

  @Test
  void whatEndsTheReadingEndsTheWaitAndIsSaid() {
    try (Watch watch = new Watch(kafka.bootstrapServers(), TOPICS, Watch.of(List.of(action)))) {
      publish(Topics.EXECUTION, utf8(action), "no JSON");

      var failed = assertThrows(RuntimeException.class, () -> await(watch, Topics.EXECUTION));

      assertTrue(failed.getCause() != null && !(failed instanceof Timeout), failed::toString);
    }
  }
}
