package dev.countersign.launcher;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.events.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaProcessTest {

  @TempDir static Path folder;
  static KafkaProcess kafka;

  @BeforeAll
  static void start() {
    kafka = new KafkaProcess(folder.resolve("kafka"), FreePorts.one(), System.out::println);
    kafka.start();
  }

  @AfterAll
  static void stop() {
    kafka.close();
  }

  @Test
  void allTopicsStandWithFourPartitions() throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      Map<String, TopicDescription> topics = admin.describeTopics(Topics.ALL).allTopicNames().get();
      assertEquals(Set.copyOf(Topics.ALL), topics.keySet());
      topics.values().forEach(topic -> assertEquals(4, topic.partitions().size()));
    }
  }

  @Test
  void onlyDeadLettersAndTheAuditLogTakeLargeRecords() throws Exception {
    byte[] large = new byte[3 << 20];
    assertTrue(send(Topics.DEAD_LETTER, large) >= 0);
    assertTrue(send(Topics.AUDIT, large) >= 0);
    ExecutionException refused =
        assertThrows(ExecutionException.class, () -> send(Topics.ACTION_PROPOSED, large));
    assertTrue(refused.getCause() instanceof RecordTooLargeException, refused.toString());
  }

  @Test
  void aLargeRecordPackedSmallIsLargeAllTheSame() {
    ExecutionException refused =
        assertThrows(
            ExecutionException.class,
            () -> send(Topics.ACTION_PROPOSED, new byte[6 << 20], "gzip"));
    assertTrue(refused.getCause() instanceof RecordTooLargeException, refused.toString());
  }

  @Test
  void whatWasAcknowledgedSurvivesSigkill() throws Exception {
    byte[] kept = {1, 2, 3};
    long offset = send(Topics.VERDICT, kept);
    kafka.kill();
    kafka.start();
    try (var consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", kafka.bootstrapServers(), "group.id", "survivor"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      var partition = new TopicPartition(Topics.VERDICT, 0);
      consumer.assign(List.of(partition));
      consumer.seek(partition, offset);
      ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofSeconds(20));
      for (int polls = 0; records.isEmpty() && polls < 6; polls++) {
        // It may return with nothing while the broker still comes up.
        records = consumer.poll(Duration.ofSeconds(20));
      }
      assertArrayEquals(kept, records.iterator().next().value());
    }
  }

  private static long send(String topic, byte[] value) throws Exception {
    return send(topic, value, "none");
  }

  private static long send(String topic, byte[] value, String compression) throws Exception {
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers",
            kafka.bootstrapServers(),
            "max.request.size",
            8 << 20,
            "compression.type",
            compression);
    try (var producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      return producer.send(new ProducerRecord<>(topic, 0, null, value)).get().offset();
    }
  }
}
