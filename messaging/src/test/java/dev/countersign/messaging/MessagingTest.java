package dev.countersign.messaging;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.events.ActionId;
import dev.countersign.events.Decision;
import dev.countersign.events.EventJson;
import dev.countersign.events.Expired;
import dev.countersign.events.Reason;
import dev.countersign.events.Topics;
import dev.countersign.testservers.Servers;
import dev.countersign.testservers.Wire;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.function.DoublePredicate;
import java.util.function.Predicate;
import javax.sql.DataSource;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.security.plain.PlainLoginModule;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The way in and the way out, with a real broker and a real database.
@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
class MessagingTest {

  private static final String TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  private static final Duration PATIENCE = Duration.ofSeconds(150);

  @ConfigProperty(name = "kafka.bootstrap.servers")
  String bootstrapServers;

  @Inject DataSource database;

  @Inject Relay relay;

  private KafkaProducer<byte[], byte[]> producer;
  private KafkaConsumer<byte[], byte[]> consumer;
  private final List<ConsumerRecord<byte[], byte[]>> heard = new ArrayList<>();

  @BeforeEach
  void connect() {
    Map<String, Object> settings = Map.of("bootstrap.servers", bootstrapServers);
    producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    List<TopicPartition> partitions = new ArrayList<>();
    for (String topic : List.of(Topics.DECISION, Topics.DEAD_LETTER)) {
      consumer
          .partitionsFor(topic)
          .forEach(each -> partitions.add(new TopicPartition(topic, each.partition())));
    }
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  @AfterEach
  void disconnect() {
    producer.close();
    consumer.close();
  }

  @Test
  void whatIsHeardIsSaidAgainOnceWithItsTrace() {
    ActionId id = send("fine");
    ConsumerRecord<byte[], byte[]> said = awaitOn(Topics.DECISION, id);
    assertEquals(TRACE, Envelope.header(said, "traceparent"));
    assertEquals(TRACE, Envelope.header(said, "ce_traceparent"));
    assertEquals("1.0", Envelope.header(said, "ce_specversion"));
    assertEquals("countersign.decision.v1", Envelope.header(said, "ce_type"));
    assertEquals("urn:countersign:probe", Envelope.header(said, "ce_source"));
    assertEquals(id.toString(), Envelope.header(said, "ce_subject"));
    assertEquals("application/json", Envelope.header(said, "content-type"));
    assertNotNull(Envelope.header(said, "ce_id"));
    assertEquals(id, EventJson.read(said.value(), Decision.class).actionId());
    // Had it stayed in the outbox, it would have gone out once more with these.
    for (String next : List.of("next", "last")) {
      send(id, next);
      await(() -> next + " of " + id, record -> isDecision(record, id, next));
    }
    assertEquals(3, count(Topics.DECISION, id));
  }

  private static boolean isDecision(
      ConsumerRecord<byte[], byte[]> record, ActionId id, String code) {
    return record.topic().equals(Topics.DECISION)
        && keyOf(record).equals(id.toString())
        && Objects.requireNonNull(EventJson.read(record.value(), Decision.class).reason())
            .code()
            .equals(code);
  }

  @Test
  void aStructuredCloudEventIsAsGoodAsABinaryOne() {
    ActionId id = new ActionId(UUID.randomUUID());
    String event =
        """
        {"specversion":"1.0","id":"1","source":"urn:test","type":"countersign.expired.v1",
         "data": %s ,"traceparent":"%s"}
        """
            .formatted(new String(expired(id, "fine"), StandardCharsets.UTF_8), TRACE);
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(Topics.EXPIRED, utf8(id.toString()), utf8(event));
    record.headers().add("content-type", utf8("application/cloudevents+json; charset=UTF-8"));
    var _ = producer.send(record);
    assertEquals(TRACE, Envelope.header(awaitOn(Topics.DECISION, id), "traceparent"));
  }

  /// Whoever proposed in a transaction and aborted it has proposed nothing.
  @Test
  void whatAnAbortedTransactionWroteIsNotHeard() throws Exception {
    ActionId id = new ActionId(UUID.randomUUID());
    try (var transactional = Wire.beginTransaction(bootstrapServers, id.toString())) {
      transactional.send(record(id, "aborted")).get();
      transactional.abortTransaction();
    }
    send(id, "fine");
    Decision said = EventJson.read(awaitOn(Topics.DECISION, id).value(), Decision.class);
    assertEquals("fine", Objects.requireNonNull(said.reason()).code());
  }

  /// The broker takes no SASL, so that the connection ends as with a password that is wrong.
  @Test
  void aProducerThatTheBrokerTurnedAwayIsFollowedByAnother() throws Exception {
    ActionId id = new ActionId(UUID.randomUUID());
    List<ProducerRecord<byte[], byte[]>> records =
        List.of(new ProducerRecord<>(Topics.DECISION, utf8(id.toString()), utf8("{}")));
    Map<String, Object> connection = new HashMap<>();
    connection.put("bootstrap.servers", bootstrapServers);
    connection.put("security.protocol", "SASL_PLAINTEXT");
    connection.put("sasl.mechanism", "PLAIN");
    connection.put(
        "sasl.jaas.config",
        PlainLoginModule.class.getName() + " required username=\"a\" password=\"b\";");
    Publisher publisher = new Publisher(connection);
    ExecutionException turnedAway =
        assertThrows(ExecutionException.class, () -> publisher.publish(records));
    assertInstanceOf(AuthenticationException.class, turnedAway.getCause());

    connection.put("security.protocol", "PLAINTEXT");
    publisher.publish(records);
    publisher.close();
    assertNotNull(awaitOn(Topics.DECISION, id));
  }

  @Test
  void aPoisonedRecordStandsAloneOnDeadLetterAndBlocksNobody() {
    List<ActionId> good = new ArrayList<>();
    ActionId refusedByTheDatabase = new ActionId(new UUID(0, 0));
    ActionId bug = new ActionId(new UUID(0, 0));
    for (int i = 0; i < 40; i++) {
      if (i == 13) {
        refusedByTheDatabase = send("poison");
      } else if (i == 27) {
        bug = send("bug");
      } else {
        good.add(send("fine"));
      }
    }
    good.forEach(id -> awaitOn(Topics.DECISION, id));
    ConsumerRecord<byte[], byte[]> letter = awaitOn(Topics.DEAD_LETTER, refusedByTheDatabase);
    assertEquals("handler-failed", Envelope.header(letter, "dl_reason"));
    assertEquals("handler-failed", Envelope.header(awaitOn(Topics.DEAD_LETTER, bug), "dl_reason"));
  }

  @Test
  void whatCannotBeSentHoldsBackWhatComesAfterIt() {
    ActionId id = new ActionId(UUID.randomUUID());
    Publisher publisher =
        new Publisher(Map.of("bootstrap.servers", bootstrapServers, "max.block.ms", 1_000));
    List<ProducerRecord<byte[], byte[]>> records =
        List.of(
            new ProducerRecord<>("no-such-topic", utf8("first")),
            new ProducerRecord<>(Topics.DECISION, utf8(id.toString()), utf8("second")));
    assertThrows(ExecutionException.class, () -> publisher.publish(records));
    publisher.close();
    var _ =
        producer.send(new ProducerRecord<>(Topics.DECISION, utf8(id.toString()), utf8("later")));
    assertArrayEquals(utf8("later"), awaitOn(Topics.DECISION, id).value());
  }

  @Test
  void whatTheBrokerDoesNotTakeIsOnTheGaugeUntilItDoes() throws Exception {
    String topic = "made-later-" + UUID.randomUUID();
    try (Connection connection = database.getConnection();
        PreparedStatement insert =
            connection.prepareStatement("insert into outbox (topic, headers) values (?, '[]')")) {
      insert.setString(1, topic);
      insert.executeUpdate();
    }
    awaitStuck(seconds -> seconds > 1);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
      admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
    }
    awaitStuck(seconds -> seconds == 0);
  }

  private void awaitStuck(DoublePredicate as) throws InterruptedException {
    Instant until = Instant.now().plus(PATIENCE);
    while (!as.test(relay.stuckSeconds())) {
      assertTrue(Instant.now().isBefore(until), () -> "stuck for " + relay.stuckSeconds() + " s");
      Thread.sleep(20);
    }
  }

  @Test
  void aDeadLetterIsByteForByteWhatCame() {
    byte[] value = {(byte) 0xff, 0, '{', (byte) 0xc3};
    ActionId id = new ActionId(UUID.randomUUID());
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(Topics.EXPIRED, utf8(id.toString()), value);
    record.headers().add("twice", utf8("a")).add("twice", utf8("b")).add("none", null);
    var _ = producer.send(record);
    ConsumerRecord<byte[], byte[]> letter = awaitOn(Topics.DEAD_LETTER, id);
    assertArrayEquals(value, letter.value());
    List<String> twice = new ArrayList<>();
    letter
        .headers()
        .headers("twice")
        .forEach(header -> twice.add(new String(header.value(), StandardCharsets.UTF_8)));
    assertEquals(List.of("a", "b"), twice);
    assertEquals("envelope", Envelope.header(letter, "dl_reason"));
    assertEquals(Topics.EXPIRED, Envelope.header(letter, "dl_topic"));
    assertNotNull(Envelope.header(letter, "dl_offset"));
    assertNotNull(Envelope.header(letter, "dl_detail"));
  }

  @Test
  void aHeaderWithANameThatTextCanNotHoldIsKeptAllTheSame() {
    ActionId id = new ActionId(UUID.randomUUID());
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(Topics.EXPIRED, utf8(id.toString()), utf8("no event"));
    record.headers().add("nul\0", new byte[] {0});
    var _ = producer.send(record);
    ConsumerRecord<byte[], byte[]> letter = awaitOn(Topics.DEAD_LETTER, id);
    assertArrayEquals(new byte[] {0}, letter.headers().lastHeader("nul\0").value());
  }

  @Test
  void aDeadLetterThatTheDatabaseRefusesIsStoredWithLessAndNothingStops() {
    ActionId headless = new ActionId(UUID.randomUUID());
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(Topics.EXPIRED, utf8(headless.toString()), utf8("no event"));
    record.headers().add("refused", utf8("x"));
    var _ = producer.send(record);
    String refused = UUID.randomUUID().toString();
    record = new ProducerRecord<>(Topics.EXPIRED, utf8(refused), utf8("refused"));
    record.headers().add("h", utf8("x"));
    RecordMetadata where = sent(record);
    ActionId other = new ActionId(UUID.randomUUID());
    var _ = producer.send(new ProducerRecord<>(Topics.EXPIRED, utf8(other.toString()), utf8("{")));
    ActionId good = send("fine");

    ConsumerRecord<byte[], byte[]> letter = awaitOn(Topics.DEAD_LETTER, headless);
    assertArrayEquals(utf8("no event"), letter.value());
    assertNull(letter.headers().lastHeader("refused"));
    assertNotNull(Envelope.header(letter, "dl_offset"));
    ConsumerRecord<byte[], byte[]> found =
        await(
            () -> "where " + refused + " is",
            each ->
                each.topic().equals(Topics.DEAD_LETTER)
                    && each.value() == null
                    && Long.toString(where.offset()).equals(Envelope.header(each, "dl_offset"))
                    && Integer.toString(where.partition())
                        .equals(Envelope.header(each, "dl_partition")));
    assertNull(found.key());
    assertEquals("envelope", Envelope.header(found, "dl_reason"));
    awaitOn(Topics.DEAD_LETTER, other);
    awaitOn(Topics.DECISION, good);
    assertEquals(0, count(Topics.DEAD_LETTER, good));
  }

  private RecordMetadata sent(ProducerRecord<byte[], byte[]> record) {
    try {
      return producer.send(record).get();
    } catch (InterruptedException | ExecutionException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whatIsAwayIsWaitedForAndNothingIsPutAside() {
    ProbeListener.AWAY.set(4);
    ActionId id = send("fine");
    awaitOn(Topics.DECISION, id);
    assertEquals(0, count(Topics.DEAD_LETTER, id));
    assertEquals(0, ProbeListener.AWAY.get());
  }

  @Test
  void recordsThatEachWaitForSomethingElseWaitTogether() {
    List<ActionId> ids = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      ids.add(send("asks"));
    }
    // One after the other, with the pauses between two tries, they would take minutes.
    ids.forEach(id -> awaitOn(Topics.DECISION, id));
  }

  @Test
  void orderPerActionIsKept() {
    ActionId id = new ActionId(UUID.randomUUID());
    for (int i = 0; i < 300; i++) {
      send(id, "step-" + i);
    }
    List<String> steps = new ArrayList<>();
    await(
        () -> "300 decisions of " + id,
        record -> {
          if (record.topic().equals(Topics.DECISION) && keyOf(record).equals(id.toString())) {
            var reason = EventJson.read(record.value(), Decision.class).reason();
            steps.add(reason == null ? "" : reason.code());
          }
          return steps.size() == 300;
        });
    for (int i = 0; i < 300; i++) {
      assertEquals("step-" + i, steps.get(i));
    }
  }

  @Test
  void deadLettersOfMoreBytesThanOneRoundTakesAllArriveInOrder() {
    ActionId id = new ActionId(UUID.randomUUID());
    for (int i = 0; i < 20; i++) {
      byte[] value = new byte[900_000];
      value[0] = (byte) i;
      var _ = producer.send(new ProducerRecord<>(Topics.EXPIRED, utf8(id.toString()), value));
    }
    List<Integer> letters = new ArrayList<>();
    await(
        () -> "20 dead letters of " + id,
        record -> {
          if (record.topic().equals(Topics.DEAD_LETTER) && keyOf(record).equals(id.toString())) {
            letters.add((int) record.value()[0]);
          }
          return letters.size() == 20;
        });
    for (int i = 0; i < 20; i++) {
      assertEquals(i, letters.get(i));
    }
  }

  private ActionId send(String code) {
    ActionId id = new ActionId(UUID.randomUUID());
    send(id, code);
    return id;
  }

  private void send(ActionId id, String code) {
    var _ = producer.send(record(id, code));
  }

  private static ProducerRecord<byte[], byte[]> record(ActionId id, String code) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(Topics.EXPIRED, utf8(id.toString()), expired(id, code));
    record
        .headers()
        .add("ce_specversion", utf8("1.0"))
        .add("ce_id", utf8(UUID.randomUUID().toString()))
        .add("ce_source", utf8("urn:test"))
        .add("ce_type", utf8("countersign.expired.v1"))
        .add("traceparent", utf8(TRACE));
    return record;
  }

  private static byte[] expired(ActionId id, String code) {
    return EventJson.write(new Expired(id, Instant.EPOCH, new Reason(code, "said so")));
  }

  private ConsumerRecord<byte[], byte[]> awaitOn(String topic, ActionId id) {
    return await(
        () -> topic + " of " + id,
        record -> record.topic().equals(topic) && keyOf(record).equals(id.toString()));
  }

  private long count(String topic, ActionId id) {
    return heard.stream()
        .filter(record -> record.topic().equals(topic) && keyOf(record).equals(id.toString()))
        .count();
  }

  private ConsumerRecord<byte[], byte[]> await(
      java.util.function.Supplier<String> what, Predicate<ConsumerRecord<byte[], byte[]>> fits) {
    for (ConsumerRecord<byte[], byte[]> record : heard) {
      if (fits.test(record)) {
        return record;
      }
    }
    long until = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < until) {
      ConsumerRecord<byte[], byte[]> found = null;
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
        heard.add(record);
        found = found == null && fits.test(record) ? record : found;
      }
      if (found != null) {
        return found;
      }
    }
    throw new AssertionError("not within " + PATIENCE + ": " + what.get());
  }

  private static String keyOf(ConsumerRecord<byte[], byte[]> record) {
    return record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
