package dev.countersign.audit.application;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.EventJson;
import dev.countersign.events.Topics;
import dev.countersign.testservers.Servers;
import dev.countersign.verifier.Verify;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.io.TempDir;

/// What the tests of a service with an operator share.
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@SuppressWarnings("NullAway.Init") // Quarkus and JUnit set the fields
abstract class OperatedLogTest {

  static final Duration SOON = Duration.ofSeconds(60);

  /// A partition that no topic has on Kafka: what stands there is these tests' alone.
  private static final int OURS = 9;

  private static final Map<String, AtomicLong> OFFSETS = new ConcurrentHashMap<>();

  @Inject AppendToLog appendToLog;
  @Inject Log log;
  @Inject Integrity integrity;
  @Inject Erasures erasures;

  @TestHTTPResource URI address;
  @TempDir Path folder;

  @ConfigProperty(name = "kafka.bootstrap.servers")
  String bootstrapServers;

  @ConfigProperty(name = "countersign.db")
  String database;

  static ActionId newId() {
    return new ActionId(UUID.randomUUID());
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static ObjectNode json() {
    return JsonNodeFactory.instance.objectNode();
  }

  static JsonNode agent(String id, String onBehalfOf) {
    return json().put("id", id).put("session", "run-1").put("onBehalfOf", onBehalfOf);
  }

  static JsonNode tool(String toolset, String name) {
    return json().put("toolset", toolset).put("name", name);
  }

  static ConsumerRecord<byte[], byte[]> record(String topic, ActionId id, ObjectNode event) {
    event.put("actionId", id.toString());
    var record =
        new ConsumerRecord<>(
            topic,
            OURS,
            OFFSETS.computeIfAbsent(topic, _ -> new AtomicLong()).getAndIncrement(),
            utf8(id.toString()),
            EventJson.write(event));
    for (Map.Entry<String, String> each :
        Map.of(
                "ce_specversion",
                "1.0",
                "ce_id",
                UUID.randomUUID().toString(),
                "ce_source",
                "urn:test",
                "ce_type",
                Topics.type(topic))
            .entrySet()) {
      record.headers().add(each.getKey(), utf8(each.getValue()));
    }
    return record;
  }

  void append(List<ConsumerRecord<byte[], byte[]>> records) {
    appendToLog.append(batch(records)).await().atMost(SOON);
  }

  static ConsumerRecords<byte[], byte[]> batch(List<ConsumerRecord<byte[], byte[]>> records) {
    return new ConsumerRecords<>(
        Map.of(
            new TopicPartition(records.getFirst().topic(), records.getFirst().partition()),
            records),
        Map.of());
  }

  /// Until the index has seen all that is logged.
  void awaitIndexed() {
    long size = log.size().await().atMost(SOON);
    await().atMost(SOON).until(() -> erasures.indexed().await().atMost(SOON) >= size);
  }

  static Response asOperator(String path, ObjectNode body) {
    return given()
        .header("Authorization", "Bearer " + Operated.SECRET)
        .contentType(ContentType.JSON)
        .body(body.toString())
        .post(path);
  }

  Connection connect(String role) throws SQLException {
    return DriverManager.getConnection("jdbc:postgresql://" + database, role, Servers.PASSWORD);
  }

  long number(String select) throws SQLException {
    return Long.parseLong(text(select));
  }

  String text(String select) throws SQLException {
    try (Connection connection = connect("audit");
        Statement sql = connection.createStatement();
        ResultSet row = sql.executeQuery(select)) {
      row.next();
      return row.getString(1);
    }
  }

  void assertRefused(String statement) throws SQLException {
    try (Connection connection = connect("audit");
        Statement sql = connection.createStatement()) {
      String state =
          assertThrows(SQLException.class, () -> sql.execute(statement), statement).getSQLState();
      // Insufficient privilege, or our triggers and functions.
      assertTrue(Set.of("42501", "23000").contains(state), statement + ": " + state);
    }
  }

  /// Exit code and words of `./countersign verify`.
  record Said(int exit, String text) {}

  Said verify(String what) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8)) {
      Path key = Files.write(folder.resolve("vkey"), given().get("/vkey").asByteArray());
      // No vote of these tests is signed: what verifies is that the log has the entries.
      Path nobodys = Files.writeString(folder.resolve("jwks.json"), "{\"keys\":[]}");
      int exit = Verify.run(List.of(what), Map.of("--log", key, "--keys", nobodys), print, print);
      return new Said(exit, out.toString(StandardCharsets.UTF_8));
    }
  }

  Said verifyEvidence(ActionId id) throws IOException {
    byte[] evidence = given().get("/v1/evidence/" + id).asByteArray();
    return verify(Files.write(folder.resolve("evidence.json"), evidence).toString());
  }
}
