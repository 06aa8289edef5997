package dev.countersign.audit.application;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.messaging.Elections;
import dev.countersign.testservers.Wire;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.core.Vertx;
import jakarta.enterprise.inject.Vetoed;
import jakarta.inject.Inject;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What was published and is not in the log is noticed. Each test has a topic of its own, which
/// nobody reads but the test.
@QuarkusTest
@TestProfile(Operated.class)
class CompletenessTest extends OperatedLogTest {

  @Inject Vertx vertx;
  @Inject Elections elections;
  @Inject Broker broker;
  @Inject FindCompleteness completeness;

  private Admin admin;
  private String topic;
  private TopicPartition partition;

  @BeforeEach
  void create() throws Exception {
    admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers));
    topic = "test-" + UUID.randomUUID();
    partition = new TopicPartition(topic, 0);
    admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
  }

  @AfterEach
  void close() {
    admin.close();
  }

  @Test
  void whatIsReadAndWhatBecameOfItIsCountedAndTheRestIsLag() throws Exception {
    publish(5);
    append(read(0, 5));
    append(read(0, 5));
    assertEquals(5, ofReading("next"));
    assertEquals(10, ofReading("records"));
    assertEquals(5, ofReading("entries"));
    publish(3);
    awaitMetric("lag", 3);
    append(read(5, 8));
    awaitMetric("lag", 0);
    awaitMetric("missing", 0);
    assertEquals(0, gaps());
  }

  @Test
  void twoInstancesCountWhatBothReadOnceAsEntries() throws Exception {
    var other = new AppendToLog(log, integrity, vertx, new SimpleMeterRegistry());
    publish(40);
    for (int i = 0; i < 40; i += 10) {
      // One after the other in each instance, as a partition is read.
      appendBoth(other, i, i + 10);
    }
    assertEquals(40, ofReading("next"));
    assertEquals(80, ofReading("records"));
    assertEquals(40, ofReading("entries"));
    assertEquals(0, gaps());
  }

  private void appendBoth(AppendToLog other, long from, long to) {
    var records = read(from, to);
    Uni.join()
        .all(appendToLog.append(batch(records)), other.append(batch(records)))
        .andFailFast()
        .await()
        .atMost(SOON);
  }

  @Test
  void whatWasPassedOverAndStillStandsThereIsLoggedLate() throws Exception {
    publish(10);
    append(read(0, 4));
    append(read(7, 10));
    await().atMost(SOON).until(() -> ofReading("entries") == 10);
    await().atMost(SOON).until(() -> lookedInto("found") == 3);
    assertEquals(0, lookedInto("missing"));
    awaitMetric("missing", 0);
    assertFalse(page().contains("of " + topic), "nothing is missing");
  }

  @Test
  void whatKafkaDroppedBeforeItWasReadIsMissingUntilSomebodyLookedAfterIt() throws Exception {
    publish(10);
    append(read(0, 4));
    admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(7))).all().get();
    awaitMetric("missing", 3);
    append(read(7, 10));
    awaitMetric("lag", 0);
    assertEquals(1, gaps());
    assertEquals(7, ofReading("entries"));
    String alarmed = page();
    assertTrue(alarmed.contains(topic + ", partition 0, offsets 4 to 6"), alarmed);
    assertTrue(alarmed.contains("records were published that the log does not have"), alarmed);
    long gap = number("select gap from gap where topic = '" + topic + "'");
    given()
        .contentType("application/json")
        .body("{\"why\":\"x\"}")
        .post("/v1/operator/gaps/" + gap)
        .then()
        .statusCode(401);
    asOperator("/v1/operator/gaps/" + gap, json()).then().statusCode(400);
    asOperator("/v1/operator/gaps/" + gap, json().put("why", "Retention was too short."))
        .then()
        .statusCode(204);
    asOperator("/v1/operator/gaps/" + gap, json().put("why", "Again.")).then().statusCode(404);
    awaitMetric("missing", 0);
    assertTrue(page().contains("settled by the operator: Retention was too short."));
  }

  @Test
  void aTopicThatIsMadeAnewIsNoticedAndReadFromItsBeginning() throws Exception {
    publish(5);
    append(read(0, 5));
    // Which topic it is was looked at.
    await()
        .atMost(SOON)
        .until(() -> number("select count(*) from on_kafka where topic = '" + topic + "'") == 1);
    admin.deleteTopics(List.of(topic)).all().get();
    await()
        .atMost(SOON)
        .ignoreExceptionsMatching(e -> e.getCause() instanceof TopicExistsException)
        .until(() -> {
          admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
          return true;
        });
    // As many as were read before: by offsets alone nothing would show.
    publish(5);
    await().atMost(SOON).until(() -> gaps() == 1);
    append(read(0, 5));
    assertEquals(10, ofReading("entries"));
    awaitMetric("lag", 0);
    assertEquals(
        1, number("select count(*) from gap where kind = 'anew' and topic = '" + topic + "'"));
    assertTrue(page().contains(topic + ", partition 0, made anew or cut off"));
    assertTrue(page().contains("A topic was made anew or cut off."));
  }

  /// A broker that lacked records became the leader of the same topic: it has fewer than were
  /// there.
  @Test
  void ofATopicThatWasCutOffWhatWasNotReadIsMissing() throws Exception {
    publish(5);
    append(read(0, 5));
    // Between two rounds, so that neither sees half of it.
    String since =
        "select count(*) from on_kafka where topic = '"
            + topic
            + "' and asked_at > '"
            + text("select now()")
            + "'";
    await().atMost(SOON).until(() -> number(since) == 1);
    try (Connection connection = connect("audit");
        Statement sql = connection.createStatement()) {
      connection.setAutoCommit(false);
      sql.execute("update reading set next = 8 where topic = '" + topic + "'");
      sql.execute("update on_kafka set past = 12 where topic = '" + topic + "'");
      connection.commit();
    }
    await().atMost(SOON).until(() -> lookedInto("found") == 5);
    awaitMetric("missing", 4);
    assertTrue(page().contains("5 records were still there and are logged now, 4 are missing"));
  }

  /// The same, where the log had not read that far: what it has read is still there. Rounds by
  /// hand, and no other one while they go on.
  @Test
  void ofATopicThatWasCutOffBehindWhatWasReadTheRestIsMissing() throws Exception {
    publish(5);
    append(read(0, 3));
    admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(1))).all().get();
    awaitMetric("lag", 2);
    var compare = byHand(broker, new SimpleMeterRegistry());
    try (Connection connection = connect("audit");
        Statement sql = connection.createStatement()) {
      onKafkaAlone(connection, sql, "past = 12");
      compare.compare(connection);
      // They take places of those that are lost, and are none of them.
      publish(2);
      compare.compare(connection);
      connection.commit();
    }
    awaitMetric("missing", 7);
    assertTrue(page().contains("A topic was made anew or cut off."));
    append(read(3, 7));
    awaitMetric("lag", 0);
    awaitMetric("missing", 7);
    assertEquals(7, ofReading("entries"));
    assertEquals(1, gaps());
  }

  /// The statement behind the gap fails, as where the process dies there.
  @ParameterizedTest
  @ValueSource(strings = {"past = 12", "topic_id = 'another'"})
  void whatIsLostIsNotedOnceThoughARoundFailsBehindIt(String was) throws Exception {
    publish(5);
    append(read(0, 3));
    awaitMetric("lag", 2);
    var compare = byHand(broker, new SimpleMeterRegistry());
    try (Connection connection = connect("audit");
        Statement sql = connection.createStatement()) {
      onKafkaAlone(connection, sql, was);
      Connection failing = failingWhereKafkaSaysWhatItHas(connection);
      for (int round = 0; round < 2; round++) {
        assertThrows(SQLException.class, () -> compare.compare(failing));
      }
      connection.commit();
      connection.setAutoCommit(true);
      for (int round = 0; round < 2; round++) {
        compare.compare(connection);
      }
    }
    assertEquals(1, gaps());
  }

  /// What was seen once, by whoever was elected then, says nothing of what is seen long after.
  @Test
  void aTopicThatHadLessInEachOfTwoElectionsLostNothing() throws Exception {
    publish(5);
    append(read(0, 3));
    awaitMetric("lag", 2);
    var compare = byHand(broker, new SimpleMeterRegistry());
    for (int election = 0; election < 2; election++) {
      try (Connection connection = connect("audit");
          Statement sql = connection.createStatement()) {
        onKafkaAlone(connection, sql, "past = 12");
        compare.compare(connection);
        assertEquals(0, gaps(sql));
        if (election == 1) {
          compare.compare(connection);
          assertEquals(1, gaps(sql), "within one it is certain");
        }
        connection.rollback();
      }
    }
  }

  @Test
  void aGapThatCannotBeReadKeepsNothingElseWaiting() throws Exception {
    publish(10);
    append(read(0, 4));
    awaitMetric("lag", 6);
    var shown = new SimpleMeterRegistry();
    try (var unreadable = new UnreadableBroker(bootstrapServers);
        Connection connection = connect("audit");
        Statement sql = connection.createStatement()) {
      // Nobody else sees it: the service's own look would read it.
      connection.setAutoCommit(false);
      sql.execute(
          "insert into gap (topic, partition, kind, first, past)"
              + " values ('%s', 0, 'skipped', 4, 7)".formatted(topic));
      var compare = byHand(unreadable, shown);
      compare.compare(connection);
      assertEquals(6, shown.get("countersign.audit.lag").tags("topic", topic).gauge().value());
      // Now it lags.
      compare.compare(connection);
      connection.rollback();
    }
  }

  @Test
  void gapsOfTopicsThatAreGoneKeepNoOtherWaiting() throws Exception {
    try (Connection connection = connect("audit");
        Statement sql = connection.createStatement()) {
      sql.execute(
          "insert into gap (topic, partition, kind, first, past)"
              + " select 'gone-%s', n, 'skipped', 4, 7 from generate_series(1, 45) n"
                  .formatted(topic));
    }
    publish(10);
    append(read(0, 4));
    append(read(7, 10));
    await().atMost(SOON).until(() -> lookedInto("found") == 3);
    awaitMetric("missing", 0);
  }

  @Test
  void whatWasDroppedOfAPartitionThatNobodyEverReadIsMissing() throws Exception {
    admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(2))).all().get();
    publish(1, 0);
    publish(3, 1);
    admin
        .deleteRecords(Map.of(new TopicPartition(topic, 1), RecordsToDelete.beforeOffset(3)))
        .all()
        .get();
    append(read(0, 1));
    awaitMetric("missing", 1, 3);
    awaitMetric("lag", 1, 0);
    awaitMetric("missing", 0, 0);
    assertTrue(page().contains(topic + ", partition 1, offsets 0 to 2"));
  }

  @Test
  void noNumberOfHarmlessGapsHidesWhatIsMissing() throws Exception {
    try (Connection connection = connect("audit");
        Statement sql = connection.createStatement()) {
      connection.setAutoCommit(false);
      sql.execute(
          "insert into gap (topic, partition, kind, first, past)"
              + " select '%s', n, 'skipped', 4, 7 from generate_series(0, 200) n".formatted(topic));
      sql.execute(
          "insert into gap_looked_into (gap, found, missing)"
              + " select gap, 3, case when partition = 0 then 3 else 0 end from gap where topic ="
              + " '%s' order by gap".formatted(topic));
      connection.commit();
    }
    String page = page();
    assertTrue(page.contains(topic + ", partition 0, offsets 4 to 6"), page);
    assertTrue(page.contains("role=\"alert\""), page);
  }

  @Test
  void marksOfTransactionsAreNoGap() throws Exception {
    publishInTransactions(true, true);
    append(read(0, 1));
    append(read(2, 3));
    awaitNothingMissing();
  }

  /// It stands there, and nobody said it.
  @Test
  void whatAnAbortedTransactionWroteIsNoGap() throws Exception {
    publishInTransactions(true, false, true, false);
    append(read(0, 1));
    append(read(4, 5));
    awaitNothingMissing();
    assertEquals(2, ofReading("entries"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "delete from gap",
        "update gap set past = first",
        "delete from gap_looked_into",
        "update gap_settled set why = ''",
        "delete from gap_settled",
        "delete from reading",
        "truncate reading"
      })
  void whatWasNoticedStays(String statement) throws Exception {
    assertRefused(statement);
  }

  // --- means

  /// Begins a transaction in which Kafka has said something else of the topic; nobody else looks
  /// until it ends.
  private void onKafkaAlone(Connection connection, Statement sql, String set) throws SQLException {
    connection.setAutoCommit(false);
    sql.execute("lock table on_kafka in exclusive mode");
    sql.execute("update on_kafka set %s where topic = '%s'".formatted(set, topic));
  }

  private static Connection failingWhereKafkaSaysWhatItHas(Connection to) {
    return (Connection)
        Proxy.newProxyInstance(
            CompletenessTest.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (_, method, given) -> {
              if (method.getName().equals("prepareStatement")
                  && given[0].toString().startsWith("insert into on_kafka")) {
                throw new SQLException("the line is cut");
              }
              try {
                return method.invoke(to, given);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private CompareWithKafka byHand(Broker broker, MeterRegistry meters) {
    return new CompareWithKafka(
        elections, broker, appendToLog, completeness, meters, Duration.ofDays(1));
  }

  /// One that says what it has, and hands out nothing of it.
  @Vetoed
  private static final class UnreadableBroker extends Broker implements AutoCloseable {

    private UnreadableBroker(String bootstrapServers) {
      super(Map.of("bootstrap.servers", bootstrapServers));
    }

    @Override
    long read(
        TopicPartition partition,
        long first,
        long past,
        Consumer<ConsumerRecords<byte[], byte[]>> batches)
        throws TimeoutException {
      throw new TimeoutException("nothing came of " + partition);
    }

    @Override
    boolean isEmpty(TopicPartition partition, long first, long past) throws TimeoutException {
      throw new TimeoutException("nothing came of " + partition);
    }

    @Override
    public synchronized void close() {
      super.close();
    }
  }

  private void publish(int records) throws ExecutionException, InterruptedException {
    publish(records, 0);
  }

  private void publish(int records, int partition) throws ExecutionException, InterruptedException {
    try (var producer =
        new KafkaProducer<>(
            Map.<String, Object>of("bootstrap.servers", bootstrapServers),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      for (int i = 0; i < records; i++) {
        producer
            .send(
                new ProducerRecord<>(
                    topic, partition, utf8(UUID.randomUUID().toString()), utf8("{}")))
            .get();
      }
    }
  }

  /// One record each, and its mark.
  private void publishInTransactions(boolean... commits)
      throws ExecutionException, InterruptedException {
    for (int i = 0; i < commits.length; i++) {
      try (var producer = Wire.beginTransaction(bootstrapServers, topic)) {
        producer.send(new ProducerRecord<>(topic, utf8("k"), utf8("{\"n\":" + i + "}"))).get();
        if (commits[i]) {
          producer.commitTransaction();
        } else {
          producer.abortTransaction();
        }
      }
    }
  }

  /// What was passed over was looked into, nothing was there, and nothing waits at the end.
  private void awaitNothingMissing() throws Exception {
    await().atMost(SOON).until(() -> lookedInto("missing") == 0);
    assertEquals(0, lookedInto("found"));
    awaitMetric("missing", 0);
    awaitMetric("lag", 0);
  }

  private List<ConsumerRecord<byte[], byte[]>> read(long from, long to) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (var consumer =
        new KafkaConsumer<>(
            Map.<String, Object>of("bootstrap.servers", bootstrapServers),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seek(partition, from);
      await()
          .atMost(SOON)
          .until(() -> {
            consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            return !records.isEmpty() && records.getLast().offset() >= to - 1;
          });
    }
    return records.stream().filter(each -> each.offset() < to).toList();
  }

  private long ofReading(String column) throws SQLException {
    return number("select " + column + " from reading where topic = '" + topic + "'");
  }

  private long gaps() throws SQLException {
    return number(countGaps());
  }

  /// Those of its transaction, too.
  private long gaps(Statement sql) throws SQLException {
    try (ResultSet row = sql.executeQuery(countGaps())) {
      row.next();
      return row.getLong(1);
    }
  }

  private String countGaps() {
    return "select count(*) from gap where topic = '" + topic + "'";
  }

  private long lookedInto(String column) throws SQLException {
    return number(
        "select coalesce((select l."
            + column
            + " from gap_looked_into l join gap g on g.gap = l.gap where g.topic = '"
            + topic
            + "'), -1)");
  }

  private void awaitMetric(String name, int value) {
    awaitMetric(name, 0, value);
  }

  private void awaitMetric(String name, int partition, int value) {
    String line =
        "countersign_audit_%s{partition=\"%d\",topic=\"%s\"} %d.0"
            .formatted(name, partition, topic, value);
    await().atMost(SOON).until(() -> given().get("/q/metrics").asString().contains(line));
  }

  private static String page() {
    return given().header("Accept-Language", "en").get("/completeness").asString();
  }
}
