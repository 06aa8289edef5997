package dev.countersign.executor.outbound;

import dev.countersign.executor.application.Clusters;
import dev.countersign.executor.application.LastLook;
import dev.countersign.executor.domain.KafkaCluster;
import dev.countersign.executor.domain.Outcome;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/// Sends commands to the clusters of the systems that run them, and tells honestly whether a
/// cluster may have one that was not acknowledged.
@ApplicationScoped
class CommandProducers {

  private static final Duration REQUEST = Duration.ofSeconds(3);
  // How long a command may wait for its broker after the last look: no longer than a reading may be
  // old by then.
  private static final Duration DELIVERY = Duration.ofSeconds(5);
  private static final int LARGEST = 1024 * 1024;

  /// What became of a command.
  sealed interface Sent {
    /// All in-sync replicas have it.
    record Acknowledged() implements Sent {}

    /// It was not handed to the cluster.
    record Never(String why) implements Sent {}

    /// It was not to be sent any more.
    record Not(Outcome why) implements Sent {}

    /// The cluster may have it.
    record Perhaps() implements Sent {}

    /// How to connect is not where the operator said.
    record NoConnection() implements Sent {}
  }

  private record Held(Map<String, Object> connection, KafkaProducer<byte[], byte[]> producer) {}

  private final Vertx vertx;
  private final Clusters clusters;
  private final Duration toFindTheTopic;
  private final Map<KafkaCluster, Held> held = new HashMap<>();

  @Inject
  CommandProducers(
      Vertx vertx,
      Clusters clusters,
      @ConfigProperty(name = "countersign.executor.find-topic") Duration toFindTheTopic) {
    this.vertx = vertx;
    this.clusters = clusters;
    this.toFindTheTopic = toFindTheTopic;
  }

  /// Either what sends, or what came of looking for it.
  private sealed interface Ready {
    record By(KafkaProducer<byte[], byte[]> producer) implements Ready {}

    record No(Sent why) implements Ready {}
  }

  /// @param look asked when the topic is known and nothing has been sent
  Future<Sent> send(KafkaCluster cluster, ProducerRecord<byte[], byte[]> command, LastLook look) {
    // Files are read, and the brokers are asked for the topic.
    return vertx
        .executeBlocking(() -> ready(cluster, command.topic()), false)
        .compose(ready ->
            switch (Objects.requireNonNull(ready)) {
              case Ready.No it -> Future.succeededFuture(it.why);
              case Ready.By it -> lookThenSend(it.producer, command, look);
            });
  }

  private Ready ready(KafkaCluster cluster, String topic) {
    Optional<Map<String, Object>> connection = clusters.find(cluster);
    if (connection.isEmpty()) {
      return new Ready.No(new Sent.NoConnection());
    }
    try {
      KafkaProducer<byte[], byte[]> producer = producer(cluster, connection.get());
      // Else `send` would wait for the brokers after the last look.
      producer.partitionsFor(topic);
      return new Ready.By(producer);
    } catch (KafkaException | IllegalStateException e) {
      // Its bootstrap or security is no good, or there is no such topic, or nobody to ask.
      return new Ready.No(new Sent.Never(e.getClass().getSimpleName()));
    }
  }

  private Future<Sent> lookThenSend(
      KafkaProducer<byte[], byte[]> producer,
      ProducerRecord<byte[], byte[]> command,
      LastLook look) {
    return Future.fromCompletionStage(look.now().subscribeAsCompletionStage())
        .compose(no ->
            no.isPresent()
                ? Future.succeededFuture(new Sent.Not(no.get()))
                // `send` blocks where its buffer is full.
                : vertx
                    .executeBlocking(() -> send(producer, command), false)
                    .compose(sent -> Objects.requireNonNull(sent)));
  }

  private static Future<Sent> send(
      KafkaProducer<byte[], byte[]> producer, ProducerRecord<byte[], byte[]> command) {
    Promise<Sent> sent = Promise.promise();
    Thread caller = Thread.currentThread();
    try {
      var _ =
          producer.send(
              command,
              (_, failure) -> {
                if (failure == null) {
                  sent.complete(new Sent.Acknowledged());
                } else if (Thread.currentThread() == caller
                    || failure instanceof RecordTooLargeException) {
                  // Told by `send` itself, before the record was queued; or refused for its size,
                  // which no other try can have passed.
                  sent.complete(new Sent.Never(failure.getClass().getSimpleName()));
                } else {
                  sent.complete(new Sent.Perhaps());
                }
              });
    } catch (KafkaException | IllegalStateException e) {
      sent.tryComplete(new Sent.Never(e.getClass().getSimpleName()));
    }
    return sent.future();
  }

  private synchronized KafkaProducer<byte[], byte[]> producer(
      KafkaCluster cluster, Map<String, Object> connection) {
    Held known = held.get(cluster);
    if (known != null && known.connection.equals(connection)) {
      return known.producer;
    }
    Map<String, Object> config = new HashMap<>(connection);
    config.put(ProducerConfig.ACKS_CONFIG, "all");
    config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    config.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    config.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, LARGEST);
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, toFindTheTopic.toMillis());
    config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) REQUEST.toMillis());
    config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) DELIVERY.toMillis());
    KafkaProducer<byte[], byte[]> made =
        new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
    held.put(cluster, new Held(connection, made));
    if (known != null) {
      closeSoon(known);
    }
    return made;
  }

  /// Lets go of the clusters that no connector names any more.
  synchronized void keepOnly(Set<KafkaCluster> named) {
    Iterator<Map.Entry<KafkaCluster, Held>> known = held.entrySet().iterator();
    while (known.hasNext()) {
      Map.Entry<KafkaCluster, Held> each = known.next();
      if (!named.contains(each.getKey())) {
        known.remove();
        closeSoon(each.getValue());
      }
    }
  }

  /// What it has under way goes out first.
  private static void closeSoon(Held old) {
    Thread.ofVirtual().start(() -> old.producer.close(DELIVERY));
  }

  @PreDestroy
  synchronized void close() {
    held.values().forEach(each -> each.producer.close(Duration.ofSeconds(2)));
    held.clear();
  }
}
