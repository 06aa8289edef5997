package dev.countersign.flow;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.demo.AgentPlatform;
import dev.countersign.demo.Timeout;
import dev.countersign.events.ActionId;
import dev.countersign.events.Topics;
import dev.countersign.flow.WholeSystem.Running;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Invariant 13, with a copy of the database's files: the hardest to notice, for nothing in it is
/// another than it was.
@ExtendWith(WholeSystem.class)
class PutBackTest {

  private static final Duration PATIENCE = Duration.ofMinutes(6);

  @Test
  void aBackupThatIsPutBackRevivesNoQuestionAndNoGrant(Running running) throws Exception {
    Path backup = Files.createTempDirectory(House.root().resolve("flow-tests/target"), "backup-");
    try (AgentPlatform platform = new AgentPlatform(running.addresses().kafka())) {
      ActionId fresh;
      try {
        fresh = putBackTwice(running, platform, backup);
      } finally {
        // Whatever failed: the tests that come next find a system that runs.
        goOn(running);
      }
      Ended.awaitLogged(running, platform, List.of(fresh), PATIENCE);
    }
  }

  /// Returns what was asked for and done after it all.
  private static ActionId putBackTwice(Running running, AgentPlatform platform, Path backup)
      throws Exception {
    ActionId waits = proposed(platform, Load.unanswered(Duration.ofHours(1)));
    platform.await(Topics.TICKET_OPENED, waits, PATIENCE);
    running.system().holdDown("executor");
    ActionId permitted = proposed(platform, Load.deletion());
    ConsumerRecord<byte[], byte[]> decision = record(platform, Topics.DECISION, permitted);
    copy(running, backup);

    // What happens after the backup is in Kafka and at the target, and will be in no database.
    running.system().release("executor");
    assertEquals(
        "succeeded", platform.await(Topics.EXECUTION, permitted, PATIENCE).path("status").asText());
    Groups.awaitRead(running, "executor-service", decision, PATIENCE);
    Groups.awaitRead(
        running, "ticket-service", record(platform, Topics.EXECUTION, permitted), PATIENCE);
    int epochs = epochs(running);

    // Under services that run: they notice, and start over. The outbox in a backup sends once more
    // what it had sent, and what is read so must not hide what is lacking.
    putBack(running, backup, () -> again(platform, decision));
    assertRestored(platform, waits, permitted, 1);
    Groups.awaitRead(running, "executor-service", decision, PATIENCE);

    // Once more, and as the runbook says.
    for (String each : List.of("ticket", "executor")) {
      running.system().holdDown(each);
    }
    putBack(running, backup, () -> {});
    for (String each : List.of("ticket", "executor")) {
      running.system().release(each);
    }
    assertRestored(platform, waits, permitted, 2);
    assertEquals(1, Ended.effects(running, permitted), "it ran before, and never again");

    // No restore: what is killed recovers, in the same epoch.
    Groups.awaitRead(running, "executor-service", decision, PATIENCE);
    awaitBegun(running);
    running.system().kill("postgres");
    running.system().kill("executor");
    running.system().kill("ticket");
    ActionId fresh = proposed(platform, Load.deletion());
    assertEquals(
        "succeeded", platform.await(Topics.EXECUTION, fresh, PATIENCE).path("status").asText());
    assertEquals(epochs + 1, epochs(running), "of the backup's, and one begun in it");
    return fresh;
  }

  /// As a backup of before everything: what ran does not run again.
  @Test
  void whatRanIsKnownAgainAfterTheDatabaseWasLost(Running running) throws Exception {
    try (AgentPlatform platform = new AgentPlatform(running.addresses().kafka())) {
      ActionId permitted = proposed(platform, Load.deletion());
      ConsumerRecord<byte[], byte[]> decision = record(platform, Topics.DECISION, permitted);
      platform.await(Topics.EXECUTION, permitted, PATIENCE);
      Groups.awaitRead(running, "executor-service", decision, PATIENCE);

      running.system().holdDown("executor");
      try {
        lose(running, "executor");
      } finally {
        running.system().release("executor");
      }

      assertUnknown(platform, permitted, 1);
      assertEquals(1, Ended.effects(running, permitted), "it ran before, and never again");
      awaitBegun(running);
      ActionId fresh = proposed(platform, Load.deletion());
      assertEquals(
          "succeeded", platform.await(Topics.EXECUTION, fresh, PATIENCE).path("status").asText());
      Ended.awaitLogged(running, platform, List.of(fresh), PATIENCE);
    }
  }

  /// All that the role owns goes; what every start of the database makes is made anew.
  private static void lose(Running running, String role) throws Exception {
    try (Connection connection = connect(running, role);
        Statement statement = connection.createStatement()) {
      statement.execute("drop owned by " + role + " cascade");
    }
    running.system().holdDown("postgres");
    running.system().release("postgres");
    running.system().awaitReady("postgres");
  }

  /// The log stands still since its database went back under it; started anew it reads what that
  /// lacks from its topic, and goes on.
  private static void goOn(Running running) {
    for (String each : List.of("postgres", "ticket", "executor")) {
      running.system().release(each);
    }
    running.system().kill("audit");
    running.system().awaitReady("audit");
  }

  private static ActionId proposed(AgentPlatform platform, Load.Case it) {
    platform.propose(it.id(), it.proposal());
    return it.id();
  }

  private static ConsumerRecord<byte[], byte[]> record(
      AgentPlatform platform, String topic, ActionId id) {
    return platform
        .awaitRecord(topic, id, PATIENCE, _ -> true)
        .orElseThrow(() -> new Timeout("no " + topic + " of " + id));
  }

  /// The question is cancelled and the grant's action unknown, for the how manieth time.
  private static void assertRestored(
      AgentPlatform platform, ActionId waits, ActionId permitted, int times) {
    assertTrue(
        platform
            .awaitRecord(
                Topics.DECISION,
                waits,
                PATIENCE,
                _ -> restored(platform.events(Topics.DECISION, waits), "cancelled") >= times)
            .isPresent(),
        () -> "the question: " + platform.events(Topics.DECISION, waits));
    assertUnknown(platform, permitted, times);
  }

  private static void assertUnknown(AgentPlatform platform, ActionId permitted, int times) {
    assertTrue(
        platform
            .awaitRecord(
                Topics.EXECUTION,
                permitted,
                PATIENCE,
                _ -> restored(platform.events(Topics.EXECUTION, permitted), "unknown") >= times)
            .isPresent(),
        () -> "the grant: " + platform.events(Topics.EXECUTION, permitted));
  }

  private static long restored(List<JsonNode> events, String word) {
    return events.stream()
        .filter(each ->
            each.path("outcome").asText(each.path("status").asText()).equals(word)
                && each.path("reason").path("code").asText().equals("restored"))
        .distinct()
        .count();
  }

  private static void copy(Running running, Path backup) throws Exception {
    running.system().holdDown("postgres");
    run("cp", "-a", database(running).toString(), backup.resolve("postgres").toString());
    running.system().release("postgres");
    running.system().awaitReady("postgres");
  }

  private static void putBack(Running running, Path backup, Runnable meanwhile) throws Exception {
    running.system().holdDown("postgres");
    meanwhile.run();
    run("rm", "-rf", database(running).toString());
    run("cp", "-a", backup.resolve("postgres").toString(), database(running).toString());
    running.system().release("postgres");
    running.system().awaitReady("postgres");
  }

  private static void again(AgentPlatform platform, ConsumerRecord<byte[], byte[]> record) {
    Map<String, String> headers = new HashMap<>();
    record.headers().forEach(each -> headers.put(each.key(), new String(each.value(), UTF_8)));
    platform.produce(record.topic(), new String(record.key(), UTF_8), record.value(), headers);
  }

  private static Path database(Running running) {
    return running.state().resolve("postgres");
  }

  private static void run(String... command) throws IOException, InterruptedException {
    assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor());
  }

  private static int epochs(Running running) throws SQLException {
    return number(running, "executor", "select max(number) from epoch");
  }

  /// Until what is judged and granted now is of the new epoch by anybody's clock.
  private static void awaitBegun(Running running) throws SQLException {
    long until = System.nanoTime() + PATIENCE.toNanos();
    String stillVoid = "select count(*) from epoch where voids_before > now()";
    while (number(running, "executor", stillVoid) + number(running, "ticket", stillVoid) > 0) {
      if (System.nanoTime() > until) {
        throw new Timeout("the epoch goes on voiding what is new");
      }
      LockSupport.parkNanos(50_000_000);
    }
  }

  private static int number(Running running, String role, String select) throws SQLException {
    try (Connection connection = connect(running, role);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(select)) {
      row.next();
      return row.getInt(1);
    }
  }

  private static Connection connect(Running running, String role) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://" + running.system().database(),
        role,
        running.system().databasePassword(role));
  }
}
