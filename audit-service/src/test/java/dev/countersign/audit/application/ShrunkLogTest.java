package dev.countersign.audit.application;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.audit.domain.Erasure;
import dev.countersign.audit.outbound.OtherInstances;
import dev.countersign.events.ActionId;
import dev.countersign.events.Topics;
import dev.countersign.messaging.Elections;
import dev.countersign.testservers.Servers;
import dev.countersign.testservers.Wire;
import dev.countersign.tlog.KeyFile;
import dev.countersign.tlog.VerifierKey;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.core.Vertx;
import jakarta.enterprise.inject.Vetoed;
import jakarta.inject.Inject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A log without a witness whose database, or key, somebody loses: what the service notices by
/// itself. What breaks it for good comes last.
@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ShrunkLogTest {

  private static final Duration SOON = Duration.ofSeconds(60);

  @Inject Log log;
  @Inject Tree tree;
  @Inject LogKey key;
  @Inject Broker broker;
  @Inject RecoverEntries recovery;
  @Inject CheckHistory history;
  @Inject Integrity integrity;
  @Inject Erasures erasures;
  @Inject FindCompleteness completeness;
  @Inject Elections elections;
  @Inject Vertx vertx;
  @Inject OtherInstances others;

  @ConfigProperty(name = "kafka.bootstrap.servers")
  String bootstrapServers;

  @ConfigProperty(name = "countersign.db")
  String database;

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path folder;

  private static ActionId newId() {
    return new ActionId(UUID.randomUUID());
  }

  private long append(int entries) {
    return append(log, entries);
  }

  private static long append(Log log, int entries) {
    ActionId id = newId();
    return now(
        log.append(IntStream.range(0, entries).mapToObj(n -> TestRecords.entry(id, n)).toList()));
  }

  private static <T> T now(Uni<T> answer) {
    return answer.await().atMost(SOON);
  }

  private Backups backups() {
    return new Backups(database);
  }

  private void awaitIndexed(long size) {
    await().atMost(SOON).until(() -> now(erasures.indexed()) >= size);
  }

  @Test
  @Order(1)
  void whatIsLostIsReadInAsManyStepsAsThereIsRoomFor() throws Exception {
    long size = append(1);
    backups().take();
    long grown = IntStream.range(0, 20).mapToLong(_ -> append(10)).max().orElseThrow();
    backups().awaitPublished(grown);
    awaitIndexed(grown);
    backups().putBack(size);

    var weight = TestRecords.entry(newId(), 0).weight();
    try (var counted = new CountingBroker(bootstrapServers);
        Connection holder = backups().owner();
        Statement sql = holder.createStatement()) {
      // So that what was recovered is not published meanwhile.
      sql.execute("lock table published in access exclusive mode");
      var inSteps = new RecoverEntries(log, key, counted, 35L * weight);
      assertEquals(grown, inSteps.recover(now(tree.head()).frontier()));
      assertTrue(counted.passes > 3, counted::toString);
      assertTrue(counted.records < counted.passes * grown * 3 / 4, counted::toString);
    }
    assertEquals(Optional.empty(), history.check());
  }

  /// The broker, and how much was read from it.
  @Vetoed
  private static final class CountingBroker extends Broker implements AutoCloseable {

    private long passes;
    private long records;

    private CountingBroker(String bootstrapServers) {
      super(Map.of("bootstrap.servers", bootstrapServers));
    }

    @Override
    Map<TopicPartition, Extent> extents(Set<String> topics)
        throws InterruptedException, ExecutionException, TimeoutException {
      passes++;
      return super.extents(topics);
    }

    @Override
    long read(
        TopicPartition partition,
        long first,
        long past,
        Consumer<ConsumerRecords<byte[], byte[]>> batches)
        throws TimeoutException {
      long read = super.read(partition, first, past, batches);
      records += read;
      return read;
    }

    @Override
    public synchronized void close() {
      super.close();
    }

    @Override
    public String toString() {
      return "passes=%d records=%d".formatted(passes, records);
    }
  }

  @Test
  @Order(2)
  void whereTheLogsKeyIsGoneNoneIsMadeAnew() {
    append(1);
    Path gone = folder.resolve("gone/log.key");
    String refused =
        assertThrows(IllegalStateException.class, () -> new LogKey(tree, key.origin(), gone))
            .toString();
    assertTrue(refused.contains("put the key back"), refused);
    assertFalse(Files.exists(gone));
  }

  @Test
  @Order(2)
  void underAnotherKeyTheLogDoesNotGoOn() throws Exception {
    append(1);
    Path file = folder.resolve("another.key");
    KeyFile.open(file, key.origin(), VerifierKey.Kind.LOG);
    var another = new LogKey(tree, key.origin(), file);
    var start =
        new CheckHistory(tree, recovery, another, integrity, folder.resolve("last-cosigned"));
    String finding = start.check().orElseThrow();
    assertTrue(finding.contains("not signed by the log's key"), finding);
  }

  /// Whoever wrote what is lost looks after the other has written something else in its place: as
  /// much, or more in one transaction.
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  @Order(2)
  void aFailoverAfterWhichAnotherInstanceWentOnIsNoticed(int entries) throws Exception {
    Integrity its = whole();
    Log one = others.log(its);
    long size = append(one, 5);
    backups().take();
    append(one, 1);
    backups().putBack(size);
    assertEquals(size + entries, append(others.log(whole()), entries));

    assertThrows(IllegalStateException.class, () -> append(one, 1));
    assertEquals(size + entries, now(log.size()));
    String finding = its.finding().orElseThrow();
    assertTrue(finding.contains("are not those that it had"), finding);
  }

  /// Whoever read back what was lost has it as whoever wrote it has.
  @Test
  @Order(2)
  void aFailoverThatLosesWhatWasRecoveredIsNoticed() throws Exception {
    Log writer = others.log(whole());
    long size = append(writer, 5);
    backups().take();
    long grown = append(writer, 3);
    backups().awaitPublished(grown);
    backups().putBack(size);
    Integrity its = whole();
    Log one = others.log(its);
    var recovery = new RecoverEntries(one, key, broker, 1 << 20);
    assertEquals(grown, recovery.recover(now(tree.head()).frontier()));
    backups().putBack(size);
    assertEquals(grown, append(others.log(whole()), 3));

    assertThrows(IllegalStateException.class, () -> append(one, 1));
    assertEquals(grown, now(log.size()));
    String finding = its.finding().orElseThrow();
    assertTrue(finding.contains("are not those that it had"), finding);
  }

  /// Recovered entries stand under the last checkpoint alone.
  @Test
  @Order(2)
  void whoseEntriesAreRecoveredWithThoseOfOthersGoesOn() throws Exception {
    long size = append(1);
    backups().take();
    Integrity its = whole();
    Log one = others.log(its);
    append(one, 5);
    long grown = append(3);
    backups().awaitPublished(grown);
    backups().putBack(size);
    assertEquals(Optional.empty(), history.check());

    assertEquals(grown + 1, append(one, 1));
    assertEquals(Optional.empty(), its.finding());
  }

  private static Integrity whole() {
    Integrity its = new Integrity(new SimpleMeterRegistry());
    its.checked();
    return its;
  }

  /// By the process that wrote it, before it signs another tree of that size.
  @Test
  @Order(3)
  void aFailoverThatLosesOnlyTheLastTransactionIsNoticed() throws Exception {
    long size = append(5);
    backups().take();
    backups().awaitPublished(append(1));
    backups().putBack(size);

    assertThrows(IllegalStateException.class, () -> append(1));
    assertEquals(size, now(log.size()));
    String finding = integrity.finding().orElseThrow();
    assertTrue(finding.contains("put back to an earlier time"), finding);

    // As the next start does.
    assertEquals(Optional.empty(), history.check());
    assertEquals(size + 2, append(1));
  }

  @Test
  @Order(4)
  void aLogThatShrankErasesNothing() throws Exception {
    long size = append(5);
    backups().take();
    append(1);
    backups().putBack(size);

    assertThrows(IllegalStateException.class, () -> now(erase()));
    assertEquals(size, now(log.size()));
  }

  /// What waits in its line waits for good, and would be put there again by each look. The
  /// service's own looks no more: it is broken by now.
  @Test
  @Order(5)
  void whatStandsInAGapIsNotReadWhileTheLogIsBroken() throws Exception {
    var broken = whole();
    broken.broken("as a test says");
    var meters = new SimpleMeterRegistry();
    var line = new AppendToLog(log, broken, vertx, meters);
    var compare =
        new CompareWithKafka(elections, broker, line, completeness, meters, Duration.ofDays(1));
    try (Wire wire = new Wire(bootstrapServers);
        Connection connection =
            DriverManager.getConnection(
                "jdbc:postgresql://" + database, "audit", Servers.PASSWORD);
        Statement sql = connection.createStatement()) {
      wire.send(new ProducerRecord<>(Topics.TRUST, 0, new byte[0], new byte[] {'x'}));
      sql.execute(
          "insert into gap (topic, partition, kind, first, past)"
              + " values ('trust', 0, 'skipped', 0, 1)");
      assertThrows(IllegalStateException.class, () -> compare.compare(connection));
    }
  }

  private Uni<Erasures.Aged> erase() {
    return erasures.eraseOlder(
        "PT0S", indexes -> new Erasure(Instant.now(), "operator", "requested", null, indexes));
  }
}
