package dev.countersign.executor.inbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.executor.Outside;
import dev.countersign.executor.Wire;
import dev.countersign.testservers.Servers;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
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
  void aTopicThatCannotBeReadKeepsNoOthersOutcomesBack() throws Exception {
    String topic = "outcomes-" + UUID.randomUUID();
    Map<String, Object> connection = Map.of("bootstrap.servers", bootstrapServers);
    try (Admin admin = Admin.create(connection);
        KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(connection, new ByteArraySerializer(), new ByteArraySerializer())) {
      admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
      producer.send(new ProducerRecord<>(topic, new byte[] {1})).get();
    }
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

    consumer.start();
    try {
      Wire.await("the other topic's outcome", () -> read.equals(List.of(topic)));
      assertEquals(Set.of(".."), consumer.barred());
    } finally {
      consumer.close();
    }
  }
}
