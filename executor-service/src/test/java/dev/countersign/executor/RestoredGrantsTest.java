package dev.countersign.executor;

import static dev.countersign.executor.GrantSigner.OUTLIVED_SINCE;
import static org.hamcrest.Matchers.containsString;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.EventJson;
import dev.countersign.events.Tool;
import dev.countersign.events.Topics;
import dev.countersign.executor.application.Executions;
import dev.countersign.messaging.Epochs;
import dev.countersign.messaging.Unavailable;
import dev.countersign.testservers.Servers;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Invariant 13: a database that was put back revives no grant. It is another server's by what the
/// service remembers of it; `PutBackTest` puts back a real copy.
@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = Outside.class, scope = TestResourceScope.GLOBAL)
@SuppressWarnings("NullAway.Init") // injected
class RestoredGrantsTest {

  private static final GrantSigner TICKET_SERVICE = GrantSigner.ticketService();

  @ConfigProperty(name = "kafka.bootstrap.servers")
  String bootstrapServers;

  @ConfigProperty(name = "test.target")
  String target;

  @Inject DataSource database;
  @Inject Epochs epochs;
  @Inject Executions executions;

  private Wire wire;

  @BeforeEach
  void open() {
    wire = new Wire(bootstrapServers);
  }

  @AfterEach
  void close() throws Exception {
    sql("update epoch set voids_before = null, life = life(), settled = true");
    wire.close();
  }

  private static Action action(String tool) {
    return new Action(
        new Agent("release-bot", null, null, null),
        new Tool("test", tool),
        JsonNodeFactory.instance
            .objectNode()
            .put("service", "checkout")
            .put("version", "4.2")
            .put("amount", "0"));
  }

  private static String grant(ActionId id, Action action, Instant from) {
    return TICKET_SERVICE.sign(
        GrantSigner.header(), GrantSigner.claims(id, action, from, from.plusSeconds(120)));
  }

  private void decide(ActionId id, Action action, String grant) {
    ObjectNode decision = JsonNodeFactory.instance.objectNode();
    decision.put("actionId", id.toString());
    decision.put("at", Instant.now().toString());
    decision.put("outcome", "approved");
    decision.put("basis", "policy");
    decision.putObject("reason").put("code", "allowed-by-policy").put("text", "The policy.");
    decision.put("actionDigest", action.digest(id).toString());
    decision.set("action", EventJson.tree(action));
    decision.put("grant", grant);
    wire.send(id, decision);
  }

  private static ValidatableResponse redeem(String grant, Action action) {
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("grant", grant);
    body.set("parameters", action.parameters());
    return RestAssured.given()
        .contentType("application/json")
        .body(body.toString())
        .post("/v1/grants/redeem")
        .then();
  }

  private static String state(ActionId id) {
    return RestAssured.get("/v1/executions/" + id).then().extract().path("state");
  }

  private int sql(String statement) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement prepared = connection.createStatement()) {
      return prepared.executeUpdate(statement);
    }
  }

  private void assertRestored(ActionId id, int attempt) {
    JsonNode execution = wire.execution(id);
    assertEquals("unknown", execution.path("status").asText(), execution.toString());
    assertEquals("restored", execution.path("reason").path("code").asText());
    assertEquals(attempt, execution.path("attempt").asInt());
  }

  @Test
  void noGrantOfBeforeIsUsedAndWhatWaitedIsUnknown() throws Exception {
    // A grant is to the second: these are of seconds before the epoch that begins now.
    Instant before = Instant.now().minusSeconds(5);
    Action action = action("elsewhere");
    ActionId ready = new ActionId(UUID.randomUUID());
    ActionId started = new ActionId(UUID.randomUUID());
    ActionId unseen = new ActionId(UUID.randomUUID());
    String unused = grant(ready, action, before);
    decide(ready, action, unused);
    Wire.await("it waits", () -> "ready".equals(state(ready)));
    String used = grant(started, action, before);
    redeem(used, action).statusCode(200);

    sql("update epoch set life = 'another'");
    SQLException refused =
        assertThrows(SQLException.class, () -> sql("update execution set agent = agent"));
    assertEquals("57P03", refused.getSQLState());
    redeem(unused, action).statusCode(503);
    epochs.look();
    // Given within the seconds in which clocks may differ, and sent when all of this is over.
    ActionId early = new ActionId(UUID.randomUUID());
    String givenEarly = grant(early, action, Instant.now());

    assertRestored(ready, 0);
    assertRestored(started, 1);
    redeem(unused, action).statusCode(409).body("type", containsString("restored"));
    String late = grant(unseen, action, before);
    redeem(late, action).statusCode(409).body("type", containsString("restored"));
    decide(unseen, action, late);
    assertRestored(unseen, 0);

    // What would be refused now may have been run all the same.
    ActionId guarded = new ActionId(UUID.randomUUID());
    decide(guarded, action("guarded"), grant(guarded, action("guarded"), before));
    assertRestored(guarded, 0);

    // Neither do the seconds count in which clocks may differ; what is given then has its answer.
    decide(early, action, givenEarly);
    assertRestored(early, 0);
    Wire.await(
        "a grant of afterwards is good",
        () -> {
          String fresh = grant(new ActionId(UUID.randomUUID()), action, Instant.now());
          return redeem(fresh, action).extract().statusCode() == 200;
        });
  }

  /// Whoever signed it may have a clock that is ahead of the database's.
  @ParameterizedTest
  @ValueSource(ints = {-5, 4})
  void aDecisionThatIsReadAgainRunsNothing(int ahead) throws Exception {
    Action action = action("ok");
    ActionId id = new ActionId(UUID.randomUUID());
    String grant = grant(id, action, Instant.now().plusSeconds(ahead));
    decide(id, action, grant);
    assertEquals("succeeded", wire.execution(id).path("status").asText());

    // As it was in the backup: nothing is known of it.
    sql("delete from execution where action_id = '" + id + "'");
    sql("update epoch set life = 'another'");
    epochs.look();
    decide(id, action, grant);

    Wire.await("its second answer", () -> wire.executions(id).size() == 2);
    JsonNode again = wire.executions(id).getLast();
    assertEquals("restored", again.path("reason").path("code").asText());
    JsonNode calls = EventJson.readTree(RestAssured.get(target + "/calls?" + id).asByteArray());
    assertEquals(1, calls.size());
  }

  /// The key was rotated out since the backup, and the decision comes again.
  @Test
  void aDecisionWhoseKeyIsOverByThenTakesItsIdAllTheSame() throws Exception {
    Action action = action("ok");
    ActionId id = new ActionId(UUID.randomUUID());
    sql("update epoch set life = 'another'");
    epochs.look();

    decide(id, action, outlived(id, action, OUTLIVED_SINCE.minusSeconds(600)));
    assertRestored(id, 0);

    // The agent proposes it again under the same id, and it is approved anew.
    decide(id, action, grant(id, action, Instant.now().plusSeconds(7)));
    decide(id, action, "the last of its partition");
    awaitDeadLetter(id, "grant-malformed");
    assertEquals("done", state(id));
    assertNotCalled(id);
  }

  /// An executor that was away for longer than a key stays owes what was approved an answer; and
  /// whoever has that key by now makes nothing run.
  @Test
  void whatAKeySignedThatIsOverIsAnsweredAndNeverRun() {
    Action action = action("ok");
    for (Instant end : List.of(OUTLIVED_SINCE, Instant.now().plusSeconds(120))) {
      ActionId id = new ActionId(UUID.randomUUID());
      decide(id, action, outlived(id, action, OUTLIVED_SINCE.minusSeconds(600), end));

      JsonNode execution = wire.execution(id);
      assertEquals("refused", execution.path("status").asText(), execution.toString());
      assertEquals("grant-expired", execution.path("reason").path("code").asText());
      assertNotCalled(id);
    }
  }

  @Test
  void aGrantThatBeginsAfterItsKeysTimeIsForged() {
    Action action = action("ok");
    ActionId id = new ActionId(UUID.randomUUID());
    decide(id, action, outlived(id, action, OUTLIVED_SINCE.plusSeconds(1)));

    awaitDeadLetter(id, "grant-key");
    assertNull(state(id));
  }

  private void awaitDeadLetter(ActionId id, String reason) {
    Wire.await("a dead letter", () -> wire.deadLetters(id).contains(reason));
  }

  private static String outlived(ActionId id, Action action, Instant from) {
    return outlived(id, action, from, from.plusSeconds(120));
  }

  private static String outlived(ActionId id, Action action, Instant from, Instant to) {
    return TICKET_SERVICE.sign(
        GrantSigner.header().put("kid", GrantSigner.OUTLIVED_KID),
        GrantSigner.claims(id, action, from, to));
  }

  private void assertNotCalled(ActionId id) {
    assertEquals(
        0, EventJson.readTree(RestAssured.get(target + "/calls?" + id).asByteArray()).size());
  }

  /// A copy of the files is another database by nothing but what it lacks, and the next that is
  /// read would fill that up.
  @Test
  void nothingIsReadOrClaimedWhereWhatWasReadIsLacking() throws Exception {
    Action action = action("ok");
    ActionId ran = new ActionId(UUID.randomUUID());
    decide(ran, action, grant(ran, action, Instant.now()));
    assertEquals("succeeded", wire.execution(ran).path("status").asText());

    sql("update read_up_to set next = next - 1 where topic = '" + Topics.DECISION + "'");
    ActionId next = new ActionId(UUID.randomUUID());
    try {
      assertNothingIsClaimed();
      // Nothing is said to have ended, and no grant is taken, either.
      assertThrows(
          Unavailable.class,
          () ->
              executions.sweep("another", List.of(), false).await().atMost(Duration.ofMinutes(1)));
      redeem(
              grant(new ActionId(UUID.randomUUID()), action("elsewhere"), Instant.now()),
              action("elsewhere"))
          .statusCode(503);
      long before = rolledBack();
      decide(next, action, grant(next, action, Instant.now()));
      Wire.await("others were tried again and again", () -> rolledBack() > before + 2);
      assertNull(state(next), "it is not even taken in");
    } finally {
      sql("update read_up_to set next = next + 1 where topic = '" + Topics.DECISION + "'");
    }
    assertEquals("succeeded", wire.execution(next).path("status").asText());
  }

  /// A process that has read nothing since it started would have nothing to miss.
  @Test
  void whatWasReadBeforeTheStartIsMissedToo() throws Exception {
    String known = "insert into read_up_to (topic, partition, next) values ('%s', 0, 7)";
    sql(known.formatted(Topics.TICKET_OPENED));
    epochs.look();
    sql("delete from read_up_to where topic = '" + Topics.TICKET_OPENED + "'");
    try {
      assertNothingIsClaimed();
    } finally {
      // It is remembered now for as long as this process lives.
      sql(known.formatted(Topics.TICKET_OPENED));
    }
  }

  private void assertNothingIsClaimed() {
    assertThrows(
        Unavailable.class,
        () ->
            executions
                .claim("another", List.of(), Duration.ofSeconds(15))
                .await()
                .atMost(Duration.ofMinutes(1)));
  }

  private long rolledBack() {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select xact_rollback from pg_stat_database where datname = current_database()")) {
      row.next();
      return row.getLong(1);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }
}
