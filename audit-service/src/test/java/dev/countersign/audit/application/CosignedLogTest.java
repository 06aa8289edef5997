package dev.countersign.audit.application;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.audit.domain.Entry;
import dev.countersign.audit.domain.EventId;
import dev.countersign.events.ActionId;
import dev.countersign.events.Canonical;
import dev.countersign.events.DsseEnvelope;
import dev.countersign.events.EventJson;
import dev.countersign.events.Topics;
import dev.countersign.testservers.Servers;
import dev.countersign.testservers.Wire;
import dev.countersign.tlog.Checkpoint;
import dev.countersign.tlog.Hash;
import dev.countersign.tlog.Note;
import dev.countersign.tlog.VerifierKey;
import dev.countersign.verifier.EvidenceFile;
import dev.countersign.verifier.HashedRekord;
import dev.countersign.verifier.Verify;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.eclipse.microprofile.config.ConfigProvider;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/// The log beside a real witness, and what the two make of a database that somebody edits, cuts or
/// puts back. What breaks it for good comes last.
@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
@WithTestResource(value = RunningWitness.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CosignedLogTest {

  private static final String EVER = "&from=1970-01-01T00:00:00Z&to=9998-01-01T00:00:00Z";
  private static final Duration SOON = Duration.ofSeconds(60);

  @Inject Log log;
  @Inject Tree tree;
  @Inject CheckHistory history;
  @Inject RecoverEntries recovery;
  @Inject LogKey key;
  @Inject Integrity integrity;

  @ConfigProperty(name = "kafka.bootstrap.servers")
  String bootstrapServers;

  @TestHTTPResource URI address = URI.create("/");

  @ConfigProperty(name = "countersign.db")
  String database;

  /// Asked for when it runs: the other classes run without a witness.
  private final Path witnessKey =
      ConfigProvider.getConfig().getValue("countersign.witness.key", Path.class);

  @ConfigProperty(name = "countersign.log.key")
  Path logKey;

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path folder;

  private Backups backups() {
    return new Backups(database);
  }

  private long append(ActionId id, int from, int to) {
    return log.append(IntStream.range(from, to).mapToObj(n -> TestRecords.entry(id, n)).toList())
        .await()
        .atMost(SOON);
  }

  private long append(Entry entry) {
    return log.append(List.of(entry)).await().atMost(SOON);
  }

  /// The same for the same action.
  private static byte[] attestationLeaf(ActionId id) {
    byte[] any = id.toString().getBytes(StandardCharsets.UTF_8);
    return HashedRekord.leaf(DsseEnvelope.of(DsseEnvelope.IN_TOTO, any, "key", any), any);
  }

  private static Entry attestation(Hash eventId, ActionId id) {
    return new Entry(
        eventId, null, Entry.ATTESTATION, id, attestationLeaf(id), null, null, null, null, "[]");
  }

  private static ActionId newId() {
    return new ActionId(UUID.randomUUID());
  }

  private void awaitCosigned(long size) {
    await()
        .atMost(SOON)
        .until(() ->
            tree.cosigned()
                .await()
                .atMost(SOON)
                .filter(note -> Checkpoint.read(note.text()).size() >= size)
                .isPresent());
  }

  private record Said(int exit, String text) {}

  private Said verify(String what) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Map<String, Path> keys =
        Map.of("--log", logKey.resolveSibling("log.vkey"), "--witness", witnessKey);
    try (PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8)) {
      int exit = Verify.run(List.of(what), keys, print, print);
      return new Said(exit, out.toString(StandardCharsets.UTF_8));
    }
  }

  /// Once there is one: the service waits some seconds for the witness, and then says that it has
  /// to be asked again.
  private EvidenceFile evidence(ActionId id) {
    byte[] file =
        await()
            .atMost(SOON)
            .until(() -> given().get("/v1/evidence/" + id), answer -> answer.statusCode() == 200)
            .asByteArray();
    return EventJson.read(file, EvidenceFile.class);
  }

  private Said verify(EvidenceFile evidence) throws IOException {
    return verify(
        Files.write(folder.resolve("evidence.json"), EventJson.write(evidence)).toString());
  }

  @Test
  @Order(1)
  void whatIsLoggedIsSoonCosignedAndProvenToThat() throws IOException {
    ActionId id = newId();
    long size = append(id, 0, 700);
    EvidenceFile evidence = evidence(id);
    assertEquals(700, evidence.entries().size());
    Note note = Note.read(evidence.checkpoint().getBytes(StandardCharsets.UTF_8));
    assertTrue(
        VerifierKey.read(Files.readString(witnessKey)).cosigned(note).isPresent(), note.text());
    Said said = verify(evidence);
    assertEquals(0, said.exit, said.text);
    assertEquals(0, verify(address.toString()).exit);
    assertEquals(size, Checkpoint.read(note.text()).size());
    assertEquals(
        note.toString(), given().get("/checkpoint").then().statusCode(200).extract().asString());
  }

  @Test
  @Order(1)
  void anExportEndsWithACosignedCheckpointOrDoesNotBegin() throws Exception {
    awaitCosigned(append(newId(), 0, 5));
    long size;
    try (Connection holder = backups().owner();
        Statement sql = holder.createStatement()) {
      // What the witness signs now is not kept: as if it were away.
      sql.execute("lock table cosigned in share row exclusive mode");
      size = append(newId(), 0, 5);
      for (String format : List.of("jsonl", "ocsf")) {
        var answer = given().get("/v1/export?format=" + format + EVER);
        assertEquals(503, answer.statusCode(), answer::asString);
        assertEquals("urn:countersign:problem:not-cosigned", answer.path("type"));
      }
      // It has no line for a checkpoint.
      given().get("/v1/export?format=csv" + EVER).then().statusCode(200);
      holder.rollback();
    }
    awaitCosigned(size);
    Note note = endOfExport();
    assertTrue(
        VerifierKey.read(Files.readString(witnessKey)).cosigned(note).isPresent(), note.text());
    assertTrue(Checkpoint.read(note.text()).size() >= size, note.text());
  }

  /// The checkpoint in the last line of an export of all there is.
  private static Note endOfExport() {
    String lines =
        given().get("/v1/export?format=jsonl" + EVER).then().statusCode(200).extract().asString();
    JsonNode end =
        EventJson.readTree(lines.lines().toList().getLast().getBytes(StandardCharsets.UTF_8));
    return Note.read(end.path("checkpoint").textValue().getBytes(StandardCharsets.UTF_8));
  }

  /// Each on a copy of the tables that is put back afterwards.
  @Test
  @Order(2)
  void whatAnOwnerChangesIsNamedByItsIndex() throws Exception {
    awaitCosigned(append(newId(), 0, 300));
    assertNamed("entry 5:", "update leaf set entry = replace(entry, 'e5', 'e6') where idx = 5");
    assertNamed("entry 7:", "delete from leaf where idx = 7");
    // Each of two that change places fits its own hash: it is the tile above that tells.
    assertNamed(
        "entry 0: from it to entry 255",
        "update leaf l set entry = o.entry, leaf_hash = o.leaf_hash from leaf o"
            + " where l.idx in (3, 4) and o.idx in (3, 4) and o.idx <> l.idx");
    // A hash that fits the changed entry: the tree above it does not.
    assertNamed(
        "entry 0: from it to entry 255",
        "update leaf set entry = entry || ' ',"
            + " leaf_hash = sha256('\\x00'::bytea || convert_to(entry || ' ', 'UTF8'))"
            + " where idx = 9");
    assertNamed("", "update node set hash = sha256(hash) where level = 1 and idx = 0");
    assertEquals(0, verify(address.toString()).exit);
  }

  private void assertNamed(String part, String edit) throws Exception {
    changed(
        edit,
        () -> {
          Said said = verify(address.toString());
          assertEquals(1, said.exit, edit + ": " + said.text);
          assertTrue(said.text.contains(part), edit + ": " + said.text);
        });
  }

  @Test
  @Order(3)
  void atStartATreeThatIsNotTheCosignedOneIsNoticed() throws Exception {
    awaitCosigned(append(newId(), 0, 10));
    assertEquals(Optional.empty(), history.check());
    String root = "update node set hash = sha256(hash) where level = 1 and idx = 0";
    changed(
        root,
        () -> {
          assertTrue(history.check().orElseThrow().contains("do not have the root"));
        });
    assertEquals(Optional.empty(), history.check());
  }

  /// The pages and the tiles stay, as the runbook has it, and who looks is told what is wrong.
  @Test
  @Order(3)
  void aNewestCheckpointThatCantBeReadIsAFindingAndNoEndOfTheProcess() throws Exception {
    awaitCosigned(append(newId(), 0, 5));
    var found = new Integrity(new SimpleMeterRegistry());
    changed(
        "update checkpoint set note = 'spoilt' where size = (select size from state)",
        () -> {
          var started = new LogKey(tree, key.origin(), logKey);
          assertEquals(key.publicKey(), started.publicKey());
          new CheckHistory(tree, recovery, started, found, folder.resolve("last-cosigned"))
              .onStart(new StartupEvent());
        });
    String finding = found.finding().orElseThrow();
    assertTrue(finding.contains("can't be compared with what was cosigned"), finding);
    assertEquals(Optional.empty(), history.check());
  }

  private interface Look {
    void take() throws Exception;
  }

  private void changed(String edit, Look look) throws Exception {
    try (Connection connection = backups().owner();
        Statement sql = connection.createStatement()) {
      for (String table : Backups.TABLES) {
        sql.execute("create table kept_" + table + " as select * from " + table);
      }
      Backups.unguarded(sql, edit);
      connection.commit();
      try {
        look.take();
      } finally {
        for (String table : List.of("cosigned", "checkpoint", "node", "leaf")) {
          Backups.unguarded(
              sql, "delete from " + table, "insert into " + table + " select * from kept_" + table);
        }
        for (String table : Backups.TABLES) {
          sql.execute("drop table kept_" + table);
        }
        connection.commit();
      }
    }
  }

  @Test
  @Order(4)
  void whatABackupLacksIsReadFromTheTopicAndItsContentSaidToBeLost() throws Exception {
    ActionId before = newId();
    ActionId after = newId();
    long size = append(before, 0, 20);
    backups().take();
    List<ActionId> repeated = Stream.generate(CosignedLogTest::newId).limit(8).toList();
    repeated.forEach(each -> append(each, 0, 1));
    long grown = append(after, 0, 400);
    awaitCosigned(grown);
    backups().awaitPublished(grown);
    assertEquals(0, verify(evidence(after)).exit);
    repeated.forEach(this::repeatWithBentHeaders);
    publishBeyondAllTime(size);

    backups().putBack(size);
    assertEquals(Optional.empty(), checkHistory());

    assertEquals(grown, log.size().await().atMost(SOON));
    assertEquals(0, verify(address.toString()).exit);
    assertEquals(0, verify(evidence(before)).exit);
    EvidenceFile lost = evidence(after);
    assertEquals(400, lost.entries().size());
    assertTrue(lost.entries().stream().allMatch(EvidenceFile.Item::erased));
    // What comes again from Kafka is known by its place.
    assertEquals(grown, append(after, 0, 400));
    awaitCosigned(append(newId(), 0, 5));
    assertEquals(0, verify(address.toString()).exit);
    assertTrue(integrity.finding().isEmpty());
  }

  /// Two events with one attestation have a leaf each, and so has one whose vote is followed again
  /// after a backup was put back.
  @Test
  @Order(4)
  void attestationsOfTheSameBytesAreRecoveredEachAtItsPlace() throws Exception {
    ActionId id = newId();
    // An earlier version recovered the first of them.
    long one = append(attestation(EventId.ofLeaf(Hash.ofLeaf(attestationLeaf(id))), id));
    backups().take();
    long two = append(attestation(EventId.ofAttestation(TestRecords.entry(id, 1).eventId()), id));
    backups().take();
    append(attestation(EventId.ofAttestation(TestRecords.entry(id, 2).eventId()), id));
    long grown = append(newId(), 0, 5);

    // The second time beside the one that was recovered the first time.
    for (long size : List.of(one, two)) {
      awaitCosigned(grown);
      backups().awaitPublished(grown);
      backups().putBack(size);
      assertEquals(Optional.empty(), checkHistory());
      assertEquals(grown, log.size().await().atMost(SOON));
      assertEquals(0, verify(address.toString()).exit);
    }
  }

  @Test
  @Order(3)
  void aStartWhileAnotherInstanceIsAtWorkFindsNothingWrong() throws Exception {
    ActionId id = newId();
    try (ExecutorService other = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Long> grown =
          other.submit(() -> {
            for (int i = 0; i < 150; i++) {
              append(id, 10 * i, 10 * i + 10);
            }
            return append(id, 1500, 1510);
          });
      while (!grown.isDone()) {
        assertEquals(Optional.empty(), history.check());
      }
      awaitCosigned(grown.get());
    }
  }

  /// The service looks as well, and who comes second is told so.
  private Optional<String> checkHistory() {
    return await()
        .atMost(SOON)
        .ignoreExceptionsMatching(e -> "the log grew while it was recovered".equals(e.getMessage()))
        .until(history::check, _ -> true);
  }

  /// A whole entry at a time that no clock of ours tells.
  private void publishBeyondAllTime(long index) {
    JsonNode entry =
        EventJson.readTree(
            """
            {"offset":0,"partition":0,"time":"+1000000000-12-31T23:59:59Z","topic":"x"}\
            """
                .getBytes(StandardCharsets.UTF_8));
    ObjectNode audit = JsonNodeFactory.instance.objectNode();
    audit.put("actionId", newId().toString());
    audit.put("at", Instant.now().toString());
    audit.put("index", index);
    audit.put("leafHash", "sha256:" + Hash.ofLeaf(Canonical.bytes(entry)).hex());
    audit.set("entry", entry);
    try (Wire wire = new Wire(bootstrapServers)) {
      for (int partition = 0; partition < 4; partition++) {
        wire.send(
            new ProducerRecord<>(Topics.AUDIT, partition, new byte[0], EventJson.write(audit)));
      }
    }
  }

  /// Everybody with the topic may repeat what stands on it, to whichever partition, under headers
  /// that no database takes.
  private void repeatWithBentHeaders(ActionId id) {
    try (Wire wire = new Wire(bootstrapServers)) {
      ConsumerRecord<byte[], byte[]> published = wire.about(id, Topics.AUDIT, 1).getFirst();
      for (int partition = 0; partition < 4; partition++) {
        ProducerRecord<byte[], byte[]> copy =
            new ProducerRecord<>(Topics.AUDIT, partition, published.key(), published.value());
        published.headers().forEach(copy.headers()::add);
        copy.headers().remove("traceparent").add("traceparent", new byte[1]);
        wire.send(copy);
      }
    }
  }

  @Test
  @Order(5)
  void aTreeThatGoesOnFromAnotherIsNotSignedByTheWitnessAndThenByNobody() throws Exception {
    awaitCosigned(append(newId(), 0, 5));
    Note cosigned = tree.cosigned().await().atMost(SOON).orElseThrow();
    try (Connection connection = backups().owner();
        Statement sql = connection.createStatement()) {
      Backups.unguarded(
          sql, "update state set frontier = sha256(frontier) || substring(frontier from 33)");
      connection.commit();
    }
    assertTrue(history.check().orElseThrow().contains("do not have the root"));
    // Nobody restarts it, so nobody looks: but the witness remembers.
    append(newId(), 0, 1);
    await().atMost(SOON).until(() -> integrity.finding().isPresent());
    assertTrue(integrity.finding().orElseThrow().contains("witness"), integrity.finding()::get);
    given().get("/q/health/ready").then().statusCode(503);
    assertThrows(IllegalStateException.class, integrity::require);
    assertTrue(history.check().isPresent(), "neither does the next start begin to sign");
    assertEquals(cosigned, tree.cosigned().await().atMost(SOON).orElseThrow());
    Said said = verify(address.toString());
    assertEquals(0, said.exit, "what is served is what was cosigned: " + said.text);
    // What came since can be had all the same, and its end says who stands for it: the log alone.
    Note signed = tree.signed().await().atMost(SOON).orElseThrow();
    assertNotEquals(cosigned.text(), signed.text());
    assertEquals(signed.toString(), endOfExport().toString());
  }
}
