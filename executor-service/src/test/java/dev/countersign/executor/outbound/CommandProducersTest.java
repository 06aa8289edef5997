package dev.countersign.executor.outbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.countersign.events.Execution;
import dev.countersign.executor.Outside;
import dev.countersign.executor.application.Clusters;
import dev.countersign.executor.application.LastLook;
import dev.countersign.executor.domain.KafkaCluster;
import dev.countersign.testservers.Servers;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = Outside.class, scope = TestResourceScope.GLOBAL)
@SuppressWarnings("NullAway.Init") // injected
class CommandProducersTest {

  @ConfigProperty(name = "kafka.bootstrap.servers")
  String bootstrapServers;

  @Inject CommandProducers producers;
  @Inject Clusters clusters;
  @Inject Vertx vertx;

  @Test
  void aClusterThatNoConnectorNamesAnyMoreIsLetGo() throws Exception {
    String topic = "kept-" + UUID.randomUUID();
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
      admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
    }
    // One that no connector of this file names.
    KafkaCluster cluster = new KafkaCluster(bootstrapServers, null);
    Set<Thread> before = senders();
    assertEquals(new CommandProducers.Sent.Acknowledged(), send(cluster, topic));
    Set<Thread> ours = senders();
    ours.removeAll(before);
    assertEquals(1, ours.size());

    producers.keepOnly(Set.of(KafkaCluster.OWN));

    for (Thread each : ours) {
      each.join(Duration.ofSeconds(30));
      assertFalse(each.isAlive(), each::getName);
    }
    assertEquals(new CommandProducers.Sent.Acknowledged(), send(cluster, topic));
  }

  @Test
  void whatCouldNotBeSentSoonAfterTheLastLookIsNotSent() throws Exception {
    String topic = "late-" + UUID.randomUUID();
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
      admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
      AtomicLong clock = new AtomicLong();
      // Whenever it is asked, more than a second has gone by.
      CommandProducers slow =
          new CommandProducers(
              vertx,
              clusters,
              Duration.ofSeconds(15),
              () -> clock.getAndAdd(Duration.ofMillis(1_001).toNanos()));

      CommandProducers.Sent.Not sent =
          assertInstanceOf(
              CommandProducers.Sent.Not.class,
              Gate.await(
                  slow.send(
                      new KafkaCluster(bootstrapServers, null),
                      new ProducerRecord<>(topic, new byte[] {1}),
                      LastLook.NONE)));
      slow.close();

      assertEquals(Execution.Status.FAILED, sent.why().status());
      TopicPartition partition = new TopicPartition(topic, 0);
      assertEquals(
          0,
          admin
              .listOffsets(Map.of(partition, OffsetSpec.latest()))
              .partitionResult(partition)
              .get()
              .offset());
    }
  }

  @Test
  void whatWasHeldUpOnceIsLookedAtOnceMoreAndSent() throws Exception {
    Iterator<Long> clock = List.of(0L, 1_001L, 1_001L, 1_001L).iterator();
    CommandProducers slow =
        new CommandProducers(
            vertx,
            clusters,
            Duration.ofSeconds(15),
            () -> Duration.ofMillis(clock.next()).toNanos());
    AtomicInteger looks = new AtomicInteger();

    CommandProducers.Sent sent =
        Gate.await(
            slow.send(
                new KafkaCluster(bootstrapServers, null),
                command(),
                () -> LastLook.NONE.now().invoke(looks::incrementAndGet)));
    slow.close();

    assertEquals(new CommandProducers.Sent.Acknowledged(), sent);
    assertEquals(2, looks.get());
  }

  @Test
  void whatTheStopComesBeforeIsNotSent() throws Exception {
    CommandProducers stopped =
        new CommandProducers(vertx, clusters, Duration.ofSeconds(15), System::nanoTime);

    CommandProducers.Sent.Not sent =
        assertInstanceOf(
            CommandProducers.Sent.Not.class,
            Gate.await(
                stopped.send(
                    new KafkaCluster(bootstrapServers, null),
                    command(),
                    () -> LastLook.NONE.now().invoke(stopped::close))));

    assertEquals(Execution.Status.FAILED, sent.why().status());
  }

  private ProducerRecord<byte[], byte[]> command() throws Exception {
    String topic = "soon-" + UUID.randomUUID();
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
      admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
    }
    return new ProducerRecord<>(topic, new byte[] {1});
  }

  private CommandProducers.Sent send(KafkaCluster cluster, String topic) throws Exception {
    return Gate.await(
        producers.send(cluster, new ProducerRecord<>(topic, new byte[] {1}), LastLook.NONE));
  }

  private static Set<Thread> senders() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(each -> each.getName().startsWith("kafka-producer-network-thread"))
        .collect(Collectors.toSet());
  }
}
