package dev.countersign.executor;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.EventJson;
import dev.countersign.events.Tool;
import dev.countersign.events.Topics;
import dev.countersign.executor.application.Begun;
import dev.countersign.executor.application.Effects;
import dev.countersign.executor.application.LastLook;
import dev.countersign.executor.domain.Approvers;
import dev.countersign.executor.domain.LiftConnector;
import dev.countersign.executor.domain.Outcome;
import dev.countersign.testservers.Servers;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The kill switch: nothing of what is frozen begins, and nobody alone can start it again.
@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = Outside.class, scope = TestResourceScope.GLOBAL)
@SuppressWarnings("NullAway.Init") // injected
class FreezeTest {

  private static final GrantSigner TICKET_SERVICE = GrantSigner.ticketService();

  @ConfigProperty(name = "kafka.bootstrap.servers")
  String bootstrapServers;

  @ConfigProperty(name = "test.target")
  String target;

  @Inject Effects effects;
  @Inject DataSource database;

  private Wire wire;
  private final ActionId freeze = new ActionId(UUID.randomUUID());
  // Each test freezes an agent of its own, and disturbs no other.
  private final String agent = "bot-" + freeze;

  @BeforeEach
  void open() {
    wire = new Wire(bootstrapServers);
  }

  @AfterEach
  void close() throws InterruptedException {
    wire.close();
  }

  private static Action action(String agent, Tool tool) {
    return new Action(
        new Agent(agent, null, null, null),
        tool,
        JsonNodeFactory.instance.objectNode().put("amount", "1"));
  }

  private static ObjectNode decision(ActionId id, Action action, String grant) {
    ObjectNode decision = JsonNodeFactory.instance.objectNode();
    decision.put("actionId", id.toString());
    decision.put("at", Instant.now().toString());
    decision.put("outcome", "approved");
    decision.put("basis", "policy");
    decision.put("actionDigest", action.digest(id).toString());
    decision.set("action", EventJson.tree(action));
    decision.put("grant", grant);
    return decision;
  }

  private ActionId approved(Action action) {
    ActionId id = new ActionId(UUID.randomUUID());
    wire.send(id, decision(id, action, TICKET_SERVICE.grant(id, action)));
    return id;
  }

  private void freeze() {
    ObjectNode event = JsonNodeFactory.instance.objectNode();
    event.put("actionId", freeze.toString());
    event.put("at", Instant.now().toString());
    event.put("change", "frozen").put("by", "operator");
    event.putObject("reason").put("code", "operator").put("text", "It pays twice.");
    event.putObject("frozen").put("agent", agent);
    wire.post(Topics.OVERSIGHT, freeze, event);
    Wire.await("the freeze", () -> inForce().contains(freeze.toString()));
  }

  private static List<String> inForce() {
    return RestAssured.get("/v1/freezes").then().statusCode(200).extract().path("freezes.freeze");
  }

  private void assertNotCalled(ActionId id) {
    assertEquals("[]", RestAssured.get(target + "/calls?" + id).asString());
  }

  @Test
  void nothingFrozenBeginsAndItIsAnsweredWhenItsGrantEnds() {
    freeze();
    Action frozen = action(agent, new Tool("test", "ok"));
    ActionId id = new ActionId(UUID.randomUUID());
    Instant now = Instant.now();
    wire.send(
        id,
        decision(
            id,
            frozen,
            TICKET_SERVICE.sign(
                GrantSigner.header(), GrantSigner.claims(id, frozen, now, now.plusSeconds(3)))));

    ActionId other = approved(action("another-bot", new Tool("test", "ok")));

    assertEquals("succeeded", wire.execution(other).path("status").asText());
    JsonNode execution = wire.execution(id);
    assertEquals("refused", execution.path("status").asText());
    assertEquals("frozen", execution.path("reason").path("code").asText());
    assertNotCalled(id);
  }

  @Test
  void noGrantOfWhatIsFrozenIsRedeemed() {
    freeze();
    ActionId id = new ActionId(UUID.randomUUID());
    Action elsewhere = action(agent, new Tool("test", "elsewhere"));

    redeem(TICKET_SERVICE.grant(id, elsewhere), elsewhere)
        .statusCode(503)
        .body("type", containsString("frozen"));
  }

  @Test
  void whatWasRedeemedBeforeAFreezeIsUsedUpAndNothingElse() {
    ActionId id = new ActionId(UUID.randomUUID());
    Action elsewhere = action(agent, new Tool("test", "elsewhere"));
    String grant = TICKET_SERVICE.grant(id, elsewhere);
    assertEquals(200, redeem(grant, elsewhere).extract().statusCode());

    freeze();

    redeem(grant, elsewhere).statusCode(409);
  }

  private static ValidatableResponse redeem(String grant, Action action) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("grant", grant);
    body.set("parameters", action.parameters());
    return RestAssured.given()
        .contentType("application/json")
        .body(body.toString())
        .post("/v1/grants/redeem")
        .then();
  }

  @Test
  void anAgentIsFrozenHoweverItSpellsItsName() {
    freeze();
    for (String spelt : List.of(agent.toUpperCase(Locale.ROOT), " " + agent, agent + "\u00a0")) {
      ActionId id = new ActionId(UUID.randomUUID());
      Action elsewhere = action(spelt, new Tool("test", "elsewhere"));
      redeem(TICKET_SERVICE.grant(id, elsewhere), elsewhere)
          .statusCode(503)
          .body("type", containsString("frozen"));
    }
  }

  @Test
  void noPolicyAloneLiftsAFreeze() {
    freeze();
    Action lift =
        new Action(
            new Agent(agent, null, null, null),
            LiftConnector.TOOL,
            JsonNodeFactory.instance
                .objectNode()
                .put("freeze", freeze.toString())
                .put("frozen", "agent " + agent));

    ActionId id = approved(lift);

    JsonNode execution = wire.execution(id);
    assertEquals("refused", execution.path("status").asText());
    assertEquals("too-few-approvals", execution.path("reason").path("code").asText());
    RestAssured.get("/v1/freezes").then().body("freezes.freeze", hasItem(freeze.toString()));
  }

  @Test
  void itIsLiftedAsItsApproversWereShownAndOnce() throws SQLException {
    freeze();
    String minutes = "now() + interval '2 minutes'";
    ActionId lifter = begun("started", minutes, minutes);
    ActionId late = begun("started", minutes, minutes);
    ActionId over = begun("started", "now()", minutes);
    ActionId nobodys = new ActionId(UUID.randomUUID());

    // Tried again and again while the database was away, and by now nobody permits it any more.
    assertEquals("grant-expired", lift(freeze, "agent " + agent, over));
    assertEquals("grant-expired", lift(freeze, "agent " + agent, nobodys));
    assertEquals("other-freeze", lift(freeze, "all", late));
    assertEquals("unknown-freeze", lift(new ActionId(UUID.randomUUID()), "all", late));
    assertEquals("succeeded", lift(freeze, "agent " + agent, lifter));
    // Cut off and tried again.
    assertEquals("succeeded", lift(freeze, "agent " + agent, lifter));
    assertEquals("lifted-already", lift(freeze, "agent " + agent, late));
    run("delete from execution where instance = 'this test'");

    RestAssured.get("/v1/freezes").then().body("freezes.freeze", not(hasItem(freeze.toString())));
    ActionId thawed = approved(action(agent, new Tool("test", "ok")));
    assertEquals("succeeded", wire.execution(thawed).path("status").asText());
  }

  /// The code of its reason, or `succeeded`.
  private String lift(ActionId which, String words, ActionId by) {
    Begun begun =
        new Begun(
            by,
            LiftConnector.TOOL,
            1,
            JsonNodeFactory.instance
                .objectNode()
                .put("freeze", which.toString())
                .put("frozen", words),
            null,
            Duration.ofMinutes(2),
            null,
            null,
            Approvers.NONE,
            null,
            null);
    Outcome outcome =
        effects
            .perform(begun, new LiftConnector(), LastLook.NONE)
            .await()
            .atMost(Duration.ofSeconds(30));
    return outcome.reason() == null ? "succeeded" : outcome.reason().code();
  }

  @Test
  void aLiftWhoseExecutorDiedBeforeItCouldSaySoIsSaidToBeDone() throws SQLException {
    ActionId lapsed = liftedByTheDead("started", "now() - interval '1 second'");
    JsonNode execution = wire.execution(lapsed);
    assertEquals("succeeded", execution.path("status").asText(), execution.toString());
    assertEquals("lifted", execution.path("result").path("code").asText());
    assertEquals(
        "The freeze of agent " + agent + " is lifted.",
        execution.path("result").path("summary").asText());
    assertTrue(execution.path("reason").isMissingNode());
  }

  @Test
  void aLiftWhoseGrantEndedBeforeItWasTriedAgainIsSaidToBeDone() throws SQLException {
    ActionId ready = liftedByTheDead("ready", "null");
    JsonNode execution = wire.execution(ready);
    assertEquals("succeeded", execution.path("status").asText(), execution.toString());
    assertEquals("lifted", execution.path("result").path("code").asText());
  }

  /// A row as an executor leaves it that died between the lift and its outcome, its grant over.
  private ActionId liftedByTheDead(String state, String lease) throws SQLException {
    ActionId lift = begun(state, "now() - interval '1 second'", lease);
    run(
        """
        insert into frozen (freeze_id, agent, by, reason, since, lifted_at, lifted_by)
        values ('%s', '%s', 'operator', 'It pays twice.', now(), now(), '%s')
        """
            .formatted(freeze, agent, lift));
    return lift;
  }

  /// A lift that somebody has in hand.
  private ActionId begun(String state, String grantEnds, String lease) throws SQLException {
    ActionId lift = new ActionId(UUID.randomUUID());
    run(
        """
        insert into execution (action_id, state, action_digest, agent, toolset, tool, parameters,
            grant_nbf, grant_exp, attempt, instance, idempotent, lease_until, started_at)
        values ('%s', '%s', 'sha256:%s', '%s', 'countersign', 'lift_freeze', '{}',
            now() - interval '2 minutes', %s, 1, 'this test', true, %s, now())
        """
            .formatted(lift, state, "0".repeat(64), agent, grantEnds, lease));
    return lift;
  }

  private void run(String statement) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement prepared = connection.prepareStatement(statement)) {
      prepared.executeUpdate();
    }
  }
}
