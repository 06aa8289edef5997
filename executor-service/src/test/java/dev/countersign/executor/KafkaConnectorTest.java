package dev.countersign.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import dev.countersign.events.Canonical;
import dev.countersign.events.EventJson;
import dev.countersign.events.Execution;
import dev.countersign.events.Execution.Status;
import dev.countersign.events.Tool;
import dev.countersign.executor.application.Grants;
import dev.countersign.executor.application.Replies;
import dev.countersign.executor.application.Reply;
import dev.countersign.executor.domain.Outcome;
import dev.countersign.messaging.Envelope;
import dev.countersign.testservers.Servers;
import dev.countersign.verifier.Grant;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.hibernate.reactive.mutiny.Mutiny;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A tool that another system runs, on Kafka.
@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = Outside.class, scope = TestResourceScope.GLOBAL)
class KafkaConnectorTest {

  @ConfigProperty(name = "kafka.bootstrap.servers")
  String bootstrapServers;

  @Inject DataSource database;
  @Inject Grants grants;
  @Inject Replies replies;
  @Inject Mutiny.SessionFactory sessions;

  @SuppressWarnings("NullAway.Init") // set before each test
  private Wire wire;

  @SuppressWarnings("NullAway.Init") // set before each test
  private RunningSystem deployer;

  private final ActionId actionId = new ActionId(UUID.randomUUID());

  @BeforeEach
  void open() throws Exception {
    wire = new Wire(bootstrapServers);
    deployer = new RunningSystem(bootstrapServers, "deployer");
  }

  @AfterEach
  void close() throws InterruptedException {
    wire.close();
    deployer.close();
  }

  @Test
  void theSystemGetsTheCommandWithItsGrantAndItsOutcomeIsTheExecutions() throws Exception {
    Action action = ExecutorTest.action("test/command");
    JsonNode decision = ExecutorTest.approved(actionId, action);
    wire.send(actionId, decision);

    ConsumerRecord<byte[], byte[]> record = deployer.command(actionId);

    Envelope command = Envelope.readAnyType(record);
    assertEquals("countersign.command.v1", command.type());
    assertEquals("urn:countersign:executor-service", command.source());
    assertEquals(actionId.toString(), command.subject());
    assertEquals(Wire.TRACE, command.traceparent());
    assertEquals("application/json", Envelope.header(record, "content-type"));
    JsonNode body = EventJson.readTree(command.data());
    assertEquals(actionId.toString(), body.path("actionId").asText());
    assertEquals("deployer-outcomes", body.path("replyTo").asText());
    assertEquals(action.digest(actionId).toString(), body.path("actionDigest").asText());
    // Whoever runs it can see for itself that exactly this was permitted.
    assertEquals(decision.path("grant"), body.path("grant"));
    Grant grant = grants.authentic(body.path("grant").asText());
    grant.mustPermit(
        actionId,
        EventJson.read(EventJson.write(body.path("action")), Action.class),
        GrantSigner.ISSUER);
    assertEquals(List.of(), wire.executions(actionId));

    deployer.says(actionId, "succeeded", "deployed", "checkout 4.2 is live");

    JsonNode execution = wire.execution(actionId);
    assertEquals("succeeded", execution.path("status").asText());
    assertEquals("deployed", execution.path("result").path("code").asText());
    assertEquals("checkout 4.2 is live", execution.path("result").path("summary").asText());
    assertEquals("tool", execution.path("reportedBy").asText());
    assertFalse(execution.has("reason"));
    assertEquals(1, deployer.commands(actionId).size());
    assertPlaceFree();
  }

  @ParameterizedTest
  @CsvSource({"failed, reported-failed", "unknown, reported-unknown"})
  void whatTheSystemSaysIsTheAnswer(String status, String reason) throws Exception {
    wire.send(actionId, ExecutorTest.approved(actionId, ExecutorTest.action("test/command")));
    deployer.command(actionId);

    deployer.says(actionId, status, "E42", "no such version");

    JsonNode execution = wire.execution(actionId);
    assertEquals(status, execution.path("status").asText());
    assertEquals(reason, execution.path("reason").path("code").asText());
    assertEquals("no such version", execution.path("reason").path("text").asText());
  }

  @Test
  void whatTheSystemSaidInATransactionAndAbortedIsNoAnswer() throws Exception {
    wire.send(actionId, ExecutorTest.approved(actionId, ExecutorTest.action("test/command")));
    deployer.command(actionId);

    deployer.abandons(actionId, "{\"actionId\": \"" + actionId + "\", \"status\": \"failed\"}");
    deployer.says(actionId, "succeeded", "deployed", null);

    assertEquals("succeeded", wire.execution(actionId).path("status").asText());
    settle();
    assertEquals(List.of(), late());
  }

  @Test
  void theFirstWordCountsAndAnotherIsKeptForPeople() throws Exception {
    wire.send(actionId, ExecutorTest.approved(actionId, ExecutorTest.action("test/command")));
    deployer.command(actionId);

    deployer.says(actionId, "succeeded", "deployed", null);
    deployer.says(actionId, "succeeded", "deployed", null);
    assertEquals("succeeded", wire.execution(actionId).path("status").asText());
    deployer.says(actionId, "failed", "E42", "rolled back");
    deployer.says(actionId, "failed", "E42", "rolled back");

    Wire.await("the late word", () -> !wire.late(actionId).isEmpty());
    settle();
    assertEquals(List.of("failed E42 rolled back"), late());
    assertEquals(List.of("failed E42 rolled back tool"), wire.late(actionId));
    assertEquals(1, wire.executions(actionId).size());
  }

  @Test
  void withoutAnAnswerItIsUnknownAndALateOneIsKept() throws Exception {
    wire.send(actionId, ExecutorTest.approved(actionId, ExecutorTest.action("test/impatient")));
    deployer.command(actionId);

    JsonNode execution = wire.execution(actionId);
    assertEquals("unknown", execution.path("status").asText());
    assertEquals("not-answered", execution.path("reason").path("code").asText());

    deployer.says(actionId, "succeeded", "deployed", null);
    Wire.await(
        "the late word", () -> wire.late(actionId).equals(List.of("succeeded deployed - tool")));
    assertEquals(List.of("succeeded deployed null"), late());
    assertEquals(1, wire.executions(actionId).size());
  }

  @Test
  void theOutcomeOfWhatADeadExecutorHandedOverIsTakenIn() throws Exception {
    handedOverByTheDead("started");

    deployer.says(actionId, "succeeded", "deployed", null);

    JsonNode execution = wire.execution(actionId);
    assertEquals("succeeded", execution.path("status").asText());
    assertEquals(1, execution.path("attempt").asInt());
    assertEquals(List.of(), deployer.commands(actionId));
  }

  @Test
  void theOutcomeOfWhatIsToBeTriedAgainIsTakenIn() throws Exception {
    handedOverByTheDead("ready");

    deployer.says(actionId, "succeeded", "deployed", null);

    assertEquals("succeeded", wire.execution(actionId).path("status").asText());
    assertEquals(List.of(), deployer.commands(actionId));
  }

  @Test
  void whatWasHandedOverWaitsBeyondTheLifeOfItsExecutor() throws Exception {
    wire.send(actionId, ExecutorTest.approved(actionId, ExecutorTest.action("test/command")));
    deployer.command(actionId);
    Wire.await("a lease as long as the wait", () -> secondsOfLease() > 30);

    // The executor goes on renewing the leases of all it holds, every five seconds.
    Instant end = Instant.now().plusSeconds(11);
    Wire.await(
        "its leases to be renewed twice",
        () -> {
          assertTrue(secondsOfLease() > 30);
          return Instant.now().isAfter(end);
        });
    deployer.says(actionId, "succeeded", "deployed", null);
    assertEquals("succeeded", wire.execution(actionId).path("status").asText());
  }

  private double secondsOfLease() {
    try (Connection connection = database.getConnection();
        PreparedStatement select =
            connection.prepareStatement(
                "select extract(epoch from lease_until - now()) from execution where action_id ="
                    + " ?")) {
      select.setObject(1, actionId.value());
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? row.getDouble(1) : 0;
      }
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void anotherSystemsWordAboutItIsNotHeard() throws Exception {
    wire.send(actionId, ExecutorTest.approved(actionId, ExecutorTest.action("test/command")));
    deployer.command(actionId);
    try (RunningSystem rival = new RunningSystem(bootstrapServers, "rival")) {
      rival.says(actionId, "succeeded", "deployed", "trust me");

      Wire.await("the rival's dead letter", () -> !wire.deadLetters(actionId).isEmpty());
      assertEquals(List.of("not-awaited"), wire.deadLetters(actionId));
      assertEquals(List.of(), wire.executions(actionId));
    }

    deployer.says(actionId, "failed", "E42", "no such version");
    assertEquals("failed", wire.execution(actionId).path("status").asText());
  }

  @Test
  void ofTwoWordsInOneBatchOnlyTheOtherSystemsIsPutAside() throws Exception {
    handedOverByTheDead("started");
    Outcome done =
        new Outcome(Status.SUCCEEDED, new Execution.Result("deployed", null, null), null);
    Reply own = new Reply(actionId, done, Set.of(new Tool("test", "command")));
    Reply another = new Reply(actionId, done, Set.of(new Tool("test", "rival")));

    Set<Integer> unasked =
        sessions
            .withStatelessTransaction(session -> replies.take(session, List.of(own, another)))
            .await()
            .atMost(Duration.ofSeconds(20));

    assertEquals(Set.of(1), unasked);
    assertEquals("succeeded", wire.execution(actionId).path("status").asText());
  }

  @Test
  void aWordAboutWhatWasNeverSentIsNotHeard() throws Exception {
    deployer.says(actionId, "succeeded", "deployed", null);

    Wire.await("the dead letter", () -> !wire.deadLetters(actionId).isEmpty());
    assertEquals(List.of("not-awaited"), wire.deadLetters(actionId));

    // And the action can still be run.
    wire.send(actionId, ExecutorTest.approved(actionId, ExecutorTest.action("test/ok")));
    assertEquals("succeeded", wire.execution(actionId).path("status").asText());
  }

  @Test
  void aWordAboutWhatWasSentBeforeARestoreIsKeptForPeople() throws Exception {
    JsonNode decision = ExecutorTest.approved(actionId, ExecutorTest.action("test/command"));
    sql("update epoch set voids_before = now() + interval '1 hour'");
    try {
      wire.send(actionId, decision);
      JsonNode execution = wire.execution(actionId);
      assertEquals("restored", execution.path("reason").path("code").asText());
    } finally {
      sql("update epoch set voids_before = null");
    }

    deployer.says(actionId, "succeeded", "deployed", null);

    Wire.await(
        "the late word", () -> wire.late(actionId).equals(List.of("succeeded deployed - tool")));
    assertEquals(List.of(), wire.deadLetters(actionId));
  }

  private void sql(String statement) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement update = connection.prepareStatement(statement)) {
      update.executeUpdate();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'{}', countersign.outcome.v1, shape",
    "'garbage', countersign.outcome.v1, shape",
    "'{\"status\": \"refused\"}', countersign.outcome.v1, shape",
    "'{\"status\": \"succeeded\"}', something.else.v1, type",
    "'{\"status\": \"succeeded\", \"more\": [MUCH]}', countersign.outcome.v1, too-large",
  })
  void garbageIsPutAsideAndBlocksNothing(String data, String type, String reason) throws Exception {
    wire.send(actionId, ExecutorTest.approved(actionId, ExecutorTest.action("test/command")));
    deployer.command(actionId);

    deployer.sends(
        actionId,
        type,
        (data.startsWith("{\"") ? data.replace("{", "{\"actionId\": \"" + actionId + "\", ") : data)
            .replace("MUCH", "[],".repeat(40_000) + "[]"));
    Wire.await("the dead letter", () -> !wire.deadLetters(actionId).isEmpty());

    assertEquals(List.of(reason), wire.deadLetters(actionId));
    deployer.says(actionId, "succeeded", "deployed", null);
    assertEquals("succeeded", wire.execution(actionId).path("status").asText());
  }

  @ParameterizedTest
  @CsvSource({
    "no-topic,    unreachable",
    "no-brokers,  unreachable",
    "no-security, credential-missing",
  })
  void whatCouldNotBeHandedOverFailed(String tool, String reason) throws Exception {
    wire.send(actionId, ExecutorTest.approved(actionId, ExecutorTest.action("test/" + tool)));

    JsonNode execution = wire.execution(actionId);

    assertEquals("failed", execution.path("status").asText(), execution::toString);
    assertEquals(reason, execution.path("reason").path("code").asText());
  }

  @Test
  void belowTheFloorNothingIsHandedOver() throws Exception {
    wire.send(
        actionId, ExecutorTest.approved(actionId, ExecutorTest.action("test/guarded-command")));

    assertEquals("refused", wire.execution(actionId).path("status").asText());
    assertEquals(List.of(), deployer.commands(actionId));
  }

  /// A row as an executor leaves it that was killed after the brokers had acknowledged the command.
  /// Where it is to be tried again, its grant begins only later, so that nobody does meanwhile.
  private void handedOverByTheDead(String state) throws SQLException {
    Action action = ExecutorTest.action("test/command");
    try (Connection connection = database.getConnection();
        PreparedStatement insert =
            connection.prepareStatement(
                """
                insert into execution (action_id, state, action_digest, agent, toolset, tool,
                    parameters, grant_nbf, grant_exp, attempt, instance, lease_until, started_at)
                values (?, ?, ?, 'billing-bot', ?, ?, ?,
                    now() + case when ? = 'ready' then interval '1 minute' else interval '0' end, now() + interval '2 minutes',
                    1, 'the dead', now() + interval '1 minute', now())
                """)) {
      insert.setObject(1, actionId.value());
      insert.setString(2, state);
      insert.setString(3, action.digest(actionId).toString());
      insert.setString(4, action.tool().toolset());
      insert.setString(5, action.tool().name());
      insert.setString(6, Canonical.text(action.parameters()));
      insert.setString(7, state);
      insert.executeUpdate();
    }
  }

  private List<String> late() {
    List<String> late = new ArrayList<>();
    try (Connection connection = database.getConnection();
        PreparedStatement select =
            connection.prepareStatement(
                "select status, code, summary from late_outcome where action_id = ?")) {
      select.setObject(1, actionId.value());
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          late.add(rows.getString(1) + " " + rows.getString(2) + " " + rows.getString(3));
        }
      }
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
    return late;
  }

  /// Waits until an outcome that was said later is through.
  private void settle() throws Exception {
    ActionId later = new ActionId(UUID.randomUUID());
    wire.send(later, ExecutorTest.approved(later, ExecutorTest.action("test/command")));
    deployer.command(later);
    deployer.says(later, "succeeded", "deployed", null);
    wire.execution(later);
  }

  /// One of its connector's places is taken while an outcome is awaited; were it not given back,
  /// the thirty-third would never be sent.
  private void assertPlaceFree() throws Exception {
    List<ActionId> more = new ArrayList<>();
    Instant before = Instant.now();
    for (int i = 0; i < 40; i++) {
      ActionId id = new ActionId(UUID.randomUUID());
      more.add(id);
      wire.post(id, ExecutorTest.approved(id, ExecutorTest.action("test/command")));
    }
    for (ActionId id : more) {
      deployer.command(id);
      deployer.says(id, "succeeded", "deployed", null);
    }
    for (ActionId id : more) {
      assertEquals("succeeded", wire.execution(id).path("status").asText());
    }
    assertTrue(Instant.now().isBefore(before.plusSeconds(55)), "places were given back too late");
  }
}
