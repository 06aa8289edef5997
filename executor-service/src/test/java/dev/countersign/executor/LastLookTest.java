package dev.countersign.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.EventJson;
import dev.countersign.events.Tool;
import dev.countersign.events.Topics;
import dev.countersign.testservers.Servers;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What was claimed and has not been sent yet is sent only if it still may be: each test holds an
/// execution fast in between, as a slow neighbour would.
@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = Outside.class, scope = TestResourceScope.GLOBAL)
@SuppressWarnings("NullAway.Init") // injected
class LastLookTest {

  private static final GrantSigner TICKET_SERVICE = GrantSigner.ticketService();

  @ConfigProperty(name = "kafka.bootstrap.servers")
  String bootstrapServers;

  @ConfigProperty(name = "test.upstream")
  String upstream;

  @Inject DataSource database;

  private Wire wire;
  private final ActionId actionId = new ActionId(UUID.randomUUID());
  // Each test freezes an agent of its own, and disturbs no other.
  private final String agent = "bot-" + actionId;

  @BeforeEach
  void open() {
    wire = new Wire(bootstrapServers);
  }

  @AfterEach
  void close() throws InterruptedException {
    wire.close();
  }

  private void approved(Tool tool, Instant until) {
    Action action =
        new Action(
            new Agent(agent, null, null, null),
            tool,
            JsonNodeFactory.instance.objectNode().put("amount", "1").put("customer", "C-1"));
    ObjectNode decision = JsonNodeFactory.instance.objectNode();
    decision.put("actionId", actionId.toString());
    decision.put("at", Instant.now().toString());
    decision.put("outcome", "approved");
    decision.put("basis", "policy");
    decision.put("actionDigest", action.digest(actionId).toString());
    decision.set("action", EventJson.tree(action));
    decision.put(
        "grant",
        TICKET_SERVICE.sign(
            GrantSigner.header(), GrantSigner.claims(actionId, action, Instant.now(), until)));
    wire.send(actionId, decision);
  }

  /// An execution that hangs in the opening of its MCP session.
  private void openingASession(Instant until) {
    assumeFalse(upstream.equals("none"), "needs Node.js");
    int before = held();
    approved(new Tool("mcp", "held"), until);
    Wire.await("the opening of a session", () -> held() > before);
  }

  private static Instant inTwoMinutes() {
    return Instant.now().plusSeconds(120);
  }

  private int held() {
    return Integer.parseInt(RestAssured.get(upstream + "/holding").asString());
  }

  private void letGo() {
    RestAssured.get(upstream + "/release").then().statusCode(200);
  }

  private void freeze() {
    ActionId freeze = new ActionId(UUID.randomUUID());
    ObjectNode event = JsonNodeFactory.instance.objectNode();
    event.put("actionId", freeze.toString());
    event.put("at", Instant.now().toString());
    event.put("change", "frozen").put("by", "operator");
    event.putObject("reason").put("code", "operator").put("text", "It pays twice.");
    event.putObject("frozen").put("agent", agent);
    wire.post(Topics.OVERSIGHT, freeze, event);
    Wire.await(
        "the freeze",
        () ->
            RestAssured.get("/v1/freezes")
                .then()
                .extract()
                .<List<String>>path("freezes.freeze")
                .contains(freeze.toString()));
  }

  private void assertNotRun(String status, String reason) {
    JsonNode execution = wire.execution(actionId);
    assertEquals(status, execution.path("status").asText(), execution::toString);
    assertEquals(reason, execution.path("reason").path("code").asText(), execution::toString);
  }

  private void assertNothingCalled() {
    String seen = RestAssured.get(upstream + "/seen").asString();
    assertTrue(!seen.contains(actionId.toString()), "the tool was called");
  }

  @Test
  void whatIsFrozenWhileItsSessionOpensIsNotCalled() {
    openingASession(inTwoMinutes());

    freeze();
    letGo();

    assertNotRun("refused", "frozen");
    assertNothingCalled();
  }

  @Test
  void whatNothingStopsIsCalledOnceItsSessionIsOpen() {
    openingASession(inTwoMinutes());

    letGo();

    assertEquals("succeeded", wire.execution(actionId).path("status").asText());
  }

  @Test
  void whoseGrantEndsMeanwhileIsNotCalled() {
    Instant until = Instant.now().plusSeconds(15);
    openingASession(until);

    Wire.await("the grant's end", () -> Instant.now().isAfter(until));
    letGo();

    assertNotRun("refused", "grant-expired");
    assertNothingCalled();
  }

  /// A machine that sleeps has a clock that sleeps, too; the database's goes on.
  @Test
  void whatIsOverByTheDatabasesClockIsNotCalled() throws Exception {
    openingASession(inTwoMinutes());

    set("grant_exp = now()");
    letGo();

    assertNotRun("refused", "grant-expired");
    assertNothingCalled();
  }

  @Test
  void whatAnotherHasTakenOverIsNotCalled() throws Exception {
    openingASession(inTwoMinutes());

    set("instance = 'another'");
    letGo();

    // The other one is dead, and what it may have done is unknown.
    assertNotRun("unknown", "interrupted");
    assertNothingCalled();
  }

  private void set(String column) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement update =
            connection.prepareStatement(
                "update execution set " + column + " where action_id = ?")) {
      update.setObject(1, actionId.value());
      update.executeUpdate();
    }
  }

  @Test
  void whatTheDatabaseCannotBeAskedAboutIsNotCalled() throws Exception {
    openingASession(inTwoMinutes());

    try (Connection connection = database.getConnection();
        Statement lock = connection.createStatement()) {
      connection.setAutoCommit(false);
      lock.execute("lock table execution in access exclusive mode");
      letGo();
      Wire.await("the last look, which waits for the lock", () -> done() || cutOff());
      connection.rollback();
    }

    assertNotRun("failed", "database-away");
    assertNothingCalled();
  }

  private boolean done() {
    return !wire.executions(actionId).isEmpty();
  }

  /// Whether a last look was waiting; its connection is gone now. Asked on a connection of its own:
  /// within a transaction the answer stays what it was first.
  private boolean cutOff() {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet looks =
            statement.executeQuery(
                "select count(pg_terminate_backend(pid)) from pg_stat_activity"
                    + " where wait_event_type = 'Lock' and query like '%e.grant_exp <= now() as over%'")) {
      looks.next();
      return looks.getInt(1) > 0;
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aCommandThatIsFrozenWhileItsTopicIsLookedForIsNotSent() throws Exception {
    approved(new Tool("test", "late-command"), inTwoMinutes());
    Wire.await("its claim", this::isStarted);

    freeze();
    // Now there is such a topic, within `find-topic`.
    try (RunningSystem late = new RunningSystem(bootstrapServers, "late")) {
      assertNotRun("refused", "frozen");
      assertEquals(List.of(), late.commands(actionId));
    }
  }

  private boolean isStarted() {
    return RestAssured.get("/v1/executions/" + actionId)
        .then()
        .extract()
        .body()
        .asString()
        .contains("\"started\"");
  }
}
