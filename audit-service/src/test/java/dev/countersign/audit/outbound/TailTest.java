package dev.countersign.audit.outbound;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.audit.application.Integrity;
import dev.countersign.audit.application.Log;
import dev.countersign.audit.application.LogKey;
import dev.countersign.audit.application.Tail;
import dev.countersign.audit.domain.Entry;
import dev.countersign.audit.domain.EventId;
import dev.countersign.audit.domain.Leaf;
import dev.countersign.events.ActionId;
import dev.countersign.events.Audit;
import dev.countersign.events.EventJson;
import dev.countersign.events.Topics;
import dev.countersign.testservers.Servers;
import dev.countersign.tlog.Hash;
import dev.countersign.verifier.Salted;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.mutiny.core.Vertx;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What is handed on from memory is what stands in the log, whoever else writes to it and whatever
/// became of a commit.
@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
class TailTest {

  private static final Duration SOON = Duration.ofSeconds(60);
  private static final SecureRandom RANDOM = new SecureRandom();

  @Inject Log log;
  @Inject Tail tail;
  @Inject Sessions sessions;
  @Inject Vertx vertx;
  @Inject LogKey key;
  @Inject Integrity integrity;

  @ConfigProperty(name = "kafka.bootstrap.servers")
  String bootstrapServers;

  @ConfigProperty(name = "countersign.db")
  String database;

  @SuppressWarnings("NullAway.Init") // set before each test
  private Connection connection;

  @BeforeEach
  void connect() throws SQLException {
    connection = connect("audit");
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
  }

  private Connection connect(String role) throws SQLException {
    return DriverManager.getConnection("jdbc:postgresql://" + database, role, Servers.PASSWORD);
  }

  /// An instance of the service in another process.
  private Log another(Tail its) {
    return new PostgresLog(sessions, vertx, key, integrity, its);
  }

  private static Entry entry() {
    ActionId action = new ActionId(UUID.randomUUID());
    byte[] salt = new byte[Salted.SALT_BYTES];
    RANDOM.nextBytes(salt);
    byte[] value = "{\"agent\":{\"id\":\"tail\"}}".getBytes(StandardCharsets.UTF_8);
    Leaf leaf =
        new Leaf(Topics.VERDICT, 0, 0, Instant.EPOCH, null, action, Salted.payload(salt, value));
    return new Entry(
        EventId.ofLeaf(Hash.ofLeaf(leaf.bytes())),
        null,
        Topics.VERDICT,
        action,
        leaf.bytes(),
        null,
        salt,
        null,
        value,
        "[]");
  }

  private static List<Entry> entries(int count) {
    return IntStream.range(0, count).mapToObj(_ -> entry()).toList();
  }

  private static long append(Log to, List<Entry> entries) {
    return to.append(entries).await().atMost(SOON);
  }

  private List<Tail.Logged> from(Tail kept, long index) throws SQLException {
    return kept.from(connection, index, head(), 1_000);
  }

  private long head() throws SQLException {
    return number("select size from state");
  }

  private long number(String select) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(select)) {
      assertTrue(row.next());
      return row.getLong(1);
    }
  }

  private record Row(
      long index, Instant at, Hash leafHash, String leaf, @Nullable String checkpoint) {}

  private List<Row> rows(long from, long past) throws SQLException {
    List<Row> rows = new ArrayList<>();
    try (PreparedStatement select =
        connection.prepareStatement(
            """
            select l.idx, l.appended_at, l.leaf_hash, l.entry, c.note
            from leaf l left join checkpoint c on c.size = l.idx + 1
            where l.idx >= ? and l.idx < ? order by l.idx
            """)) {
      select.setLong(1, from);
      select.setLong(2, past);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          rows.add(
              new Row(
                  row.getLong(1),
                  row.getObject(2, OffsetDateTime.class).toInstant(),
                  Hash.of(row.getBytes(3)),
                  row.getString(4),
                  row.getString(5)));
        }
      }
    }
    return rows;
  }

  private static Row row(Tail.Logged logged) {
    return new Row(
        logged.index(),
        logged.at(),
        logged.leafHash(),
        new String(logged.entry().leaf(), StandardCharsets.UTF_8),
        logged.checkpoint());
  }

  @Test
  void whatThisProcessAppendedIsHandedOnAsItStandsInTheLog() throws SQLException {
    long past = append(log, entries(3));
    assertEquals(rows(past - 3, past), from(tail, past - 3).stream().map(TailTest::row).toList());
    assertEquals(
        rows(past - 2, past - 1),
        tail.from(connection, past - 2, past, 1).stream().map(TailTest::row).toList());
  }

  @Test
  void whatAnotherInstanceAppendedIsRead() throws SQLException {
    long first = append(log, entries(1));
    long others = append(another(new Tail()), entries(2));
    long last = append(log, entries(1));
    assertEquals(
        rows(first - 1, first), from(tail, first - 1).stream().map(TailTest::row).toList());
    assertEquals(List.of(), from(tail, others - 2));
    assertEquals(List.of(), from(tail, others - 1));
    assertEquals(rows(last - 1, last), from(tail, last - 1).stream().map(TailTest::row).toList());
  }

  @Test
  void whatWasAppendedBeforeARestartIsRead() throws SQLException {
    long past = append(log, entries(2));
    assertEquals(List.of(), from(new Tail(), past - 2));
  }

  @Test
  void whatIsNotCommittedYetIsNotHandedOn() throws SQLException {
    Tail early = new Tail();
    long head = head();
    early.keep(part(head + 1_000_000, Instant.EPOCH, entries(2)));
    assertEquals(List.of(), from(early, head + 1_000_000), "it is beyond the head");
  }

  @Test
  void whatWasRolledBackIsNotHandedOnWhenItsPlaceIsTaken() throws SQLException {
    Tail failed = new Tail();
    List<Entry> others = entries(2);
    long past = append(another(new Tail()), others);
    Instant at = rows(past - 2, past - 1).getFirst().at();
    failed.keep(part(past - 2, at, entries(2)));
    assertEquals(List.of(), from(failed, past - 2), "others stand there");
    failed.keep(part(past - 2, at.minusNanos(1_000), others));
    assertEquals(List.of(), from(failed, past - 2), "the same, but of another transaction");
    // A commit whose answer never came is one all the same.
    failed.keep(part(past - 2, at, others));
    assertEquals(2, from(failed, past - 2).size());
  }

  @Test
  void anAttemptThatFailedMakesWayForTheNext() throws SQLException {
    Tail its = new Tail();
    its.keep(part(head(), Instant.EPOCH, entries(5)));
    long past = append(another(its), entries(2));
    assertEquals(rows(past - 2, past), from(its, past - 2).stream().map(TailTest::row).toList());
  }

  @Test
  void erasedContentsDoNotComeBackFromMemory() throws SQLException {
    long past = append(log, entries(2));
    try (Connection owner = connect("audit_migrator")) {
      owner.setAutoCommit(false);
      try (Statement erase = owner.createStatement()) {
        erase.execute("insert into erased (idx, leaf) values (%d, 0)".formatted(past - 2));
      }
      assertEquals(List.of(), tail.from(owner, past - 2, past, 10));
      assertEquals(1, tail.from(owner, past - 1, past, 10).size());
      owner.rollback();
    }
  }

  private static Entry heavy(byte @Nullable [] key, byte @Nullable [] value) {
    Entry entry = entry();
    return new Entry(
        entry.eventId(), null, entry.topic(), null, entry.leaf(), null, null, key, value, "[]");
  }

  @Test
  void whatHasBeenHereForAWhileIsForgotten() throws SQLException {
    Tail its = new Tail();
    long past = append(another(its), entries(1));
    its.forgetOld();
    assertFalse(from(its, past - 1).isEmpty());
    its.forgetOld();
    assertEquals(List.of(), from(its, past - 1));
  }

  @Test
  void whoeverLagsFarBehindReads() throws SQLException {
    Tail its = new Tail();
    Log other = another(its);
    long first = append(other, entries(1));
    byte[] large = new byte[512 * 1024];
    // A key weighs as much as a value.
    List<Entry> heavy = List.of(heavy(null, large), heavy(large, null));
    assertFalse(from(its, first - 1).isEmpty());
    for (long at = first; at < first + 16; at++) {
      its.keep(part(at, Instant.EPOCH, List.of(heavy.get((int) (at % 2)))));
    }
    assertEquals(List.of(), from(its, first - 1));
  }

  private static Tail.Part part(long first, Instant at, List<Entry> entries) {
    return new Tail.Part(
        first, at, entries, entries.stream().map(each -> Hash.ofLeaf(each.leaf())).toList(), "");
  }

  @Test
  void everyEntryIsPublishedAndIndexedWhoeverAppendedIt() throws SQLException {
    Log other = another(new Tail());
    List<Entry> all = new ArrayList<>();
    long first = head();
    for (int round = 0; round < 10; round++) {
      List<Entry> ours = entries(7);
      List<Entry> theirs = entries(3);
      append(round % 2 == 0 ? log : other, ours);
      append(round % 3 == 0 ? log : other, theirs);
      Stream.of(ours, theirs).forEach(all::addAll);
    }
    long past = head();
    Map<Long, Audit> told = told(past);
    for (Row row : rows(first, past)) {
      Audit audit = Objects.requireNonNull(told.get(row.index));
      assertEquals(row.leafHash.hex(), audit.leafHash().hex());
      assertEquals(row.at, audit.at());
      assertEquals(EventJson.readTree(row.leaf.getBytes(StandardCharsets.UTF_8)), audit.entry());
      assertEquals(row.checkpoint, audit.checkpoint());
    }
    assertEquals(
        LongStream.range(0, past).boxed().toList(),
        told.keySet().stream().filter(index -> index < past).sorted().toList());
    await().atMost(SOON).until(() -> number("select size from indexed") >= past);
    for (Entry entry : all) {
      assertEquals(
          1,
          number(
              "select count(*) from action a join leaf l on l.idx = a.first and l.appended_at = a.at"
                  + " where a.agent = 'tail' and a.action_id = '%s'".formatted(entry.actionId())));
    }
  }

  /// What the topic `audit` says, up to this size at least.
  private Map<Long, Audit> told(long size) {
    Map<Long, Audit> told = new HashMap<>();
    try (var consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers",
                bootstrapServers,
                "group.id",
                "test-" + UUID.randomUUID(),
                "auto.offset.reset",
                "earliest"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      consumer.subscribe(List.of(Topics.AUDIT));
      await()
          .atMost(SOON)
          .until(() -> {
            for (var each : consumer.poll(Duration.ofMillis(200))) {
              Audit audit = EventJson.read(each.value(), Audit.class);
              told.put(audit.index(), audit);
            }
            return LongStream.range(0, size).allMatch(told::containsKey);
          });
    }
    return told;
  }
}
