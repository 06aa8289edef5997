package dev.countersign.executor;

import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.countersign.events.Topics;
import dev.countersign.messaging.Backlog;
import dev.countersign.messaging.Epochs;
import dev.countersign.messaging.OwnContext;
import dev.countersign.messaging.Positions;
import dev.countersign.messaging.Unavailable;
import dev.countersign.testservers.Servers;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What a process has to catch up with, of a topic that nothing here reads: so it is this test that
/// says how far it was read.
@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = Outside.class, scope = TestResourceScope.GLOBAL)
@SuppressWarnings("NullAway.Init") // injected
class BacklogTest {

  private static final String TOPIC = Topics.TICKET_OPENED;

  @ConfigProperty(name = "kafka.bootstrap.servers")
  String bootstrapServers;

  @Inject DataSource database;
  @Inject Positions positions;
  @Inject Epochs epochs;
  @Inject Vertx vertx;

  @AfterEach
  void forget() throws Exception {
    sql("delete from read_up_to where topic = '" + TOPIC + "'");
  }

  @Test
  void whatStoodThereIsRequiredAndNothingThatCameSince() throws Exception {
    RecordMetadata last = send();
    Backlog backlog = backlog(TOPIC);
    assertThrows(Unavailable.class, () -> require(backlog), "nothing is read");
    RecordMetadata since = send();

    read(last.partition(), last.offset());
    assertThrows(Unavailable.class, () -> require(backlog), "all but one is read");
    read(last.partition(), last.offset() + 1);
    require(backlog);

    read(last.partition(), 0);
    require(backlog);
    assertThrows(Unavailable.class, () -> require(backlog(TOPIC)), "another start asks anew");
    read(since.partition(), since.offset() + 1);
    require(backlog(TOPIC));
  }

  @Test
  void aTopicThatIsNotThereHoldsNothingUp() {
    require(backlog("never-" + UUID.randomUUID()));
  }

  private Backlog backlog(String topic) {
    return new Backlog(topic, positions, epochs, vertx);
  }

  private void require(Backlog backlog) {
    Uni.createFrom()
        .deferred(backlog::requireHandled)
        .runSubscriptionOn(OwnContext.of(vertx.getOrCreateContext()))
        .await()
        .atMost(Duration.ofMinutes(1));
  }

  private RecordMetadata send() throws Exception {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrapServers),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      return producer
          .send(new ProducerRecord<>(TOPIC, 0, null, "{}".getBytes(StandardCharsets.UTF_8)))
          .get();
    }
  }

  private void read(int partition, long next) throws SQLException {
    sql(
        """
        insert into read_up_to (topic, partition, next) values ('%s', %d, %d)
        on conflict (topic, partition) do update set next = excluded.next
        """
            .formatted(TOPIC, partition, next));
  }

  private void sql(String statement) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement prepared = connection.createStatement()) {
      prepared.executeUpdate(statement);
    }
  }
}
