package dev.countersign.audit.application;

import static dev.countersign.audit.application.TestRecords.append;
import static dev.countersign.audit.application.TestRecords.event;
import static io.restassured.RestAssured.given;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.audit.domain.Entry;
import dev.countersign.audit.domain.Leaf;
import dev.countersign.events.ActionId;
import dev.countersign.events.Canonical;
import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import dev.countersign.events.Topics;
import dev.countersign.testservers.Servers;
import dev.countersign.tlog.Checkpoint;
import dev.countersign.tlog.Hash;
import dev.countersign.tlog.Note;
import dev.countersign.tlog.Row;
import dev.countersign.tlog.Tile;
import dev.countersign.verifier.Salted;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
class ExportTest {

  private static final String EVER = "from=1970-01-01T00:00:00Z&to=9998-01-01T00:00:00Z";

  @Inject AppendToLog log;

  @Inject
  @ConfigProperty(name = "countersign.db")
  String database;

  // --- jsonl

  @Test
  void jsonLinesAreTheTilesLeavesAndTheirEvents() {
    ActionId id = newId();
    String since = since();
    append(
        log,
        List.of(
            event(Topics.VERDICT, id, "{\"verdict\":\"denied\",\"n\":1}"),
            event(Topics.EXECUTION, id, "no JSON")));
    List<JsonNode> lines = export("jsonl", since);
    JsonNode last = lines.getLast();
    Checkpoint checkpoint = checkpoint(last.path("checkpoint").textValue());
    assertEquals(lines.size() - 1, last.at("/end/entries").asLong());
    assertTrue(last.at("/end/last").asLong() < checkpoint.size(), last.toString());
    List<JsonNode> entries = lines.subList(0, lines.size() - 1);
    for (JsonNode entry : entries) {
      Hash leafHash = Hash.ofLeaf(bytes(entry, "leaf"));
      assertEquals("sha256:" + leafHash.hex(), entry.path("leafHash").textValue());
      assertEquals(inTile(entry.path("index").asLong(), checkpoint.size()), leafHash);
    }
    List<JsonNode> own = of(entries, id);
    assertEquals(
        List.of(Topics.VERDICT, Topics.EXECUTION),
        own.stream().map(entry -> entry.path("topic").textValue()).toList());
    assertEquals(1, own.getFirst().at("/event/n").asInt());
    assertFalse(own.getLast().has("event"), "what is no JSON is no event");
    for (JsonNode entry : own) {
      assertEquals(
          EventJson.readTree(bytes(entry, "leaf")).path("payload").textValue(),
          Salted.payload(bytes(entry, "salt"), bytes(entry, "value")));
    }
  }

  private static Hash inTile(long index, long size) {
    Tile tile = Tile.of(new Row(0, index, 1), size);
    byte[] hashes = given().get("/" + tile.path()).asByteArray();
    int at = Math.toIntExact(index - tile.from()) * Hash.BYTES;
    return Hash.of(Arrays.copyOfRange(hashes, at, at + Hash.BYTES));
  }

  @Test
  void whatJsonCannotSayIsLeftToTheValue() {
    ActionId id = newId();
    String since = since();
    append(log, List.of(event(Topics.VERDICT, id, "{\"n\":1e999}")));
    JsonNode line = of(export("jsonl", since), id).getFirst();
    assertFalse(line.has("event"), line.toString());
    assertEquals("{\"n\":1e999}", new String(bytes(line, "value"), StandardCharsets.UTF_8));
  }

  @Test
  void aPeriodHasItsBeginningAndNotItsEnd() {
    ActionId id = newId();
    String since = since();
    append(log, List.of(event(Topics.VERDICT, id, "{}")));
    Instant at =
        Instant.parse(of(export("jsonl", since), id).getFirst().path("appendedAt").asText());
    Instant after = at.plus(1, ChronoUnit.MICROS);
    assertEquals(1, of(export("jsonl", "from=" + at + "&to=" + after), id).size());
    assertEquals(0, of(export("jsonl", "from=" + after + "&to=9998-01-01T00:00:00Z"), id).size());
    assertEquals(0, of(export("jsonl", "from=1970-01-01T00:00:00Z&to=" + at), id).size());
  }

  @Test
  void whatWaitsAtTheEndOfAPeriodBelongsToTheNext() throws Exception {
    ActionId id = newId();
    CompletableFuture<Void> appended;
    String end;
    try (Connection holder = holder()) {
      appended =
          CompletableFuture.runAsync(() -> append(log, List.of(event(Topics.VERDICT, id, "{}"))));
      awaitWaiting("for update");
      end = Instant.now().truncatedTo(ChronoUnit.MICROS).toString();
      holder.rollback();
    }
    appended.get(1, TimeUnit.MINUTES);
    assertEquals(0, of(export("jsonl", "from=1970-01-01T00:00:00Z&to=" + end), id).size());
    assertEquals(1, of(export("jsonl", "from=" + end + "&to=9998-01-01T00:00:00Z"), id).size());
  }

  /// Who holds the log may have a time of the period and not have committed yet.
  @Test
  void anExportWaitsForWhoeverHoldsTheLog() throws Exception {
    String since = since();
    CompletableFuture<List<JsonNode>> exported;
    try (Connection holder = holder()) {
      exported = CompletableFuture.supplyAsync(() -> export("jsonl", since));
      awaitWaiting("for share");
      assertFalse(exported.isDone());
      holder.rollback();
    }
    assertEquals(1, exported.get(1, TimeUnit.MINUTES).stream().filter(it -> it.has("end")).count());
  }

  /// Has the log locked, as a sequencer has.
  private Connection holder() throws SQLException {
    Connection holder = connect();
    holder.setAutoCommit(false);
    try (Statement sql = holder.createStatement()) {
      sql.execute("select size from state for update");
    }
    return holder;
  }

  private void awaitWaiting(String how) throws Exception {
    try (Connection looker = connect();
        PreparedStatement waiting =
            looker.prepareStatement(
                "select count(*) from pg_stat_activity"
                    + " where wait_event_type = 'Lock' and query like ?")) {
      waiting.setString(1, "%from state " + how + "%");
      long until = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
      while (true) {
        try (ResultSet found = waiting.executeQuery()) {
          if (found.next() && found.getInt(1) > 0) {
            return;
          }
        }
        assertTrue(System.nanoTime() < until, "nobody waits for the log");
        Thread.onSpinWait();
      }
    }
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection("jdbc:postgresql://" + database, "audit", Servers.PASSWORD);
  }

  @Test
  void anEntryIsAsLoggedAsLongAsNothingOfItWasChanged() {
    ActionId id = newId();
    byte[] salt = Hash.ofLeaf(new byte[] {1}).bytes();
    byte[] value = "{\"verdict\":\"denied\"}".getBytes(StandardCharsets.UTF_8);
    byte[] leaf =
        new Leaf(Topics.VERDICT, 0, 1, Instant.EPOCH, null, id, Salted.payload(salt, value))
            .bytes();
    assertTrue(entry(Topics.VERDICT, id, leaf, salt, value).isAsLogged());
    assertTrue(entry(Topics.VERDICT, id, leaf, null, null).isAsLogged(), "erased");
    byte[] other = "{\"verdict\":\"allowed\"}".getBytes(StandardCharsets.UTF_8);
    assertFalse(entry(Topics.VERDICT, id, leaf, salt, other).isAsLogged());
    assertFalse(entry(Topics.VERDICT, id, leaf, salt, null).isAsLogged());
    assertFalse(entry(Topics.DECISION, id, leaf, salt, value).isAsLogged());
    assertFalse(entry(Topics.VERDICT, newId(), leaf, salt, value).isAsLogged());
    assertFalse(entry(Topics.VERDICT, null, leaf, salt, value).isAsLogged());
    LoggedEntry elsewhere =
        new LoggedEntry(
            0, Instant.EPOCH, Topics.VERDICT, id, leaf, Hash.ofLeaf(salt), salt, value, null);
    assertFalse(elsewhere.isAsLogged());
    byte[] attestation = "{\"kind\":\"hashedrekord\"}".getBytes(StandardCharsets.UTF_8);
    assertTrue(entry(Entry.ATTESTATION, id, attestation, null, null).isAsLogged());
  }

  private static LoggedEntry entry(
      String topic,
      @Nullable ActionId id,
      byte[] leaf,
      byte @Nullable [] salt,
      byte @Nullable [] value) {
    return new LoggedEntry(0, Instant.EPOCH, topic, id, leaf, Hash.ofLeaf(leaf), salt, value, null);
  }

  @Test
  void aPeriodWithoutEntriesSaysSo() {
    append(log, List.of(event(Topics.VERDICT, newId(), "{}")));
    List<JsonNode> lines =
        export("jsonl", "from=1999-01-01T00:00:00%2B01:00&to=2000-01-01T00:00:00Z");
    assertEquals(1, lines.size());
    assertEquals(0, lines.getFirst().at("/end/entries").asInt());
    assertEquals("1998-12-31T23:00:00Z", lines.getFirst().at("/end/from").textValue());
    assertTrue(checkpoint(lines.getFirst().path("checkpoint").textValue()).size() > 0);
  }

  @Test
  void longPeriodsAndLargePayloadsAreWholeAndInOrder() {
    List<ConsumerRecord<byte[], byte[]>> many = new ArrayList<>();
    IntStream.range(0, 1_100).forEach(n -> many.add(event(Topics.NOTIFICATION, newId(), "{}")));
    append(log, many);
    byte[] large = new byte[5 * 1024 * 1024];
    IntStream.range(0, 3).forEach(_ -> append(log, List.of(event(Topics.VERDICT, newId(), large))));
    List<JsonNode> lines = export("jsonl", EVER);
    List<Long> indexes =
        lines.subList(0, lines.size() - 1).stream().map(it -> it.path("index").asLong()).toList();
    assertEquals(LongStream.range(0, indexes.size()).boxed().toList(), indexes, "all of the log");
    assertEquals(3, lines.stream().filter(it -> Arrays.equals(large, bytes(it, "value"))).count());
  }

  // --- csv

  @Test
  void noCellIsAFormulaAndNoneBreaksItsRow() {
    ActionId id = newId();
    String since = since();
    ObjectNode proposal = JsonNodeFactory.instance.objectNode().put("actionId", id.toString());
    String agent = "=HYPERLINK(\"http://evil.example\",\"x\"),\r\nrow";
    proposal.putObject("agent").put("id", agent);
    proposal.putObject("tool").put("toolset", "@SUM(1+1)").put("name", "wire\u202E_transfer");
    proposal.putObject("parameters");
    String vote = "{\"approver\":\"\\tcmd\",\"answer\":\"-2+3\"}";
    append(
        log,
        List.of(
            event(Topics.ACTION_PROPOSED, id, EventJson.write(proposal)),
            event(Topics.VOTE_RECORDED, id, vote),
            event(Topics.VOTE_RECORDED, id, "{\"approver\":\"+1\",\"answer\":\"\uFF1D1\"}"),
            // Where lists are parted by semicolons, a cell begins here.
            event(Topics.VOTE_RECORDED, id, "{\"approver\":\"a;=1\",\"answer\":\"b; \\\"@c\"}")));
    Response response = given().get("/v1/export?format=csv&" + since);
    assertTrue(response.contentType().startsWith("text/csv"), response.contentType());
    List<List<String>> rows = csv(response.asString());
    assertEquals(
        List.of(
            "index", "time", "topic", "actionId", "agent", "tool", "person", "outcome", "leafHash"),
        rows.getFirst());
    List<List<String>> own = rows.stream().filter(row -> row.get(3).equals(id.toString())).toList();
    assertEquals(4, own.size());
    String defused = "'=HYPERLINK(\"http://evil.example\",\"x\"),U+000DU+000Arow";
    for (List<String> row : own) {
      assertEquals(9, row.size());
      assertEquals(defused, row.get(4), "the agent of the action");
      assertEquals("'@SUM(1+1)/wireU+202E_transfer", row.get(5));
    }
    assertEquals(List.of("'U+0009cmd", "'-2+3"), own.get(1).subList(6, 8));
    assertEquals(List.of("'+1", "'\uFF1D1"), own.get(2).subList(6, 8));
    assertEquals(List.of("a;'=1", "b; \"'@c"), own.get(3).subList(6, 8));
  }

  @Test
  void whoseActionAnEntryIsAboutIsReadAsTheServicesReadIt() {
    String since = since();
    String named = "\"agent\":{\"id\":\"%s\"},\"tool\":{\"toolset\":\"t\",\"name\":\"n\"}";
    String other = named.formatted("other-bot");
    for (String around :
        List.of(
            "%s",
            "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"urn:x\",\"data\":%s}",
            // Members that nobody knows.
            "{\"specversion\":\"1.0\",\"data\":{" + other + "},%s",
            "{\"action\":{" + other + "},%s")) {
      ActionId id = newId();
      String members = "\"actionId\":\"" + id + "\"," + named.formatted("billing-bot") + "}";
      String proposal = around.formatted(around.endsWith(",%s") ? members : "{" + members);
      append(
          log,
          List.of(
              event(Topics.ACTION_PROPOSED, id, proposal),
              event(Topics.EXECUTION, id, "{\"status\":\"succeeded\"}")));
      List<List<String>> own =
          csv(given().get("/v1/export?format=csv&" + since).asString()).stream()
              .filter(row -> row.get(3).equals(id.toString()))
              .toList();
      assertEquals(2, own.size());
      for (List<String> row : own) {
        assertEquals(List.of("billing-bot", "t/n"), row.subList(4, 6), proposal);
      }
    }
  }

  /// RFC 4180 §2.
  private static List<List<String>> csv(String text) {
    List<List<String>> rows = new ArrayList<>();
    List<String> row = new ArrayList<>();
    StringBuilder cell = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < text.length(); i++) {
      char each = text.charAt(i);
      if (quoted && each == '"' && i + 1 < text.length() && text.charAt(i + 1) == '"') {
        cell.append('"');
        i++;
      } else if (each == '"') {
        quoted = !quoted;
      } else if (quoted || (each != ',' && each != '\r' && each != '\n')) {
        cell.append(each);
      } else if (each != '\r') {
        row.add(cell.toString());
        cell.setLength(0);
        if (each == '\n') {
          rows.add(row);
          row = new ArrayList<>();
        }
      }
    }
    assertTrue(row.isEmpty() && cell.isEmpty(), "the last row has its end");
    return rows;
  }

  // --- ocsf

  @Test
  void ocsfEventsHaveWhatTheClassAsksForAndAreChained() {
    ActionId id = newId();
    String since = since();
    append(
        log,
        List.of(
            event(
                Topics.ACTION_PROPOSED,
                id,
                "{\"actionId\":\""
                    + id
                    + "\",\"agent\":{\"id\":\"billing-bot\",\"session\":\"run-1\"},"
                    + "\"tool\":{\"toolset\":\"payments\",\"name\":\"wire_transfer\"},"
                    + "\"parameters\":{}}"),
            event(Topics.VOTE_RECORDED, id, "{\"approver\":\"alice\",\"answer\":\"approve\"}"),
            event(Topics.EXECUTION, id, "{\"status\":\"succeeded\"}")));
    List<JsonNode> events = export("ocsf", since);
    JsonNode before = null;
    for (JsonNode event : events) {
      assertOcsf(event);
      JsonNode attestation = event.at("/attestation_list/0");
      assertEquals(
          before == null ? "" : before.at("/attestation_list/0/fingerprint/value").asText(),
          attestation.at("/prev_event/fingerprint/value").asText());
      ObjectNode covered = event.deepCopy();
      ((ObjectNode) covered.at("/attestation_list/0")).remove("fingerprint");
      assertEquals(
          Digest.of(Canonical.bytes(covered)).hex(),
          attestation.at("/fingerprint/value").textValue());
      before = event;
    }
    List<JsonNode> own =
        events.stream()
            .filter(it -> it.at("/metadata/correlation_uid").asText().equals(id.toString()))
            .toList();
    assertEquals(3, own.size());
    for (JsonNode event : own) {
      assertEquals("billing-bot", event.at("/ai_agent/uid").textValue());
      assertEquals("payments/wire_transfer", event.at("/api/operation").textValue());
      assertEquals("urn:test:" + id, event.at("/src_endpoint/svc_name").textValue());
    }
    assertEquals("alice", own.get(1).at("/actor/user/uid").textValue());
    assertEquals(1, own.get(2).path("status_id").asInt());
    JsonNode last = events.getLast();
    assertEquals(events.size() - 1, last.at("/unmapped/end/entries").asLong());
    assertTrue(
        checkpoint(last.at("/unmapped/checkpoint").textValue()).size()
            > last.at("/unmapped/end/last").asLong());
  }

  /// Anybody may have written it: a line without a fingerprint would be the end of the period.
  @Test
  void halfACharacterEndsNoPeriod() {
    ActionId id = newId();
    String since = since();
    String caller =
        "{\"agent\":{\"id\":\"a\\ud800\",\"session\":\"s\\ud800\"},"
            + "\"tool\":{\"toolset\":\"t\\ud800\",\"name\":\"n\\udc00\"},\"parameters\":{}}";
    append(
        log,
        List.of(
            event(Topics.ACTION_PROPOSED, id, caller),
            event(Topics.VOTE_RECORDED, id, "{\"approver\":\"p\\ud800\",\"answer\":\"y\\ud800\"}"),
            event(Topics.EXECUTION, id, "{\"status\":\"s\\ud800\"}")));
    List<JsonNode> events = export("ocsf", since);
    assertTrue(events.getLast().at("/unmapped").has("checkpoint"), "the period has its end");
    List<JsonNode> own =
        events.stream()
            .filter(it -> it.at("/metadata/correlation_uid").asText().equals(id.toString()))
            .toList();
    assertEquals(3, own.size());
    for (JsonNode event : own) {
      assertOcsf(event);
      assertEquals("a\uFFFD", event.at("/ai_agent/uid").textValue());
      assertEquals("s\uFFFD", event.at("/ai_agent/instance_uid").textValue());
      assertEquals("t\uFFFD/n\uFFFD", event.at("/api/operation").textValue());
    }
    assertEquals("p\uFFFD", own.get(1).at("/actor/user/uid").textValue());
    assertEquals("y\uFFFD", own.get(1).path("status").textValue());
    assertEquals("s\uFFFD", own.get(2).path("status").textValue());
  }

  /// What base event and API Activity require (docs/export.md).
  private static void assertOcsf(JsonNode event) {
    assertEquals(6, event.path("category_uid").asInt());
    assertEquals(6003, event.path("class_uid").asInt());
    assertEquals(6003 * 100 + event.path("activity_id").asInt(-1), event.path("type_uid").asInt());
    for (String required :
        List.of(
            "/severity_id",
            "/time",
            "/metadata/version",
            "/metadata/uid",
            "/metadata/product/name",
            "/actor/application/uid",
            "/api/operation",
            "/src_endpoint/svc_name",
            "/attestation_list/0/fingerprint/algorithm_id")) {
      assertTrue(event.at(required).isValueNode(), required + " of " + event);
    }
    assertTrue(event.path("time").isIntegralNumber());
  }

  // --- refused

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          format=jsonl&to=2026-01-01T00:00:00Z | export-from
          format=jsonl&from=2026-01-01T00:00:00Z | export-to
          format=jsonl&from=yesterday&to=2026-01-01T00:00:00Z | export-from
          format=jsonl&from=2026-01-01&to=2026-01-02T00:00:00Z | export-from
          format=jsonl&from=0001-01-01T00:00:00Z&to=2026-01-02T00:00:00Z | export-from
          format=jsonl&from=2026-01-01T00:00:00+01:00&to=2026-01-02T00:00:00Z | export-from
          format=jsonl&from=2026-01-01T00:00:00Z&to=2026-01-01T00:00:00Z | export-to
          format=xml&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z | export-format
          from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z | export-format
          """)
  void whatIsNoPeriodIsRefusedWithAWayOut(String query, String code) {
    Response response = given().urlEncodingEnabled(false).get("/v1/export?" + query);
    assertEquals(400, response.statusCode());
    assertEquals("application/problem+json", response.contentType());
    assertEquals("urn:countersign:problem:" + code, response.path("type"));
    assertTrue(response.<String>path("detail").length() > 20);
  }

  // --- means

  private static ActionId newId() {
    return new ActionId(UUID.randomUUID());
  }

  /// From now on.
  private static String since() {
    return "from=" + Instant.now() + "&to=9998-01-01T00:00:00Z";
  }

  private static List<JsonNode> export(String format, String period) {
    Response response =
        given().urlEncodingEnabled(false).get("/v1/export?format=" + format + "&" + period);
    assertEquals(200, response.statusCode(), response::asString);
    String text = new String(response.asByteArray(), StandardCharsets.UTF_8);
    assertTrue(text.endsWith("\n"));
    return text.lines()
        .map(line -> EventJson.readTree(line.getBytes(StandardCharsets.UTF_8)))
        .toList();
  }

  private static List<JsonNode> of(List<JsonNode> lines, ActionId id) {
    return lines.stream()
        .filter(line -> line.path("actionId").asText().equals(id.toString()))
        .toList();
  }

  private static byte[] bytes(JsonNode line, String member) {
    return Base64.getDecoder().decode(line.path(member).asText());
  }

  private static Checkpoint checkpoint(String note) {
    byte[] bytes = note.getBytes(StandardCharsets.UTF_8);
    Note read = Note.read(bytes);
    assertArrayEquals(bytes, read.bytes());
    return Checkpoint.read(read.text());
  }
}
