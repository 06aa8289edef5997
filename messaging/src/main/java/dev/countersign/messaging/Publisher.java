package dev.countersign.messaging;

import io.smallrye.common.annotation.Identifier;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/// Sends records to Kafka and returns when all are acknowledged by all in-sync replicas. It blocks,
/// for as long as the broker is away: call it from an {@link Elected} task.
@ApplicationScoped
public class Publisher {

  /// In bytes, packed as it goes out.
  static final int LARGEST_RECORD = 4 * 1024 * 1024;

  private static final int LARGEST_BATCH = 128 * 1024;

  private final Map<String, Object> connection;
  private @Nullable KafkaProducer<byte[], byte[]> producer;

  /// @param connection all that is configured as `kafka.…`: the broker's address, and how to prove
  ///   to it who we are
  @Inject
  Publisher(@Identifier("default-kafka-broker") Map<String, Object> connection) {
    this.connection = connection;
  }

  /// Sends these in order. Where one can't even be handed over (no broker tells where to, or it is
  /// too large), those before it may stand on their topics, and those after it do not. What a
  /// broker refuses, others may have overtaken. Where the broker does not believe who we are the
  /// next begins with another producer: one whose first connection was turned away (KAFKA-20237)
  /// waits for ever.
  public void publish(List<ProducerRecord<byte[], byte[]>> records)
      throws InterruptedException, ExecutionException {
    KafkaProducer<byte[], byte[]> to = producer();
    try {
      send(to, records);
    } catch (InterruptedException | ExecutionException | RuntimeException e) {
      if (e instanceof AuthenticationException || e.getCause() instanceof AuthenticationException) {
        leave(to, e);
      }
      throw e;
    }
  }

  private static void send(
      KafkaProducer<byte[], byte[]> to, List<ProducerRecord<byte[], byte[]>> records)
      throws InterruptedException, ExecutionException {
    List<Future<RecordMetadata>> sent = new ArrayList<>(records.size());
    for (ProducerRecord<byte[], byte[]> record : records) {
      Future<RecordMetadata> one = to.send(record);
      if (one.isDone()) {
        // It could not even be put in. None may go out in front of it.
        one.get();
      }
      sent.add(one);
    }
    // All of them at once: most of what a broker does, it does for each request.
    to.flush();
    for (Future<RecordMetadata> each : sent) {
      each.get();
    }
  }

  /// What others send by it at that moment fails, too, and is sent again.
  private void leave(KafkaProducer<byte[], byte[]> failed, Exception why) {
    synchronized (this) {
      if (producer == failed) {
        producer = null;
      }
    }
    try {
      failed.close(Duration.ZERO);
    } catch (RuntimeException e) {
      why.addSuppressed(e);
    }
  }

  private synchronized KafkaProducer<byte[], byte[]> producer() {
    if (producer == null) {
      Map<String, Object> config = new HashMap<>(connection);
      config.put(ProducerConfig.ACKS_CONFIG, "all");
      config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
      // None waits for that long: `publish` sends them off as soon as it has put all in.
      config.put(ProducerConfig.LINGER_MS_CONFIG, 1_000);
      config.put(ProducerConfig.BATCH_SIZE_CONFIG, LARGEST_BATCH);
      config.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, LARGEST_RECORD);
      // The producer waits for a broker that is away: giving up would resend what may already stand
      // on the topic.
      config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Integer.MAX_VALUE);
      producer = new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
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
