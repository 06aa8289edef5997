package dev.countersign.audit.application;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.events.ActionId;
import dev.countersign.events.Audit;
import dev.countersign.events.EventJson;
import dev.countersign.events.Topics;
import dev.countersign.testservers.Servers;
import dev.countersign.tlog.Checkpoint;
import dev.countersign.tlog.Hash;
import dev.countersign.tlog.Note;
import dev.countersign.verifier.EvidenceFile;
import dev.countersign.verifier.Verify;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.core.Vertx;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
class AuditLogTest {

  private static final Duration SOON = Duration.ofSeconds(30);

  @Inject Log log;
  @Inject AppendToLog appendToLog;
  @Inject Integrity integrity;
  @Inject Vertx vertx;

  @ConfigProperty(name = "kafka.bootstrap.servers")
  String bootstrapServers;

  @TestHTTPResource URI address = URI.create("/");

  @ConfigProperty(name = "countersign.db")
  String database;

  // --- each record once

  @Test
  void eachTopicIsLoggedOnceAndInOrderOfArrival() throws Exception {
    ActionId id = newId();
    List<String> expected = new ArrayList<>();
    try (var producer = producer()) {
      for (String topic : Topics.ALL) {
        if (!topic.equals(Topics.AUDIT)) {
          producer.send(event(topic, id, UUID.randomUUID().toString(), "{\"n\":1}")).get();
          producer.send(event(topic, id, UUID.randomUUID().toString(), "{\"n\":2}")).get();
          expected.add(topic);
          expected.add(topic);
        }
      }
    }
    EvidenceFile evidence =
        await().atMost(SOON).until(() -> evidence(id), e -> size(e) == expected.size());
    assertEquals(
        expected.stream().sorted().toList(),
        evidence.entries().stream().map(EvidenceFile.Item::topic).sorted().toList());
    for (String topic : expected) {
      // Order holds within a partition; the key puts both on one.
      assertEquals(
          List.of(1, 2),
          evidence.entries().stream()
              .filter(item -> item.topic().equals(topic))
              .map(AuditLogTest::n)
              .toList());
    }
    assertVerified();
  }

  @Test
  void redeliveryDoublesNothing() {
    ActionId id = newId();
    var once = event(Topics.VERDICT, id, "once", "{\"n\":1}");
    append(appendToLog, List.of(raw(once, 7), raw(once, 8), raw(once, 7)));
    append(appendToLog, List.of(raw(once, 9)));
    assertEquals(1, size(evidence(id)));
    append(appendToLog, List.of(raw(event(Topics.VERDICT, id, "once", "{\"n\":2}"), 10)));
    assertEquals(2, size(evidence(id)), "two contents under one id are two");
  }

  @Test
  void twoRefusalsOfOneRecordAreTwoEntries() {
    ActionId id = newId();
    var first = event(Topics.DEAD_LETTER, id, "once", "{}");
    var second = event(Topics.DEAD_LETTER, id, "once", "{}");
    for (var letter : List.of(first, second)) {
      header(letter, "dl_topic", "verdict");
      header(letter, "dl_partition", "0");
      header(letter, "dl_offset", "1");
    }
    header(first, "dl_reason", "shape");
    header(second, "dl_reason", "conflict");
    append(appendToLog, List.of(raw(first, 1), raw(second, 2), raw(first, 3)));
    assertEquals(2, size(evidence(id)));
  }

  @Test
  void whatNobodyCanReadIsLogged() throws Exception {
    ActionId id = newId();
    byte[] key = utf8(id.toString());
    List<ProducerRecord<byte[], byte[]>> garbage = new ArrayList<>();
    for (byte[] value :
        Arrays.asList(
            new byte[] {(byte) 0xff, (byte) 0xfe, 0, 'x'},
            new byte[0],
            null,
            utf8("[".repeat(20_000)),
            utf8("{\"actionId\": 5}"),
            utf8("\u0000"))) {
      garbage.add(new ProducerRecord<>(Topics.ACTION_PROPOSED, key, value));
    }
    var oddHeaders = event(Topics.DECISION, id, "x".repeat(5_000), "{}");
    oddHeaders.headers().add("nul\u0000", null).add("", new byte[] {-1, 0});
    header(oddHeaders, "ce_traceparent", "\u0000");
    garbage.add(oddHeaders);
    var lone = new ProducerRecord<>(Topics.DECISION, key, utf8(STRUCTURED.formatted("\\ud800")));
    header(lone, "content-type", "application/cloudevents+json");
    garbage.add(lone);
    try (var producer = producer()) {
      for (var each : garbage) {
        producer.send(each).get();
      }
    }
    EvidenceFile evidence =
        await().atMost(SOON).until(() -> evidence(id), e -> size(e) == garbage.size());
    assertVerified();
    assertFalse(
        EventJson.readTree(leaf(evidence.entries().getFirst())).has("type"), "is no CloudEvent");
  }

  private static final String STRUCTURED =
      "{\"specversion\":\"1.0\",\"id\":\"%s\",\"source\":\"urn:test\","
          + "\"type\":\"countersign.decision.v1\",\"data\":{}}";

  @Test
  void aStructuredCloudEventIsKnownByItsId() {
    ActionId id = newId();
    var structured =
        new ProducerRecord<>(
            Topics.DECISION, utf8(id.toString()), utf8(STRUCTURED.formatted("one " + id)));
    header(structured, "content-type", "application/cloudevents+json; charset=utf-8");
    append(appendToLog, List.of(raw(structured, 1), raw(structured, 2)));
    assertEquals(1, size(evidence(id)));
    JsonNode leaf = EventJson.readTree(leaf(evidence(id).entries().getFirst()));
    assertEquals("one " + id, leaf.get("id").textValue());
  }

  @Test
  void whateverComesIsLogged() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    ActionId id = newId();
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      var record =
          new ProducerRecord<byte[], byte[]>(
              Topics.VERDICT, utf8(id.toString()), bytes(random, 300));
      for (int n = random.nextInt(4); n > 0; n--) {
        String name =
            List.of("ce_id", "ce_source", "ce_type", "ce_specversion", "content-type", "\uD800")
                .get(random.nextInt(6));
        record.headers().add(name, random.nextInt(9) == 0 ? null : bytes(random, 30));
      }
      if (random.nextBoolean()) {
        header(record, "content-type", "application/cloudevents+json");
      }
      records.add(raw(record, 1_000 + i));
    }
    append(appendToLog, records);
    assertEquals(500, size(evidence(id)), "seed " + seed);
  }

  private static byte[] bytes(Random random, int most) {
    byte[] bytes = new byte[random.nextInt(most)];
    random.nextBytes(bytes);
    if (bytes.length > 1 && random.nextBoolean()) {
      bytes[0] = '{';
      bytes[1] = '"';
    }
    return bytes;
  }

  // --- one log

  @Test
  void twoSequencersKeepOneLog() {
    var other = new AppendToLog(log, integrity, vertx, new SimpleMeterRegistry());
    List<ActionId> ids = IntStream.range(0, 20).mapToObj(_ -> newId()).toList();
    List<Uni<Void>> appends = new ArrayList<>();
    for (int i = 0; i < ids.size(); i++) {
      ActionId id = ids.get(i);
      List<ConsumerRecord<byte[], byte[]>> batch =
          IntStream.range(0, 50)
              .mapToObj(n -> raw(event(Topics.VERDICT, id, "e" + n, "{\"n\":" + n + "}"), n))
              .toList();
      // Both get every batch, as two instances do when a partition changes hands.
      appends.add(appendToLog.append(batch(batch)));
      appends.add(other.append(batch(batch)));
    }
    Uni.join().all(appends).andFailFast().await().atMost(SOON);
    for (ActionId id : ids) {
      EvidenceFile evidence = evidence(id);
      assertEquals(50, size(evidence));
      assertVerified(evidence);
      assertEquals(
          IntStream.range(0, 50).boxed().toList(),
          evidence.entries().stream().map(AuditLogTest::n).toList());
    }
    assertVerified();
  }

  @Test
  void aRestartContinuesTheLog() {
    append(appendToLog, List.of(raw(event(Topics.VERDICT, newId(), "before", "{}"), 1)));
    var restarted = new AppendToLog(log, integrity, vertx, new SimpleMeterRegistry());
    append(restarted, List.of(raw(event(Topics.VERDICT, newId(), "after", "{}"), 2)));
    assertVerified();
  }

  // --- nothing changes

  @ParameterizedTest
  @ValueSource(
      strings = {
        "update leaf set topic = 'x'",
        "delete from leaf",
        "truncate leaf",
        "update node set hash = hash",
        "delete from node",
        "truncate node",
        "update checkpoint set note = ''",
        "delete from checkpoint",
        "truncate checkpoint cascade",
        "update cosigned set note = ''",
        "delete from cosigned",
        "truncate cosigned",
        "update recovery set past = past + 1",
        "delete from recovery",
        "truncate recovery",
        "update attested set size = 0",
        "update payload set value = null",
        "delete from payload",
        "truncate payload",
        "delete from state",
        "truncate state",
        "update state set size = 0",
        "update state set size = size",
        "update state set size = size + 1",
        "delete from published",
        "update published set size = 0",
        "alter table leaf disable trigger only_grows",
        "drop table leaf",
        "create table audit.x (a int)",
        "create temp table leaf (idx bigint, leaf_hash bytea)",
        "set session_replication_role = replica",
        "set role audit_owner",
      })
  void theServiceMayNotChangeTheLog(String statement) throws SQLException {
    append(appendToLog, List.of(raw(event(Topics.VERDICT, newId(), "kept", "{}"), 1)));
    assertRefused("audit", statement);
    if (statement.matches("(update|delete|truncate).*")) {
      // Its owner may only after a change of the schema, which shows.
      assertRefused("audit_migrator", statement);
    }
  }

  private void assertRefused(String role, String statement) throws SQLException {
    try (Connection connection = connect(role);
        Statement sql = connection.createStatement()) {
      String state =
          assertThrows(SQLException.class, () -> sql.execute(statement), role + ": " + statement)
              .getSQLState();
      // Insufficient privilege, or our triggers.
      assertTrue(Set.of("42501", "23000").contains(state), role + ": " + statement + ": " + state);
    }
  }

  @Test
  void anEditedRowIsNamed() throws SQLException {
    ActionId id = newId();
    append(
        appendToLog,
        IntStream.range(0, 3)
            .mapToObj(n -> raw(event(Topics.VERDICT, id, "e" + n, "{}"), n))
            .toList());
    long index = evidence(id).entries().get(1).index();
    String original = new String(leaf(evidence(id).entries().get(1)), StandardCharsets.UTF_8);
    try {
      edit(index, original.replace("\"offset\":1", "\"offset\":9"));
      assertWrong("entry " + index + ":");
    } finally {
      edit(index, original);
    }
    assertVerified();
  }

  private void edit(long index, String entry) throws SQLException {
    try (Connection connection = connect("audit_migrator");
        Statement sql = connection.createStatement();
        var update = connection.prepareStatement("update leaf set entry = ? where idx = ?")) {
      connection.setAutoCommit(false);
      sql.execute("alter table leaf disable trigger only_grows");
      update.setString(1, entry);
      update.setLong(2, index);
      assertEquals(1, update.executeUpdate());
      sql.execute("alter table leaf enable always trigger only_grows");
      connection.commit();
    }
  }

  // --- told

  @Test
  void eachEntryIsPublishedInOrder() {
    ActionId id = newId();
    String trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    var traced = event(Topics.VERDICT, id, "told", "{}");
    header(traced, "ce_traceparent", trace);
    append(appendToLog, List.of(raw(traced, 1)));
    EvidenceFile.Item item = evidence(id).entries().getFirst();
    Map<Long, ConsumerRecord<byte[], byte[]>> told = new HashMap<>();
    try (var consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers",
                bootstrapServers,
                "group.id",
                "test-" + id,
                "auto.offset.reset",
                "earliest"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      consumer.subscribe(List.of(Topics.AUDIT));
      await()
          .atMost(SOON)
          .until(() -> {
            for (var each : consumer.poll(Duration.ofMillis(200))) {
              told.put(EventJson.read(each.value(), Audit.class).index(), each);
            }
            return told.containsKey(item.index()) && told.size() > item.index();
          });
    }
    assertEquals(item.index() + 1, new TreeSet<>(told.keySet()).headSet(item.index(), true).size());
    ConsumerRecord<byte[], byte[]> record = Objects.requireNonNull(told.get(item.index()));
    Audit audit = EventJson.read(record.value(), Audit.class);
    assertEquals(id, audit.actionId());
    assertEquals(Hash.ofLeaf(leaf(item)).hex(), audit.leafHash().hex());
    Note signed = Note.read(utf8(Objects.requireNonNull(audit.checkpoint(), "its batch's last")));
    assertEquals(item.index() + 1, Checkpoint.read(signed.text()).size());
    assertEquals(EventJson.readTree(leaf(item)), audit.entry());
    assertEquals(id.toString(), new String(record.key(), StandardCharsets.UTF_8));
    assertEquals(Long.toString(item.index()), text(record, "ce_id"));
    assertEquals("countersign.audit.v1", text(record, "ce_type"));
    assertEquals(trace, text(record, "ce_traceparent"));
  }

  @Test
  void whatIsUnknownIsAProblemWithAWayOut() {
    given().get("/v1/evidence/" + newId()).then().statusCode(404);
    var problem = given().get("/v1/evidence/nonsense").then().statusCode(400).extract();
    assertEquals("application/problem+json", problem.contentType());
    assertEquals("urn:countersign:problem:action-id", problem.path("type"));
    given().get("/tile/0/1").then().statusCode(400);
    given().get("/tile/0/999").then().statusCode(404);
    given().get("/tile/entries/000.p/256").then().statusCode(400);
  }

  @Test
  void theOpenApiDocumentSaysHowEachPathAnswers() {
    JsonNode paths =
        EventJson.readTree(given().get("/openapi?format=json").asByteArray()).get("paths");
    List<String> answers = new ArrayList<>();
    for (Map.Entry<String, JsonNode> path : paths.properties()) {
      for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
        if (operation.getValue().has("responses")) {
          answers.add(operation.getKey() + " " + path.getKey() + statuses(operation.getValue()));
        }
      }
    }
    assertEquals(
        """
        get /checkpoint 200 404
        get /tile/{path} 200 400 404
        get /v1/actions 200 400
        get /v1/evidence/{actionId} 200 400 404 422 503
        get /v1/evidence/{actionId}.pdf 200 400 404 422 503
        get /v1/export 200 400 503
        get /vkey 200
        post /v1/operator/erasures 200 400 401 404 409 413 503
        post /v1/operator/erasures/{leaf} 204 400 401 404 413
        post /v1/operator/gaps/{gap} 204 400 401 404 413\
        """,
        answers.stream().sorted().collect(Collectors.joining("\n")));
  }

  private static String statuses(JsonNode operation) {
    List<String> statuses = new ArrayList<>();
    operation.get("responses").fieldNames().forEachRemaining(it -> statuses.add(" " + it));
    return statuses.stream().sorted().collect(Collectors.joining());
  }

  @Test
  void healthAndSizeAreShown() {
    append(appendToLog, List.of(raw(event(Topics.VERDICT, newId(), "seen", "{}"), 1)));
    given().get("/q/health/ready").then().statusCode(200);
    String metrics = given().get("/q/metrics").asString();
    assertTrue(metrics.contains("countersign_audit_log_size"), metrics);
    assertTrue(
        metrics.contains(
            "kafka_consumer_fetch_manager_records_lag_max{client_id=\"kafka-consumer-every-topic\""),
        metrics);
  }

  // --- means

  private static ActionId newId() {
    return new ActionId(UUID.randomUUID());
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(ConsumerRecord<byte[], byte[]> record, String header) {
    return new String(record.headers().lastHeader(header).value(), StandardCharsets.UTF_8);
  }

  private static byte[] leaf(EvidenceFile.Item item) {
    return java.util.Base64.getDecoder().decode(item.leaf());
  }

  private static int n(EvidenceFile.Item item) {
    return Objects.requireNonNull(item.event(), "event").get("n").intValue();
  }

  private static int size(EvidenceFile evidence) {
    return evidence.entries().size();
  }

  private static ProducerRecord<byte[], byte[]> event(
      String topic, ActionId id, String ceId, String value) {
    var record = new ProducerRecord<>(topic, utf8(id.toString()), utf8(value));
    header(record, "ce_specversion", "1.0");
    header(record, "ce_id", ceId);
    header(record, "ce_source", "urn:test:" + id);
    header(record, "ce_type", Topics.type(topic));
    header(record, "ce_subject", id.toString());
    return record;
  }

  private static void header(ProducerRecord<byte[], byte[]> record, String name, String value) {
    record.headers().add(name, utf8(value));
  }

  private static ConsumerRecord<byte[], byte[]> raw(
      ProducerRecord<byte[], byte[]> record, long offset) {
    var raw = new ConsumerRecord<>(record.topic(), 0, offset, record.key(), record.value());
    record.headers().forEach(raw.headers()::add);
    return raw;
  }

  private static ConsumerRecords<byte[], byte[]> batch(
      List<ConsumerRecord<byte[], byte[]>> records) {
    return new ConsumerRecords<>(
        Map.of(new TopicPartition(records.getFirst().topic(), 0), records), Map.of());
  }

  private static void append(AppendToLog to, List<ConsumerRecord<byte[], byte[]>> records) {
    to.append(batch(records)).await().atMost(SOON);
  }

  private static EvidenceFile evidence(ActionId id) {
    var response = given().get("/v1/evidence/" + id);
    return response.statusCode() == 404
        ? new EvidenceFile(
            id,
            List.of(),
            "",
            List.of(),
            List.of(),
            new EvidenceFile.Keys("", List.of(), JsonNodeFactory.instance.objectNode()))
        : EventJson.read(response.asByteArray(), EvidenceFile.class);
  }

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path folder;

  private record Said(int exit, String text) {}

  /// What the command says of a file, a folder or a URL, given the log's public key.
  private Said verify(String what) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8)) {
      Path key = Files.write(folder.resolve("vkey"), given().get("/vkey").asByteArray());
      int exit = Verify.run(List.of(what, "--log", key.toString()), Map.of(), print, print);
      return new Said(exit, out.toString(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void assertVerified(EvidenceFile evidence) {
    try {
      Path file = Files.write(folder.resolve("evidence.json"), EventJson.write(evidence));
      Said said = verify(file.toString());
      assertEquals(0, said.exit, said.text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void assertVerified() {
    Said said = verify(address.toString());
    assertEquals(0, said.exit, said.text);
  }

  private void assertWrong(String part) {
    Said said = verify(address.toString());
    assertEquals(1, said.exit, said.text);
    assertTrue(said.text.contains(part), said.text);
  }

  private KafkaProducer<byte[], byte[]> producer() {
    return new KafkaProducer<>(
        Map.of("bootstrap.servers", bootstrapServers),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  private Connection connect(String role) throws SQLException {
    return DriverManager.getConnection("jdbc:postgresql://" + database, role, Servers.PASSWORD);
  }
}
