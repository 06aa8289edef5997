package dev.countersign.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import dev.countersign.events.Tool;
import dev.countersign.testservers.Servers;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Who must stand behind what is run, proven by their attestations and not by the topic.
@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = Outside.class, scope = TestResourceScope.GLOBAL)
@SuppressWarnings("NullAway.Init") // injected
class ApprovalsTest {

  private static final GrantSigner TICKET_SERVICE = GrantSigner.ticketService();
  private static final Instant AT = Instant.parse("2026-11-26T10:00:00.123456Z");

  @ConfigProperty(name = "kafka.bootstrap.servers")
  String bootstrapServers;

  @Inject MeterRegistry meters;
  @Inject DataSource database;

  private Wire wire;
  private final ActionId actionId = new ActionId(UUID.randomUUID());

  @BeforeEach
  void open() {
    wire = new Wire(bootstrapServers);
  }

  @AfterEach
  void close() throws InterruptedException {
    wire.close();
  }

  private static Action action(String tool) {
    return new Action(
        new Agent("billing-bot", null, "run-1", null),
        new Tool("test", tool),
        JsonNodeFactory.instance.objectNode().put("amount", "48200.00"));
  }

  private String grant(Action action, String... approvers) {
    Instant now = Instant.now();
    ObjectNode claims = GrantSigner.claims(actionId, action, now, now.plusSeconds(120));
    ArrayNode approvals = (ArrayNode) claims.path("approvals");
    for (String each : approvers) {
      approvals.addObject().put("approver", each).put("assurance", "code").put("at", AT.toString());
    }
    return TICKET_SERVICE.sign(GrantSigner.header(), claims);
  }

  private DsseEnvelope vote(Action action, String approver) {
    return VoteSigner.attestation(actionId, action.digest(actionId), approver, AT);
  }

  private ObjectNode decision(Action action, String grant, List<DsseEnvelope> attestations) {
    ObjectNode decision = JsonNodeFactory.instance.objectNode();
    decision.put("actionId", actionId.toString());
    decision.put("at", AT.toString());
    decision.put("outcome", "approved");
    decision.put("basis", "votes");
    decision.putObject("reason").put("code", "approved").put("text", "Approved.");
    decision.put("actionDigest", action.digest(actionId).toString());
    decision.set("action", EventJson.tree(action));
    decision.put("grant", grant);
    decision.set("attestations", EventJson.tree(attestations));
    return decision;
  }

  private double alarms(String reason) {
    return meters.counter("countersign.executor.alarms", "reason", reason).count();
  }

  @Test
  void whatIsNotProvenByEachOfThoseWhoApprovedHasNoEffectAndDoesNotUseUpTheGrant() {
    Action action = action("ok");
    String grant = grant(action, "alice", "bob");
    DsseEnvelope alice = vote(action, "alice");
    DsseEnvelope bob = vote(action, "bob");
    DsseEnvelope elsewhere =
        VoteSigner.attestation(new ActionId(UUID.randomUUID()), action.digest(actionId), "bob", AT);
    DsseEnvelope later =
        VoteSigner.attestation(actionId, action.digest(actionId), "bob", AT.minusSeconds(1));
    List<List<DsseEnvelope>> unproven =
        List.of(
            List.of(),
            List.of(alice),
            List.of(alice, alice),
            List.of(alice, VoteSigner.changed(bob)),
            List.of(alice, elsewhere),
            List.of(alice, later),
            List.of(alice, vote(action("teapot"), "bob")),
            List.of(alice, vote(action, "carol")),
            List.of(alice, bob, vote(action, "carol")));
    double before = alarms("approvals-unproven");

    unproven.forEach(each -> wire.send(actionId, decision(action, grant, each)));
    wire.send(actionId, decision(action, grant, List.of(alice, bob)));

    assertEquals("succeeded", wire.execution(actionId).path("status").asText());
    Wire.await("what was put aside", () -> wire.deadLetters(actionId).size() >= unproven.size());
    assertEquals(
        java.util.Collections.nCopies(unproven.size(), "approvals-unproven"),
        wire.deadLetters(actionId));
    assertEquals(before + unproven.size(), alarms("approvals-unproven"));
  }

  @Test
  void whatNobodyProvesInTimeIsRefused() {
    Action action = action("ok");
    Instant now = Instant.now();
    ObjectNode claims = GrantSigner.claims(actionId, action, now, now.plusSeconds(2));
    ((ArrayNode) claims.path("approvals"))
        .addObject()
        .put("approver", "alice")
        .put("assurance", "code")
        .put("at", AT.toString());

    wire.send(
        actionId, decision(action, TICKET_SERVICE.sign(GrantSigner.header(), claims), List.of()));

    JsonNode execution = wire.execution(actionId);
    assertEquals("refused", execution.path("status").asText());
    assertEquals("approvals-unproven", execution.path("reason").path("code").asText());
  }

  @Test
  void belowTheConnectorsFloorNothingRunsWhateverThePolicySaid() {
    Action guarded = action("guarded");
    double before = alarms("too-few-approvals");

    wire.send(
        actionId, decision(guarded, grant(guarded, "alice"), List.of(vote(guarded, "alice"))));

    JsonNode execution = wire.execution(actionId);
    assertEquals("refused", execution.path("status").asText());
    assertEquals("too-few-approvals", execution.path("reason").path("code").asText());
    assertEquals(0, execution.path("attempt").asInt());
    assertEquals(before + 1, alarms("too-few-approvals"));
  }

  @Test
  void aVerdictThatAllowsWhatNobodyMayAllowRunsNothing() {
    Action guarded = action("guarded");

    wire.send(actionId, decision(guarded, grant(guarded), List.of()));

    assertEquals("refused", wire.execution(actionId).path("status").asText());
  }

  @Test
  void whoReachesTheFloorRuns() {
    Action guarded = action("guarded");

    wire.send(
        actionId,
        decision(
            guarded,
            grant(guarded, "alice", "bob"),
            List.of(vote(guarded, "bob"), vote(guarded, "alice"))));

    assertEquals("succeeded", wire.execution(actionId).path("status").asText());
  }

  @Test
  void aCopyThatCallsTheVotesATrustDoesNotUseUpTheApproval() {
    Action guarded = action("guarded");
    ObjectNode approved =
        decision(
            guarded,
            grant(guarded, "alice", "bob"),
            List.of(vote(guarded, "bob"), vote(guarded, "alice")));

    wire.send(actionId, approved.deepCopy().put("basis", "trust"));
    wire.send(actionId, approved);

    assertEquals("succeeded", wire.execution(actionId).path("status").asText());
    Wire.await("what was put aside", () -> !wire.deadLetters(actionId).isEmpty());
    assertEquals(List.of("approvals-unproven"), wire.deadLetters(actionId));
  }

  /// Their votes were about another action.
  @Test
  void whoTrustedTheSessionReachesNoFloor() {
    Action guarded = action("guarded");
    ActionId other = new ActionId(UUID.randomUUID());
    Digest approved = action("ok").digest(other);

    wire.send(
        actionId,
        decision(
                guarded,
                grant(guarded, "alice", "bob"),
                List.of(
                    VoteSigner.trusting(other, approved, "alice", AT),
                    VoteSigner.trusting(other, approved, "bob", AT)))
            .put("basis", "trust"));

    assertEquals(
        "too-few-approvals", wire.execution(actionId).path("reason").path("code").asText());
  }

  @Test
  void aCodeIsNoPasskeyAtTheFloorEither() {
    Action sealed = action("sealed");

    wire.send(
        actionId,
        decision(
            sealed,
            grant(sealed, "alice", "bob"),
            List.of(vote(sealed, "alice"), vote(sealed, "bob"))));

    assertEquals(
        "too-few-approvals", wire.execution(actionId).path("reason").path("code").asText());
  }

  @Test
  void aGrantBelowTheFloorIsNotRedeemedEither() {
    Action guarded = action("guarded-elsewhere");

    assertEquals("too-few-approvals", redeem(grant(guarded), guarded));
  }

  @Test
  void aGrantIsRedeemedOnlyOnceThoseWhoApprovedHaveProvenIt() {
    Action guarded = action("guarded-elsewhere");
    String grant = grant(guarded, "alice");

    assertEquals("decision-pending", redeem(grant, guarded));
    wire.send(actionId, decision(guarded, grant, List.of()));
    Wire.await("the unproven copy is put aside", () -> !wire.deadLetters(actionId).isEmpty());
    assertEquals("decision-pending", redeem(grant, guarded));

    wire.send(actionId, decision(guarded, grant, List.of(vote(guarded, "alice"))));

    Wire.await("the proven one has come", () -> redeem(grant, guarded).equals("redeemed"));
    assertEquals("used-up", redeem(grant, guarded));
  }

  /// What was ready when the operator raised the floor, or by an executor that did not write down
  /// who approved.
  @ParameterizedTest
  @CsvSource(
      nullValues = "unknown",
      value = {
        "unknown, refused",
        "{}, refused",
        "'{\"code\": 1, \"signed-in\": 2}', refused",
        "'{\"code\": 2}', succeeded",
      })
  void whatIsBelowTheFloorByTheTimeItWouldRunDoesNotRun(@Nullable String approvers, String status)
      throws SQLException {
    ready(action("guarded"), approvers);

    JsonNode execution = wire.execution(actionId);
    assertEquals(status, execution.path("status").asText(), execution::toString);
    if (status.equals("refused")) {
      assertEquals("too-few-approvals", execution.path("reason").path("code").asText());
      assertEquals(
          approvers == null,
          execution.path("reason").path("text").asText().contains("earlier version"));
    }
  }

  @Test
  void norIsItsGrantRedeemed() throws SQLException {
    Action guarded = action("guarded-elsewhere");
    String grant = grant(guarded, "alice");
    ready(guarded, "{}");

    Response refused = answer(grant, guarded);
    assertEquals("urn:countersign:problem:too-few-approvals", refused.path("type"));
    assertFalse(refused.<String>path("detail").contains("earlier version"));
    approvers(null);
    refused = answer(grant, guarded);
    assertEquals("urn:countersign:problem:too-few-approvals", refused.path("type"));
    assertTrue(refused.<String>path("detail").contains("earlier version"));

    approvers("{\"code\": 1}");
    assertEquals("redeemed", redeem(grant, guarded));
  }

  private void approvers(@Nullable String approvers) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement update =
            connection.prepareStatement(
                "update execution set approvers = cast(? as json) where action_id = ?")) {
      update.setString(1, approvers);
      update.setObject(2, actionId.value());
      update.executeUpdate();
    }
  }

  private void ready(Action action, @Nullable String approvers) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement insert =
            connection.prepareStatement(
                """
                insert into execution (action_id, state, action_digest, agent, toolset, tool,
                    parameters, grant_nbf, grant_exp, approvers)
                values (?, 'ready', ?, 'billing-bot', ?, ?, ?, now(), now() + interval '2 minutes',
                    cast(? as json))
                """)) {
      insert.setObject(1, actionId.value());
      insert.setString(2, action.digest(actionId).toString());
      insert.setString(3, action.tool().toolset());
      insert.setString(4, action.tool().name());
      insert.setString(5, Canonical.text(action.parameters()));
      insert.setString(6, approvers);
      insert.executeUpdate();
    }
  }

  private static String redeem(String grant, Action action) {
    Response response = answer(grant, action);
    return response.statusCode() == 200
        ? "redeemed"
        : response.path("type").toString().replace("urn:countersign:problem:", "");
  }

  private static Response answer(String grant, Action action) {
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("grant", grant);
    body.set("parameters", action.parameters());
    return RestAssured.given()
        .contentType("application/json")
        .body(body.toString())
        .post("/v1/grants/redeem");
  }
}
