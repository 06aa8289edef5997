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
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/// Sends commands to the clusters of the systems that run them, and tells honestly whether a
/// cluster may have one that was not acknowledged.
@ApplicationScoped
class CommandProducers {

  private static final Logger LOG = Logger.getLogger(CommandProducers.class);
  private static final Duration REQUEST = Duration.ofSeconds(3);
  // How long a command may wait for its broker once it is queued: no longer than a reading may be
  // old by then.
  private static final Duration DELIVERY = Duration.ofSeconds(5);
  // From the last look until its thread hands it to the producer. Where that one's buffer is full,
  // it waits for room after that, as long as for its topic (`max.block.ms`).
  private static final Duration LOOK_IS_FRESH = Duration.ofSeconds(1);
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

  /// @param making done once, by whoever comes first
  private record Held(
      Map<String, Object> connection, FutureTask<KafkaProducer<byte[], byte[]>> making) {

    /// Waits until it is made.
    void close(Duration within) {
      try {
        making.get().close(within);
      } catch (ExecutionException e) {
        // There is none, and whoever wanted it was told so.
        LOG.debugf(e, "No producer to close");
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  // Brokers that are away hold their own commands up, and nobody else's work. No more of these wait
  // than executions are under way.
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("commands-", 0).factory());
  private final Vertx vertx;
  private final Clusters clusters;
  private final Duration toFindTheTopic;
  private final LongSupplier nanoTime;
  private final Map<KafkaCluster, Held> held = new HashMap<>();

  @Inject
  CommandProducers(
      Vertx vertx,
      Clusters clusters,
      @ConfigProperty(name = "countersign.executor.find-topic") Duration toFindTheTopic) {
    this(vertx, clusters, toFindTheTopic, System::nanoTime);
  }

  CommandProducers(Vertx vertx, Clusters clusters, Duration toFindTheTopic, LongSupplier nanoTime) {
    this.vertx = vertx;
    this.clusters = clusters;
    this.toFindTheTopic = toFindTheTopic;
    this.nanoTime = nanoTime;
  }

  private record Looked(Optional<Outcome> no, long at) {}

  /// Either what sends, or what came of looking for it.
  private sealed interface Ready {
    record By(KafkaProducer<byte[], byte[]> producer) implements Ready {}

    record No(Sent why) implements Ready {}
  }

  /// @param look asked when the topic is known and nothing has been sent
  Future<Sent> send(KafkaCluster cluster, ProducerRecord<byte[], byte[]> command, LastLook look) {
    // Files are read, and the brokers are asked for the topic.
    return blocking(() -> ready(cluster, command.topic()))
        .compose(ready ->
            switch (ready) {
              case Ready.No it -> Future.succeededFuture(it.why);
              case Ready.By it ->
                  lookThenSend(it.producer, command, look)
                      .compose(sent ->
                          sent.isPresent()
                              ? Future.succeededFuture(sent)
                              : lookThenSend(it.producer, command, look))
                      .map(sent -> sent.orElseGet(() -> new Sent.Not(heldUp())));
            })
        // No thread was left for it, so nothing was sent.
        .recover(failure ->
            failure instanceof RejectedExecutionException
                ? Future.succeededFuture(new Sent.Not(closing()))
                : Future.failedFuture(failure));
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

  /// Empty where it was held up after the look: nothing was sent.
  private Future<Optional<Sent>> lookThenSend(
      KafkaProducer<byte[], byte[]> producer,
      ProducerRecord<byte[], byte[]> command,
      LastLook look) {
    return Future.fromCompletionStage(
            look.now().map(no -> new Looked(no, nanoTime.getAsLong())).subscribeAsCompletionStage(),
            vertx.getOrCreateContext())
        // `send` blocks where its buffer is full.
        .compose(looked -> blocking(() -> sendWhileFresh(looked, producer, command)))
        .compose(sent -> sent);
  }

  private Future<Optional<Sent>> sendWhileFresh(
      Looked looked,
      KafkaProducer<byte[], byte[]> producer,
      ProducerRecord<byte[], byte[]> command) {
    if (looked.no.isPresent()) {
      return Future.succeededFuture(Optional.of(new Sent.Not(looked.no.get())));
    }
    return nanoTime.getAsLong() - looked.at > LOOK_IS_FRESH.toNanos()
        ? Future.succeededFuture(Optional.empty())
        : send(producer, command).map(Optional::of);
  }

  private <T> Future<T> blocking(Supplier<T> work) {
    CompletableFuture<T> done;
    try {
      done = CompletableFuture.supplyAsync(work, threads);
    } catch (RejectedExecutionException e) {
      return Future.failedFuture(e);
    }
    return Future.fromCompletionStage(done, vertx.getOrCreateContext());
  }

  private static Outcome closing() {
    return Outcome.failed(
        "executor-busy",
        "The executor was being stopped before it could send it; nothing was sent. Propose it anew.");
  }

  private static Outcome heldUp() {
    return Outcome.failed(
        "executor-busy",
        "The executor was held up, twice, between asking once more whether it may still be run and"
            + " sending it; nothing was sent. Propose it anew.");
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

  /// Making one reads files and looks for its brokers, so nobody waits for it who has no need of
  /// it.
  private KafkaProducer<byte[], byte[]> producer(
      KafkaCluster cluster, Map<String, Object> connection) {
    Held one = held(cluster, connection);
    one.making.run();
    try {
      return one.making.get();
    } catch (ExecutionException e) {
      forget(cluster, one);
      throw e.getCause() instanceof KafkaException why ? why : new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private synchronized Held held(KafkaCluster cluster, Map<String, Object> connection) {
    Held known = held.get(cluster);
    if (known != null && known.connection.equals(connection)) {
      return known;
    }
    Held one = new Held(connection, new FutureTask<>(() -> make(connection)));
    held.put(cluster, one);
    if (known != null) {
      closeSoon(known);
    }
    return one;
  }

  private synchronized void forget(KafkaCluster cluster, Held one) {
    held.remove(cluster, one);
  }

  private KafkaProducer<byte[], byte[]> make(Map<String, Object> connection) {
    Map<String, Object> config = new HashMap<>(connection);
    config.put(ProducerConfig.ACKS_CONFIG, "all");
    config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    config.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    config.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, LARGEST);
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, toFindTheTopic.toMillis());
    config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) REQUEST.toMillis());
    config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) DELIVERY.toMillis());
    return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
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
    Thread.ofVirtual().start(() -> old.close(DELIVERY));
  }

  @PreDestroy
  synchronized void close() {
    held.values().stream()
        .filter(each -> each.making.isDone())
        .forEach(each -> each.close(Duration.ofSeconds(2)));
    held.clear();
    threads.shutdown();
  }
}
