package dev.countersign.executor.inbound;

import static dev.countersign.testservers.Wire.beginTransaction;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.events.Tool;
import dev.countersign.executor.Outside;
import dev.countersign.executor.Wire;
import dev.countersign.executor.application.AwaitReplies;
import dev.countersign.executor.application.TakeReplies;
import dev.countersign.executor.application.UnreadReplies;
import dev.countersign.executor.domain.Connectors;
import dev.countersign.executor.domain.Floor;
import dev.countersign.executor.domain.KafkaCluster;
import dev.countersign.executor.domain.KafkaConnector;
import dev.countersign.messaging.Inbox;
import dev.countersign.testservers.Servers;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = Outside.class, scope = TestResourceScope.GLOBAL)
@SuppressWarnings("NullAway.Init") // injected
class ReplyConsumerTest {

  @ConfigProperty(name = "kafka.bootstrap.servers")
  String bootstrapServers;

  @ConfigProperty(name = "mp.messaging.connector.smallrye-kafka.session.timeout.ms")
  int session;

  @ConfigProperty(name = "mp.messaging.connector.smallrye-kafka.heartbeat.interval.ms")
  int heartbeat;

  @Inject Inbox inbox;
  @Inject TakeReplies take;
  @Inject AwaitReplies await;
  @Inject Vertx vertx;

  @Test
  void whatCannotBeReadIsTriedAgainMoreAndMoreSeldom() {
    List<Long> seconds = new ArrayList<>();
    ReplyConsumer.Barred barred = null;
    long now = 5;
    for (int i = 0; i < 7; i++) {
      barred = ReplyConsumer.Barred.next(barred, now);
      seconds.add(barred.pause().toSeconds());
      now += barred.pause().toNanos();
      assertFalse(barred.isOver(now));
      assertSame(barred, ReplyConsumer.Barred.next(barred, now), "tried by another");
      now++;
      assertTrue(barred.isOver(now));
    }
    assertEquals(List.of(30L, 60L, 120L, 240L, 480L, 600L, 600L), seconds);
  }

  @Test
  void afterAKillOutcomesLieStillNoLongerThanAnythingElse() {
    Map<String, Object> config =
        new ReplyConsumer(Map.of(), "test", Set::of, _ -> Uni.createFrom().voidItem()).config();

    assertEquals(session, config.get("session.timeout.ms"));
    assertEquals(heartbeat, config.get("heartbeat.interval.ms"));
  }

  /// As where an operator has raised `group.min.session.timeout.ms`: out of the brokers' bounds.
  @Test
  void whereTheBrokersTakeNoSuchSessionOutcomesAreReadByKafkasOwn() throws Exception {
    String topic = "outcomes-" + UUID.randomUUID();
    Map<String, Object> connection = Map.of("bootstrap.servers", bootstrapServers);
    try (Admin admin = Admin.create(connection)) {
      admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
    }
    ReplyConsumer consumer =
        new ReplyConsumer(
            connection,
            topic,
            () -> Set.of(topic),
            _ -> Uni.createFrom().voidItem(),
            Duration.ofHours(1));

    consumer.start();
    try {
      Wire.await("that all is read", consumer::hasCaughtUp);
    } finally {
      consumer.close();
    }
    assertNull(consumer.config().get("session.timeout.ms"));
  }

  @Test
  void whoeverIsStoppedHasLeftTheGroupThatOthersReadOnIn() throws Exception {
    String name = "left-" + UUID.randomUUID();
    Map<String, Object> connection = Map.of("bootstrap.servers", bootstrapServers);
    UnreadReplies unread = new UnreadReplies();
    assertTrue(unread.mayBe());
    ReplyListener listener = listener(name, unread, () -> Optional.of(connection));
    try (Admin admin = Admin.create(connection)) {
      admin.createTopics(List.of(new NewTopic(name + "-outcomes", 1, (short) 1))).all().get();
      Set<Thread> others = reading();
      listener.onStart(new StartupEvent());
      try {
        Wire.await("that it reads", () -> members(admin, name + "-outcomes") == 1);
        Wire.await("that it has read all that was there", () -> !unread.mayBe());
      } finally {
        listener.onStop(new ShutdownEvent());
      }
      // Asked for its members a broker takes longer than a member that is about to leave anyway.
      assertTrue(others.containsAll(reading()));
      assertEquals(0, members(admin, name + "-outcomes"));
    }
  }

  @Test
  void whatLiesOnAClusterWhoseFileIsNotThereYetIsUnread() throws Exception {
    String name = "later-" + UUID.randomUUID();
    Map<String, Object> connection = Map.of("bootstrap.servers", bootstrapServers);
    UnreadReplies unread = new UnreadReplies();
    AtomicInteger looks = new AtomicInteger();
    AtomicReference<Optional<Map<String, Object>>> file = new AtomicReference<>(Optional.empty());
    ReplyListener listener =
        listener(
            name,
            unread,
            () -> {
              looks.incrementAndGet();
              return file.get();
            });
    try (Admin admin = Admin.create(connection)) {
      admin.createTopics(List.of(new NewTopic(name + "-outcomes", 1, (short) 1))).all().get();
      listener.onStart(new StartupEvent());
      try {
        // The one before has come to its end then.
        Wire.await("that it looks again", () -> looks.get() > 1);
        assertTrue(unread.mayBe());
        file.set(Optional.of(connection));
        Wire.await("that it has read all that was there", () -> !unread.mayBe());
      } finally {
        listener.onStop(new ShutdownEvent());
      }
    }
  }

  /// One that awaits outcomes of one command, on `NAME-outcomes`.
  private ReplyListener listener(
      String name, UnreadReplies unread, Supplier<Optional<Map<String, Object>>> connection) {
    Connectors connectors =
        new Connectors(
            Map.of(
                new Tool("test", name),
                new KafkaConnector(
                    KafkaCluster.OWN,
                    name + "-commands",
                    name + "-outcomes",
                    Duration.ofMinutes(1),
                    false,
                    1,
                    Floor.NONE)));
    return new ReplyListener(
        inbox, take, await, unread, () -> connectors, _ -> connection.get(), vertx, name);
  }

  @Test
  void whatLayThereIsReadOnceItIsHandledWhateverFollowsIt() throws Exception {
    String topic = "outcomes-" + UUID.randomUUID();
    Map<String, Object> connection = Map.of("bootstrap.servers", bootstrapServers);
    ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, new byte[] {1});
    try (Admin admin = Admin.create(connection);
        KafkaProducer<byte[], byte[]> producer = beginTransaction(bootstrapServers, topic)) {
      admin.createTopics(List.of(new NewTopic(topic, 2, (short) 1))).all().get();
      producer.send(record).get();
      producer.commitTransaction();
      producer.beginTransaction();
      producer.send(record).get();
      producer.abortTransaction();
    }
    CompletableFuture<Void> handled = new CompletableFuture<>();
    CountDownLatch inHand = new CountDownLatch(1);
    ReplyConsumer consumer =
        new ReplyConsumer(
            connection,
            topic,
            () -> Set.of(topic),
            _ -> {
              inHand.countDown();
              return Uni.createFrom().completionStage(handled);
            });

    consumer.start();
    try {
      Wire.await("that it is in hand", () -> inHand.getCount() == 0);
      assertFalse(consumer.hasCaughtUp());
      handled.complete(null);
      Wire.await("that all is handled", consumer::hasCaughtUp);
    } finally {
      consumer.close();
    }
  }

  /// The threads on which outcomes are read.
  private static Set<Thread> reading() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(each -> each.getName().equals("outcomes"))
        .collect(Collectors.toUnmodifiableSet());
  }

  private static int members(Admin admin, String group) {
    try {
      return admin.describeConsumerGroups(List.of(group)).all().get().values().stream()
          .mapToInt(each -> each.members().size())
          .sum();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof GroupIdNotFoundException) {
        return 0;
      }
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aTopicThatCannotBeReadKeepsNoOthersOutcomesBackAndCountsAsUnread() throws Exception {
    String topic = "outcomes-" + UUID.randomUUID();
    Map<String, Object> connection = Map.of("bootstrap.servers", bootstrapServers);
    List<String> read = new CopyOnWriteArrayList<>();
    ReplyConsumer consumer =
        new ReplyConsumer(
            connection,
            "test-" + UUID.randomUUID(),
            // No broker has such a topic.
            () -> Set.of("..", topic),
            batch -> {
              batch.forEach(each -> read.add(each.topic()));
              return Uni.createFrom().voidItem();
            });
    try (Admin admin = Admin.create(connection);
        KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(connection, new ByteArraySerializer(), new ByteArraySerializer())) {
      admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
      producer.send(new ProducerRecord<>(topic, new byte[] {1})).get();
      consumer.start();
      Wire.await("the other topic's outcome", () -> read.equals(List.of(topic)));
      assertEquals(Set.of(".."), consumer.barred());
      // Before it takes another it has looked how far it has come.
      producer.send(new ProducerRecord<>(topic, new byte[] {2})).get();
      Wire.await("the next one", () -> read.equals(List.of(topic, topic)));
      assertFalse(
          consumer.hasCaughtUp(), "what lies in the one that can't be read nobody has read");
    } finally {
      consumer.close();
    }
  }
}
