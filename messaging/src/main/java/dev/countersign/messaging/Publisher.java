package dev.countersign.messaging;

import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/// Sends records to Kafka and returns when all are acknowledged by all in-sync replicas. It blocks,
/// for as long as the broker is away: call it from an {@link Elected} task.
@ApplicationScoped
public class Publisher {

  private static final int LARGEST_RECORD = 4 * 1024 * 1024;

  private final String bootstrapServers;
  private @Nullable KafkaProducer<byte[], byte[]> producer;

  @Inject
  Publisher(@ConfigProperty(name = "kafka.bootstrap.servers") String bootstrapServers) {
    this.bootstrapServers = bootstrapServers;
  }

  /// Sends these in order.
  public void publish(List<ProducerRecord<byte[], byte[]>> records)
      throws InterruptedException, ExecutionException {
    KafkaProducer<byte[], byte[]> to = producer();
    List<Future<RecordMetadata>> sent = new ArrayList<>(records.size());
    for (ProducerRecord<byte[], byte[]> record : records) {
      sent.add(to.send(record));
    }
    for (Future<RecordMetadata> each : sent) {
      each.get();
    }
  }

  private synchronized KafkaProducer<byte[], byte[]> producer() {
    if (producer == null) {
      producer =
          new KafkaProducer<>(
              Map.of(
                  ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                  bootstrapServers,
                  ProducerConfig.ACKS_CONFIG,
                  "all",
                  ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                  true,
                  ProducerConfig.LINGER_MS_CONFIG,
                  0,
                  ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                  LARGEST_RECORD,
                  // The producer waits for a broker that is away: giving up would resend what may
                  // already stand on the topic.
                  ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                  Integer.MAX_VALUE),
              new ByteArraySerializer(),
              new ByteArraySerializer());
    }
    return producer;
  }

  @PreDestroy
  synchronized void close() {
    if (producer != null) {
      producer.close(Duration.ofSeconds(2));
    }
  }
}
