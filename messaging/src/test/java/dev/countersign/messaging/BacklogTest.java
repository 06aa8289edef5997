package dev.countersign.messaging;

import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.countersign.events.Topics;
import dev.countersign.testservers.Servers;
import dev.countersign.testservers.Wire;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a service has to catch up with, by the positions of a group that this test moves.
@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@SuppressWarnings("NullAway.Init") // injected
class BacklogTest {

  private final String group = "group-" + UUID.randomUUID();

  @ConfigProperty(name = "kafka.bootstrap.servers")
  String bootstrapServers;

  @Inject Instance<NewEpoch> newEpoch;
  @Inject Vertx vertx;

  private Admin admin;
  private KafkaProducer<byte[], byte[]> producer;
  private Positions positions;

  @BeforeEach
  void connect() {
    Map<String, Object> connection = Map.of("bootstrap.servers", bootstrapServers);
    admin = Admin.create(connection);
    producer =
        new KafkaProducer<>(connection, new ByteArraySerializer(), new ByteArraySerializer());
    positions = new Positions(newEpoch, connection, group);
  }

  @AfterEach
  void disconnect() {
    positions.close();
    producer.close();
    admin.close();
  }

  @Test
  void whatStoodThereIsRequiredAndNothingThatCameSince() throws Exception {
    long last = send();
    Backlog backlog = backlog(Topics.TICKET_SEEN);
    assertThrows(Unavailable.class, () -> require(backlog), "nothing is read");
    long since = send();

    commit(last);
    assertThrows(Unavailable.class, () -> require(backlog), "all but one is read");
    commit(last + 1);
    require(backlog);

    commit(0);
    require(backlog);
    assertThrows(
        Unavailable.class, () -> require(backlog(Topics.TICKET_SEEN)), "another start asks anew");
    commit(since + 1);
    require(backlog(Topics.TICKET_SEEN));
  }

  /// It was made anew, or lost its tail: what is there now, nobody has read.
  @Test
  void aPositionBeyondTheEndSaysNothing() throws Exception {
    long last = send();
    commit(last + 100);
    Backlog backlog = backlog(Topics.TICKET_SEEN);
    assertThrows(Unavailable.class, () -> require(backlog));
    commit(last + 1);
    require(backlog);
  }

  @Test
  void aTopicThatIsNotThereHoldsNothingUp() {
    require(backlog("never-" + UUID.randomUUID()));
  }

  /// Nobody reads it before it is committed, and it may never be.
  @Test
  void whatAnOpenTransactionWroteDoesNotStandThereYet() throws Exception {
    long last = send();
    commit(last + 1);
    try (var transactional = Wire.beginTransaction(bootstrapServers, group)) {
      transactional.send(new ProducerRecord<>(Topics.TICKET_SEEN, 0, null, new byte[0])).get();
      require(backlog(Topics.TICKET_SEEN));
      transactional.abortTransaction();
    }
  }

  private Backlog backlog(String topic) {
    return new Backlog(topic, positions, vertx);
  }

  private void require(Backlog backlog) {
    Uni.createFrom()
        .deferred(backlog::requireHandled)
        .runSubscriptionOn(OwnContext.of(vertx.getOrCreateContext()))
        .await()
        .atMost(Duration.ofMinutes(1));
  }

  /// At which offset it is now.
  private long send() throws InterruptedException, ExecutionException {
    byte[] any = "{}".getBytes(StandardCharsets.UTF_8);
    return producer.send(new ProducerRecord<>(Topics.TICKET_SEEN, 0, null, any)).get().offset();
  }

  private void commit(long next) throws InterruptedException, ExecutionException {
    admin
        .alterConsumerGroupOffsets(
            group, Map.of(new TopicPartition(Topics.TICKET_SEEN, 0), new OffsetAndMetadata(next)))
        .all()
        .get();
  }
}
