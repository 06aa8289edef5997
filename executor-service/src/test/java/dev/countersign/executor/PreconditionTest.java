package dev.countersign.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.Canonical;
import dev.countersign.events.Digest;
import dev.countersign.events.DsseEnvelope;
import dev.countersign.events.EventJson;
import dev.countersign.events.Precondition;
import dev.countersign.events.Tool;
import dev.countersign.testservers.Servers;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What people were shown of a target is what it is when it is acted on, or nothing is done to it.
@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = Outside.class, scope = TestResourceScope.GLOBAL)
@SuppressWarnings("NullAway.Init") // injected
class PreconditionTest {

  private static final GrantSigner TICKET_SERVICE = GrantSigner.ticketService();
  private static final Instant AT = Instant.parse("2026-11-26T10:00:00.123456Z");

  @ConfigProperty(name = "kafka.bootstrap.servers")
  String bootstrapServers;

  @ConfigProperty(name = "test.target")
  String target;

  @ConfigProperty(name = "test.upstream")
  String upstream;

  @Inject DataSource database;

  private Wire wire;
  private final ActionId actionId = new ActionId(UUID.randomUUID());
  // Each test has a resource of its own at the target.
  private final String resource = "r-" + actionId;

  @BeforeEach
  void open() {
    wire = new Wire(bootstrapServers);
    put("{\"rows\": 7, \"owner\": {\"team\": \"web\"}, \"secret\": \"s3\"}");
  }

  @AfterEach
  void close() throws InterruptedException {
    wire.close();
  }

  /// The target's resource becomes this.
  private void put(String json) {
    RestAssured.given().body(json).put(target + "/resources/" + resource).then().statusCode(200);
  }

  private Action action(String tool) {
    return new Action(
        new Agent("billing-bot", null, null, null),
        new Tool("watched", tool),
        JsonNodeFactory.instance.objectNode().put("resource", resource));
  }

  /// What the executor says that this rests on, as whoever makes the prompt asks for it.
  private static JsonNode reading(Action action) {
    return readings(action).get(0);
  }

  private static String asked(Action... actions) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    ArrayNode readings = body.putArray("readings");
    for (Action each : actions) {
      ObjectNode one = readings.addObject();
      one.set("tool", EventJson.tree(each.tool()));
      one.set("parameters", each.parameters());
    }
    return body.toString();
  }

  private static JsonNode readings(Action... actions) {
    return EventJson.readTree(
            RestAssured.given()
                .contentType("application/json")
                .body(asked(actions))
                .post("/v1/preconditions")
                .then()
                .statusCode(200)
                .extract()
                .asByteArray())
        .path("readings");
  }

  private static List<Precondition> shown(Action action) {
    JsonNode reading = reading(action);
    List<Precondition> shown = new ArrayList<>();
    for (JsonNode each : reading.path("preconditions")) {
      shown.add(EventJson.read(EventJson.write(each), Precondition.class));
    }
    assertFalse(shown.isEmpty(), reading::toString);
    return shown;
  }

  /// As approved by somebody who was shown this.
  private ObjectNode approved(Action action, List<Precondition> shown) {
    return approved(action, shown, shown, Instant.now().plusSeconds(120));
  }

  private ObjectNode approved(
      Action action, List<Precondition> granted, List<Precondition> shown, Instant until) {
    ObjectNode claims = GrantSigner.claims(actionId, action, Instant.now(), until);
    ((ArrayNode) claims.path("approvals"))
        .addObject()
        .put("approver", "alice")
        .put("assurance", "code")
        .put("at", AT.toString());
    if (!granted.isEmpty()) {
      ArrayNode promises =
          ((ObjectNode) claims.path("authorization_details").get(0)).putArray("preconditions");
      for (Precondition each : granted) {
        promises
            .addObject()
            .put("label", each.label())
            .put("fingerprint", each.fingerprint().toString());
      }
    }
    DsseEnvelope vote =
        VoteSigner.attestation(actionId, action.digest(actionId), "alice", AT, shown);
    ObjectNode decision = JsonNodeFactory.instance.objectNode();
    decision.put("actionId", actionId.toString());
    decision.put("at", AT.toString());
    decision.put("outcome", "approved");
    decision.put("basis", "votes");
    decision.putObject("reason").put("code", "approved").put("text", "Approved.");
    decision.put("actionDigest", action.digest(actionId).toString());
    decision.set("action", EventJson.tree(action));
    decision.put("grant", TICKET_SERVICE.sign(GrantSigner.header(), claims));
    decision.set("attestations", EventJson.tree(List.of(vote)));
    return decision;
  }

  private JsonNode calls() {
    return EventJson.readTree(
        RestAssured.get(target + "/calls?" + actionId).then().extract().asByteArray());
  }

  private JsonNode run(ObjectNode decision) {
    wire.send(actionId, decision);
    return wire.execution(actionId);
  }

  private void assertNotDone(JsonNode execution, String status, String reason) {
    assertEquals(status, execution.path("status").asText(), execution::toString);
    assertEquals(reason, execution.path("reason").path("code").asText(), execution::toString);
    assertEquals(0, calls().size(), "the target was called");
  }

  @Test
  void whatItRestsOnIsReadWithTheConnectorsCredentialAndShownAsItIs() {
    List<Precondition> shown = shown(action("many"));

    assertEquals(
        List.of("Rows", "Owner", "State", "Whole"),
        shown.stream().map(Precondition::label).toList());
    assertEquals("7", shown.get(0).value());
    assertEquals(Digest.of(new byte[] {'7'}), shown.get(0).fingerprint());
    // What has members is shown as its digest.
    assertEquals(shown.get(1).fingerprint().toString(), shown.get(1).value());
    assertEquals(Canonical.digest(java.util.Map.of("team", "web")), shown.get(1).fingerprint());
    assertEquals("web, few", shown.get(2).value());
    assertTrue(shown.get(3).value().startsWith("\""), shown::toString);
  }

  @Test
  void whatIsStillAsItWasShownIsDone() {
    Action action = action("many");

    JsonNode execution = run(approved(action, shown(action)));

    assertEquals("succeeded", execution.path("status").asText(), execution::toString);
    assertEquals(1, calls().size());
  }

  @Test
  void whatChangesWhileAnMcpSessionOpensIsNotCalled() {
    assumeFalse(upstream.equals("none"), "needs Node.js");
    Action action =
        new Action(
            new Agent("billing-bot", null, null, null),
            new Tool("mcp", "watched"),
            JsonNodeFactory.instance.objectNode().put("customer", resource).put("amount", "1"));
    wire.send(actionId, approved(action, shown(action)));
    Wire.await(
        "the opening of its session",
        () -> !RestAssured.get(upstream + "/holding").asString().equals("0"));

    put("{\"rows\": 8}");
    RestAssured.get(upstream + "/release");

    assertNotDone(wire.execution(actionId), "precondition-failed", "precondition-changed");
    assertFalse(RestAssured.get(upstream + "/seen").asString().contains(actionId.toString()));
  }

  @Test
  void aResourceThatChangedAfterApprovalIsNotTouched() {
    Action action = action("many");
    List<Precondition> shown = shown(action);

    put("{\"rows\": 8, \"owner\": {\"team\": \"web\"}}");
    JsonNode execution = run(approved(action, shown));

    assertNotDone(execution, "precondition-failed", "precondition-changed");
    assertTrue(
        execution.path("reason").path("text").asText().contains("Rows"), execution::toString);
  }

  @ParameterizedTest
  @CsvSource({
    "'{\"rows\": null, \"owner\": {}}', precondition-changed",
    "'{\"owner\": {\"team\": \"web\"}}', precondition-gone",
    "'', precondition-gone",
    "'no json', precondition-unreadable",
    "'{\"rows\": 7, \"rows\": 7}', precondition-unreadable",
    "'{\"rows\": 9007199254740993}', precondition-unreadable",
  })
  void whatIsGoneOrCannotBeToldIsNotTouched(String now, String reason) {
    Action action = action("rows");
    List<Precondition> shown = shown(action);

    put(now);
    JsonNode execution = run(approved(action, shown));

    assertNotDone(execution, "precondition-failed", reason);
  }

  @ParameterizedTest
  @ValueSource(strings = {"slow", "redirect", "big", "weak", "private", "closed", "absent"})
  void whatCannotBeReadIsNeitherShownNorDone(String tool) {
    Action action = action(tool);

    JsonNode reading = reading(action);

    assertEquals(
        tool.equals("absent") ? "precondition-gone" : "precondition-unreadable",
        reading.path("reason").path("code").asText(),
        reading::toString);
    assertFalse(reading.toString().contains("s3"), reading::toString);
    Precondition anything = new Precondition("It", "x", Digest.of(new byte[0]));
    assertEquals(
        "precondition-failed", run(approved(action, List.of(anything))).path("status").asText());
    assertEquals(0, calls().size());
  }

  @Test
  void anExpressionThatNamesTheStatusMaySayThatNothingIsThere() {
    Action action = action("absent-is-fine");
    put("");
    List<Precondition> shown = shown(action);
    assertEquals("absent", shown.getFirst().value());

    put("{\"rows\": 1}");
    assertNotDone(run(approved(action, shown)), "precondition-failed", "precondition-changed");
  }

  @Test
  void whereTheTargetItselfComparesAChangeAfterTheLastReadingIsRefusedToo() {
    Action action = action("compared");
    List<Precondition> shown = shown(action);

    // The target changes by itself once it has been read this often: after the executor's look.
    RestAssured.put(target + "/change-after/1/" + resource).then().statusCode(200);
    JsonNode execution = run(approved(action, shown));

    assertEquals("precondition-failed", execution.path("status").asText(), execution::toString);
    assertEquals("precondition-changed", execution.path("reason").path("code").asText());
    assertEquals("412", execution.path("result").path("code").asText(), execution::toString);
    assertEquals(
        shown.getFirst().value(),
        calls().get(0).path("headers").path("If-match").asText(),
        () -> calls().toString());
  }

  @Test
  void whatNobodyWasShownIsNotRunWhereTheConnectorLooks() {
    Action action = action("many");

    JsonNode execution = run(approved(action, List.of()));

    assertNotDone(execution, "refused", "precondition-missing");
    assertTrue(
        execution.path("reason").path("text").asText().contains("preconditions: true"),
        execution::toString);
  }

  @Test
  void whatWasShownAndIsLookedAtNoMoreIsNotRun() {
    Action action = action("blind");
    List<Precondition> shown = shown(action("rows"));

    assertNotDone(run(approved(action, shown)), "refused", "precondition-missing");
  }

  @Test
  void theGrantOfWhatWasShownIsNotRedeemedByWhoDoesNotLook() {
    Action action = action("elsewhere");
    String grant = approved(action, shown(action("rows"))).path("grant").asText();
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("grant", grant);
    body.set("parameters", action.parameters());

    RestAssured.given()
        .contentType("application/json")
        .body(body.toString())
        .post("/v1/grants/redeem")
        .then()
        .statusCode(403)
        .body("type", org.hamcrest.Matchers.containsString("precondition-missing"));
  }

  @Test
  void aGrantThatPromisesSomethingElseThanPeopleWereShownHasNoEffect() {
    Action action = action("rows");
    List<Precondition> shown = shown(action);
    put("{\"rows\": 8}");
    List<Precondition> now = shown(action);
    Instant until = Instant.now().plusSeconds(120);

    wire.send(actionId, approved(action, now, shown, until));
    Wire.await("the dead letter", () -> !wire.deadLetters(actionId).isEmpty());

    assertEquals(List.of("approvals-unproven"), wire.deadLetters(actionId));
    assertEquals(0, calls().size());
  }

  @Test
  void whatAPolicyAllowedByItselfIsHeldAgainstNothing() {
    Action action = action("rows");
    put("");

    JsonNode execution = run(ExecutorTest.approved(actionId, action));

    assertEquals("succeeded", execution.path("status").asText(), execution::toString);
  }

  @Test
  void afterAnAttemptThatWasCutOffAChangeSaysNothingAboutIt() throws Exception {
    Action action = action("again");
    List<Precondition> shown = shown(action);
    // The dead executor may have done it: what it rests on is not as it was.
    put("{\"rows\": 0}");
    begunByTheDead(action, shown);

    JsonNode execution = wire.execution(actionId);

    assertNotDone(execution, "unknown", "precondition-changed");
    assertEquals(2, execution.path("attempt").asInt());
  }

  private void begunByTheDead(Action action, List<Precondition> shown) throws SQLException {
    ObjectNode promised = JsonNodeFactory.instance.objectNode();
    shown.forEach(each -> promised.put(each.label(), each.fingerprint().toString()));
    try (Connection connection = database.getConnection();
        PreparedStatement insert =
            connection.prepareStatement(
                """
                insert into execution (action_id, state, action_digest, agent, toolset, tool,
                    parameters, grant_nbf, grant_exp, attempt, instance, lease_until, idempotent,
                    started_at, promised)
                values (?, 'started', ?, 'billing-bot', ?, ?, ?, now(), now() + interval '2 minutes',
                    1, 'the dead', now() - interval '1 second', true, now(), ?)
                """)) {
      insert.setObject(1, actionId.value());
      insert.setString(2, action.digest(actionId).toString());
      insert.setString(3, action.tool().toolset());
      insert.setString(4, action.tool().name());
      insert.setString(5, Canonical.text(action.parameters()));
      insert.setString(6, promised.toString());
      insert.executeUpdate();
    }
  }

  @Test
  void anAnswerWithMoreInItThanFitsIsUnreadable() {
    put("{\"rows\": 7, \"more\": [" + "{},".repeat(30_000) + "{}]}");
    assertEquals("7", shown(action("rows")).getFirst().value());
    put("{\"rows\": 7, \"more\": [" + "{},".repeat(70_000) + "{}]}");

    JsonNode reason = reading(action("rows")).path("reason");

    assertEquals("precondition-unreadable", reason.path("code").asText(), reason::toString);
  }

  @Test
  void ofActionsThatTogetherHaveTooMuchInThemPartsAreToBeAskedAbout() {
    ObjectNode parameters = JsonNodeFactory.instance.objectNode().put("resource", resource);
    ArrayNode more = parameters.putArray("more");
    for (int i = 0; i < 20_000; i++) {
      more.addObject();
    }
    Action large = new Action(action("rows").agent(), action("rows").tool(), parameters);
    assertEquals(6, readings(Collections.nCopies(6, large).toArray(Action[]::new)).size());

    RestAssured.given()
        .contentType("application/json")
        .body(asked(Collections.nCopies(7, large).toArray(Action[]::new)))
        .post("/v1/preconditions")
        .then()
        .statusCode(413)
        .body("type", org.hamcrest.Matchers.containsString("too-large"));
  }

  @Test
  void aTargetThatHangsHoldsOthersUpOnceAndIsReadAgainAsSoonAsItAnswers() {
    Action hung = action("hung");
    assertEquals("precondition-unreadable", reading(hung).path("reason").path("code").asText());

    // Whoever waits for the target asks it first; it answers nobody until it is let go on.
    int batches = 10;
    for (int i = 0; i < batches; i++) {
      JsonNode found = readings(hung, action("rows"), hung);
      assertEquals("precondition-unreadable", found.get(0).path("reason").path("code").asText());
      assertEquals("7", found.get(1).path("preconditions").get(0).path("value").asText());
      assertEquals("precondition-unreadable", found.get(2).path("reason").path("code").asText());
    }
    Wire.await("that it is asked on the side", () -> requests() > 1);
    assertTrue(requests() < batches, () -> requests() + " were waited for");

    RestAssured.put(target + "/release/" + resource).then().statusCode(200);
    Wire.await("its reading", () -> reading(hung).has("preconditions"));
  }

  /// How often the target that hangs was asked for this test's resource.
  private int requests() {
    return EventJson.readTree(
            RestAssured.get(target + "/calls?" + resource).then().extract().asByteArray())
        .size();
  }

  @Test
  void aReadingHasAnAnswerForEachInOrderAndNoneForNonsense() {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    ArrayNode readings = body.putArray("readings");
    List<String> tools = new ArrayList<>(List.of("rows", "blind", "nobody", "elsewhere"));
    // Each of these takes five seconds.
    tools.addAll(Collections.nCopies(5, "slow-too"));
    for (String tool : tools) {
      ObjectNode one = readings.addObject();
      one.set("tool", EventJson.tree(new Tool("watched", tool)));
      one.set("parameters", action(tool).parameters());
    }
    Instant before = Instant.now();
    JsonNode answer =
        EventJson.readTree(
            RestAssured.given()
                .contentType("application/json")
                .body(body.toString())
                .post("/v1/preconditions")
                .then()
                .statusCode(200)
                .extract()
                .asByteArray());

    JsonNode found = answer.path("readings");
    assertEquals("7", found.get(0).path("preconditions").get(0).path("value").asText());
    assertEquals(0, found.get(1).path("preconditions").size());
    assertEquals("no-connector", found.get(2).path("reason").path("code").asText());
    assertTrue(found.get(3).path("preconditions").isArray());
    for (int slow = 4; slow < tools.size(); slow++) {
      assertEquals("precondition-unreadable", found.get(slow).path("reason").path("code").asText());
    }
    assertTrue(Duration.between(before, Instant.now()).toSeconds() < 20, "one waits for the other");
    for (String nonsense : List.of("", "[]", "{\"readings\": []}", "{\"readings\": [{}]}")) {
      RestAssured.given()
          .contentType("application/json")
          .body(nonsense)
          .post("/v1/preconditions")
          .then()
          .statusCode(400)
          .contentType("application/problem+json");
    }
  }
}
