package dev.countersign.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.util.Base64URL;
import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.Canonical;
import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import dev.countersign.events.Execution;
import dev.countersign.events.Tool;
import dev.countersign.events.Topics;
import dev.countersign.executor.application.Begun;
import dev.countersign.executor.application.Catalogue;
import dev.countersign.executor.application.Effects;
import dev.countersign.executor.application.Executions;
import dev.countersign.executor.application.OpenConnectors;
import dev.countersign.executor.application.Runner;
import dev.countersign.executor.application.UnreadReplies;
import dev.countersign.executor.domain.Approvers;
import dev.countersign.executor.domain.Connectors;
import dev.countersign.executor.domain.Floor;
import dev.countersign.executor.domain.KafkaCluster;
import dev.countersign.executor.domain.KafkaConnector;
import dev.countersign.executor.domain.Outcome;
import dev.countersign.messaging.Envelope;
import dev.countersign.testservers.Servers;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = Outside.class, scope = TestResourceScope.GLOBAL)
class ExecutorTest {

  private static final GrantSigner TICKET_SERVICE = GrantSigner.ticketService();
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @ConfigProperty(name = "kafka.bootstrap.servers")
  String bootstrapServers;

  @ConfigProperty(name = "test.target")
  String target;

  @Inject DataSource database;
  @Inject MeterRegistry meters;
  @Inject Executions executions;
  @Inject Effects effects;
  @Inject Catalogue catalogue;
  @Inject OpenConnectors connectors;
  @Inject UnreadReplies unread;
  @Inject Vertx vertx;

  @SuppressWarnings("NullAway.Init") // set before each test
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

  @Test
  void anApprovedActionRunsOnceWithItsCredentialAndItsKey() throws Exception {
    Action action = action("test/ok");

    wire.send(actionId, approved(actionId, action));

    JsonNode execution = wire.execution(actionId);
    assertEquals("succeeded", execution.path("status").asText());
    assertEquals(1, execution.path("attempt").asInt());
    assertEquals(action.digest(actionId).toString(), execution.path("actionDigest").asText());
    assertEquals("200", execution.path("result").path("code").asText());
    assertTrue(execution.path("result").path("digest").asText().startsWith("sha256:"));
    assertFalse(execution.has("reason"));
    assertEquals(
        Wire.TRACE,
        Envelope.header(wire.of(Topics.EXECUTION, actionId).getFirst(), "ce_traceparent"));

    JsonNode calls = calls(actionId);
    assertEquals(1, calls.size());
    JsonNode headers = calls.get(0).path("headers");
    assertEquals("Bearer s3cret-of-the-target", headers.path("Authorization").asText());
    assertEquals(actionId.toString(), headers.path("Idempotency-key").asText());
    assertEquals(
        "{\"amount\":\"48200.00\",\"recipient\":{\"iban\":\"DE89\",\"name\":\"A \\\"quoted\\\" one\"},"
            + "\"text\":\"to 48200.00!\"}",
        calls.get(0).path("body").asText());

    RestAssured.get("/v1/executions/" + actionId)
        .then()
        .statusCode(200)
        .body("status", org.hamcrest.Matchers.equalTo("succeeded"))
        .body("state", org.hamcrest.Matchers.equalTo("done"));
  }

  @Test
  void aNameThatNoTableTakesKeepsNoActionFromItsOutcome() throws Exception {
    Action plain = action("test/ok");
    Action odd =
        new Action(
            new Agent("bot\0" + "\u2028".repeat(20_000), null, null, null),
            plain.tool(),
            plain.parameters());
    wire.send(actionId, approved(actionId, odd));
    assertEquals("succeeded", wire.execution(actionId).path("status").asText());
  }

  @Test
  void anExecutionThatNobodyKnowsIsAProblemThatSaysSo() {
    RestAssured.get("/v1/executions/" + actionId)
        .then()
        .statusCode(404)
        .contentType("application/problem+json");
    RestAssured.get("/v1/executions/1-2-3-4-5").then().statusCode(400);
  }

  @Test
  void aTopicReplayedThreeTimesRunsNothingAgain() throws Exception {
    JsonNode decision = approved(actionId, action("test/ok"));
    for (int i = 0; i < 4; i++) {
      wire.send(actionId, decision);
    }
    marker(actionId);

    wire.execution(actionId);

    settle();
    assertEquals(1, calls(actionId).size());
    assertEquals(1, wire.executions(actionId).size());
  }

  @Test
  void aChangedCopyHasNoEffectAndDoesNotUseUpTheGrant() throws Exception {
    JsonNode decision = approved(actionId, action("test/ok"));
    double alarms = alarms("digest-mismatch");

    wire.send(actionId, tampered(decision));
    wire.send(actionId, decision);
    wire.send(actionId, tampered(decision));
    marker(actionId);

    assertEquals("succeeded", wire.execution(actionId).path("status").asText());
    settle();
    assertEquals(
        List.of("digest-mismatch", "digest-mismatch", "grant-missing"), wire.deadLetters(actionId));
    assertEquals(alarms + 2, alarms("digest-mismatch"));
    assertEquals(1, calls(actionId).size());
    assertTrue(calls(actionId).get(0).path("body").asText().contains("48200.00"));
    assertEquals(1, wire.executions(actionId).size());
  }

  @Test
  void whereOnlyTheChangedCopyComesTheActionIsRefusedWhenItsGrantEnds() throws Exception {
    Action action = action("test/ok");
    Instant now = Instant.now();
    String grant =
        TICKET_SERVICE.sign(
            GrantSigner.header(), GrantSigner.claims(actionId, action, now, now.plusSeconds(3)));

    wire.send(actionId, tampered(decision(actionId, action, grant)));

    JsonNode execution = wire.execution(actionId);
    assertEquals("refused", execution.path("status").asText());
    assertEquals("digest-mismatch", execution.path("reason").path("code").asText());
    assertEquals(0, execution.path("attempt").asInt());
    assertEquals(action.digest(actionId).toString(), execution.path("actionDigest").asText());

    wire.send(actionId, decision(actionId, action, grant));
    marker(actionId);
    settle();
    assertEquals(1, wire.executions(actionId).size());
    assertEquals(0, calls(actionId).size());
  }

  @Test
  void nothingRunsOnAGrantThatIsNone() throws Exception {
    Action action = action("test/ok");
    Instant now = Instant.now();
    ActionId other = new ActionId(UUID.randomUUID());
    Map<ActionId, JsonNode> forged = new LinkedHashMap<>();
    Map<ActionId, String> reasons = new LinkedHashMap<>();
    for (String way :
        List.of(
            "grant-missing",
            "grant-malformed",
            "grant-type",
            "grant-type none",
            "grant-malformed none",
            "grant-algorithm",
            "grant-key",
            "grant-key login",
            "grant-signature",
            "grant-audience",
            "grant-issuer",
            "grant-action",
            "grant-subject",
            "grant-details",
            "grant-claims",
            "grant-header")) {
      ActionId id = new ActionId(UUID.randomUUID());
      ObjectNode header = GrantSigner.header();
      ObjectNode claims = GrantSigner.claims(id, action, now, now.plusSeconds(120));
      GrantSigner signer = TICKET_SERVICE;
      switch (way) {
        case "grant-type" -> header.put("typ", "JWT");
        case "grant-type none" -> header.remove("typ");
        case "grant-key" -> header.put("kid", "nobody's");
        case "grant-key login" -> header.put("kid", "login");
        case "grant-signature" -> signer = GrantSigner.attacker();
        case "grant-audience" -> claims.put("aud", "payments");
        case "grant-issuer" -> claims.put("iss", "urn:somebody-else");
        case "grant-action" -> claims.put("jti", other.toString());
        case "grant-subject" -> claims.put("sub", "another-bot");
        case "grant-details" ->
            ((ObjectNode) claims.path("authorization_details").get(0))
                .putArray("actions")
                .add("test/slow");
        case "grant-claims" -> claims.remove("exp");
        case "grant-header" -> header.putArray("crit").add("exp");
        default -> {}
      }
      String grant =
          switch (way) {
            case "grant-malformed" -> "not.a.token";
            case "grant-malformed none" ->
                GrantSigner.unsigned(header.put("alg", "none"), claims) + ".";
            case "grant-algorithm" -> hs256(header.put("alg", "HS256"), claims);
            default -> signer.sign(header, claims);
          };
      ObjectNode decision = decision(id, action, grant);
      if (way.equals("grant-missing")) {
        decision.remove("grant");
      }
      forged.put(id, decision);
      reasons.put(id, way.replaceAll(" .*", ""));
    }
    double alarms = alarms("grant-signature");

    for (Map.Entry<ActionId, JsonNode> each : forged.entrySet()) {
      wire.send(each.getKey(), each.getValue());
    }

    for (Map.Entry<ActionId, String> each : reasons.entrySet()) {
      Wire.await(
          "a dead letter " + each.getValue(), () -> !wire.deadLetters(each.getKey()).isEmpty());
      assertEquals(List.of(each.getValue()), wire.deadLetters(each.getKey()));
    }
    settle();
    for (ActionId id : forged.keySet()) {
      assertEquals(List.of(), wire.executions(id));
      assertEquals(0, calls(id).size());
    }
    assertEquals(alarms + 1, alarms("grant-signature"));
  }

  @Test
  void aDecisionWithMoreInItThanAnyHasIsPutAsideWhateverItsGrant() throws Exception {
    ObjectNode decision = approved(actionId, action("test/ok"));
    ArrayNode more = decision.putArray("more");
    for (int i = 0; i < 70_000; i++) {
      more.addArray();
    }

    wire.send(actionId, decision);

    Wire.await("a dead letter", () -> !wire.deadLetters(actionId).isEmpty());
    assertEquals(List.of("too-large"), wire.deadLetters(actionId));
    assertEquals(List.of(), wire.executions(actionId));
  }

  @Test
  void whatIsNotApprovedIsNobodysBusinessHere() throws Exception {
    ObjectNode rejected = JsonNodeFactory.instance.objectNode();
    rejected.put("actionId", actionId.toString());
    rejected.put("at", Instant.now().toString());
    rejected.put("outcome", "rejected");

    wire.send(actionId, rejected);
    marker(actionId);

    settle();
    assertEquals(List.of("grant-missing"), wire.deadLetters(actionId));
    assertEquals(List.of(), wire.executions(actionId));
  }

  @Test
  void aGrantThatEndedInTheQueueIsRefusedAndAnswered() throws Exception {
    Action action = action("test/ok");
    Instant past = Instant.now().minusSeconds(300);
    String grant =
        TICKET_SERVICE.sign(
            GrantSigner.header(),
            GrantSigner.claims(actionId, action, past, past.plusSeconds(120)));

    wire.send(actionId, decision(actionId, action, grant));

    JsonNode execution = wire.execution(actionId);
    assertEquals("refused", execution.path("status").asText());
    assertEquals("grant-expired", execution.path("reason").path("code").asText());
    assertEquals(0, calls(actionId).size());
  }

  @ParameterizedTest
  @CsvSource({
    "slow,     unknown,   timeout,             1",
    "cut,      unknown,   cut-off,             1",
    "half,     unknown,   cut-off,             1",
    "gateway,  unknown,   target-unclear,      1",
    "garbage,  unknown,   cut-off,             0",
    "error,    unknown,   target-unclear,      1",
    "teapot,   failed,    target-failed,       1",
    "redirect, unknown,   redirected,          1",
    "closed,   failed,    unreachable,         0",
    "big,      succeeded, '',                  1",
    "private,  refused,   address-not-allowed, 0",
    "metadata, refused,   address-not-allowed, 0",
    "six,      refused,   address-not-allowed, 0",
    "secretless, failed,  credential-missing,  0",
    "provided-nothing, failed, credential-missing, 0",
    "nobody,   refused,   no-connector,        0",
    "path,     refused,   parameter-missing,   0",
  })
  void theOutcomeSaysWhatIsKnown(String tool, String status, String reason, int calls)
      throws Exception {
    wire.send(actionId, approved(actionId, action("test/" + tool)));

    JsonNode execution = wire.execution(actionId);

    assertEquals(status, execution.path("status").asText());
    assertEquals(reason, execution.path("reason").path("code").asText());
    assertEquals(calls, calls(actionId).size());
    assertFalse(execution.toString().contains("secret"), execution::toString);
    settle();
    assertEquals(1, wire.executions(actionId).size());
  }

  @Test
  void aSecretOfACredentialsProviderIsShownToTheTarget() throws Exception {
    wire.send(actionId, approved(actionId, action("test/provided")));

    assertEquals("succeeded", wire.execution(actionId).path("status").asText());
    assertEquals(
        "t0ken-of-the-bank", calls(actionId).get(0).path("headers").path("X-api-key").asText());
  }

  @Test
  void parametersAreEncodedInTheUrl() throws Exception {
    ObjectNode params = JsonNodeFactory.instance.objectNode();
    params.put("name", "a/b?c#d%2e ä").put("note", "x&y=1+2");

    wire.send(actionId, approved(actionId, action("test/path", params)));

    assertEquals("succeeded", wire.execution(actionId).path("status").asText());
    assertEquals(
        "/files/a%2Fb%3Fc%23d%252e%20%C3%A4/close?note=x%26y%3D1%2B2",
        calls(actionId).get(0).path("uri").asText());
    assertEquals("n=x&y=1+2", calls(actionId).get(0).path("headers").path("X-note").asText());
  }

  @ParameterizedTest
  @CsvSource({"'../admin', x", "'..', x", "'', x", "a, 'x\r\nEvil: 1'"})
  void aParameterThatWouldLeadElsewhereIsRefused(String name, String note) throws Exception {
    ObjectNode params = JsonNodeFactory.instance.objectNode();
    params.put("name", name).put("note", note);

    wire.send(actionId, approved(actionId, action("test/path", params)));

    JsonNode execution = wire.execution(actionId);
    assertEquals("refused", execution.path("status").asText());
    assertEquals("parameter-unfit", execution.path("reason").path("code").asText());
    assertEquals(0, calls(actionId).size());
  }

  @Test
  void whatADeadExecutorHadBegunIsUnknownAndNotTriedAgain() throws Exception {
    begunByTheDead(actionId, "test/ok", false);

    JsonNode execution = wire.execution(actionId);

    assertEquals("unknown", execution.path("status").asText());
    assertEquals("interrupted", execution.path("reason").path("code").asText());
    settle();
    assertEquals(1, wire.executions(actionId).size());
    assertEquals(0, calls(actionId).size());
  }

  @Test
  void whatWasBegunAsIdempotentAndIsNotAnyMoreIsUnknownAndNotTriedAgain() throws Exception {
    begunByTheDead(actionId, "test/ok", true);

    JsonNode execution = wire.execution(actionId);

    assertEquals("unknown", execution.path("status").asText());
    assertEquals(2, execution.path("attempt").asInt(), "it was looked at once more");
    assertEquals("interrupted", execution.path("reason").path("code").asText());
    settle();
    assertEquals(0, calls(actionId).size());
  }

  @Test
  void whoCouldNotExtendItsLeaseWhileTheDatabaseWasAwayIsNotDead() throws Exception {
    // By then the executor takes others for dead.
    begunByTheDead(actionId, "test/ok", false);
    wire.execution(actionId);
    ActionId lives = new ActionId(UUID.randomUUID());
    leftByTheDead(lives, "test/ok", "ready", false);
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("lock table execution in access exclusive mode");
      statement.execute(
          "update execution set state = 'started', lease_until = clock_timestamp() + interval '7 s'"
              + " where action_id = '%s'".formatted(lives));
      Wire.await("that its lease has lapsed", () -> hasLapsed(statement, lives));
      connection.commit();
    }
    // The one that waited, and one that began afterwards.
    sweep();
    sweep();

    Set<ActionId> renewed =
        executions
            .renew("the dead", List.of(lives), Duration.ofSeconds(1))
            .await()
            .atMost(Duration.ofSeconds(20));

    assertEquals(Set.of(lives), renewed);
    // And now it is dead.
    assertEquals("interrupted", wire.execution(lives).path("reason").path("code").asText());
  }

  private static boolean hasLapsed(Statement statement, ActionId id) {
    try (ResultSet row =
        statement.executeQuery(
            "select lease_until < clock_timestamp() from execution where action_id = '%s'"
                .formatted(id))) {
      return row.next() && row.getBoolean(1);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  /// Waits until a sweep has ended what it always ends.
  private void sweep() throws SQLException {
    ActionId over = new ActionId(UUID.randomUUID());
    leftByTheDead(over, "test/ok", "ready", false);
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(
          "update execution set grant_exp = now() where action_id = '%s'".formatted(over));
    }
    wire.execution(over);
  }

  @Test
  void whatAnExecutorSeesThatHadStoodStillIsToldBesideTheAnswerThatStands() throws Exception {
    begunByTheDead(actionId, "test/ok", false);
    assertEquals("unknown", wire.execution(actionId).path("status").asText());
    theDeadSees(answered());
    Wire.await("what it saw", () -> !wire.late(actionId).isEmpty());
    assertEquals(List.of("succeeded 201 Answered 201. -"), wire.late(actionId));
    assertEquals(1, wire.executions(actionId).size());
  }

  @Test
  void howAnAttemptFailedThatAnotherFollowedIsNoWordAboutTheAction() throws Exception {
    begunByTheDead(actionId, "test/again", true);
    assertEquals(2, wire.execution(actionId).path("attempt").asInt());

    theDeadSees(Outcome.failed("lease-lost", "Nothing was run."));

    settle();
    assertEquals(List.of(), wire.late(actionId));
  }

  @Test
  void thatItTookEffectIsTheAnswerWhereItWasToBeTriedAgain() throws Exception {
    leftByTheDead(actionId, "test/again", "ready", true);

    theDeadSees(Outcome.failed("lease-lost", "Nothing was run."));
    theDeadSees(answered());

    JsonNode execution = wire.execution(actionId);
    assertEquals("succeeded", execution.path("status").asText());
    assertEquals(1, execution.path("attempt").asInt());
    assertEquals(0, calls(actionId).size());
  }

  private static Outcome answered() {
    return new Outcome(
        Execution.Status.SUCCEEDED, new Execution.Result("201", null, "Answered 201."), null);
  }

  /// An executor that had stood still sees how its attempt ended.
  private void theDeadSees(Outcome seen) {
    Begun begun =
        new Begun(
            actionId,
            new Tool("test", "ok"),
            1,
            JsonNodeFactory.instance.objectNode(),
            null,
            Duration.ofMinutes(1),
            null,
            null,
            Approvers.NONE,
            null,
            null);
    executions
        .finish("the dead", List.of(new Executions.Finish(begun, seen)))
        .await()
        .atMost(Duration.ofSeconds(20));
  }

  @Test
  void whatADeadExecutorHadBegunIsTriedAgainUnderItsKeyWhereThatIsTheSame() throws Exception {
    begunByTheDead(actionId, "test/again", true);

    JsonNode execution = wire.execution(actionId);

    assertEquals("succeeded", execution.path("status").asText());
    assertEquals(2, execution.path("attempt").asInt());
    assertEquals(1, calls(actionId).size());
    assertEquals(
        actionId.toString(),
        calls(actionId).get(0).path("headers").path("Idempotency-key").asText());
  }

  @Test
  void whatIsDoneStaysDone() throws Exception {
    wire.send(actionId, approved(actionId, action("test/ok")));
    wire.execution(actionId);
    SQLException refused =
        org.junit.jupiter.api.Assertions.assertThrows(
            SQLException.class,
            () -> {
              try (Connection connection = database.getConnection();
                  PreparedStatement update =
                      connection.prepareStatement(
                          "update execution set state = 'ready' where action_id = ?")) {
                update.setObject(1, actionId.value());
                update.executeUpdate();
              }
            });
    assertTrue(String.valueOf(refused.getMessage()).contains("final"));
  }

  @Test
  void whatTheDatabaseCannotTellNowIsToBeAskedForAgain() throws Exception {
    Response answer;
    try (ExecutorService asking = Executors.newVirtualThreadPerTaskExecutor();
        Connection connection = database.getConnection();
        Statement lock = connection.createStatement()) {
      connection.setAutoCommit(false);
      lock.execute("lock table execution in access exclusive mode");
      Future<Response> asked = asking.submit(() -> RestAssured.get("/v1/executions/" + actionId));
      Wire.await("an answer", () -> asked.isDone() || cutOff());
      connection.rollback();
      answer = asked.get();
    }

    assertEquals(503, answer.statusCode(), answer::asString);
    assertEquals("1", answer.header("Retry-After"));
    assertEquals("application/problem+json", answer.contentType());
    assertEquals("urn:countersign:problem:unavailable", answer.path("type"));
  }

  /// Ends the connections on which an execution to be shown is waited for; never true, for that is
  /// no answer yet.
  private boolean cutOff() {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(
          "select pg_terminate_backend(pid) from pg_stat_activity"
              + " where wait_event_type = 'Lock' and query like '%.action_id=$1'");
      return false;
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void theOpenApiDocumentSaysWhatEachPathAnswers() {
    JsonNode paths =
        EventJson.readTree(RestAssured.get("/openapi?format=json").asByteArray()).path("paths");
    List<String> answers = new ArrayList<>();
    paths
        .properties()
        .forEach(path ->
            path.getValue()
                .properties()
                .forEach(operation -> {
                  List<String> statuses = new ArrayList<>();
                  operation
                      .getValue()
                      .path("responses")
                      .fieldNames()
                      .forEachRemaining(statuses::add);
                  statuses.sort(null);
                  answers.add(
                      operation.getKey() + " " + path.getKey() + " " + String.join(" ", statuses));
                }));
    answers.sort(null);
    assertEquals(
        List.of(
            "get /v1/executions/{actionId} 200 400 404 503",
            "get /v1/executions/{actionId}/response 200 400 404 410 503",
            "get /v1/freezes 200 503",
            "get /v1/servers 200",
            "post /v1/executions/{actionId}/outcome 200 400 404 409 413 503",
            "post /v1/grants/redeem 200 400 403 409 413 422 503",
            "post /v1/preconditions 200 400 413"),
        answers);
  }

  @Test
  void aToolThatIsNotWhatItWasJudgedAsIsNotRun() throws Exception {
    Action action = action("test/ok");
    Instant now = Instant.now();
    ObjectNode claims = GrantSigner.claims(actionId, action, now, now.plusSeconds(120));
    ((ObjectNode) claims.path("authorization_details").path(0))
        .put("tool_digest", Digest.of(new byte[] {1}).value());
    ObjectNode decision = approved(actionId, action);
    decision.put("grant", TICKET_SERVICE.sign(GrantSigner.header(), claims));
    wire.send(actionId, decision);

    // The catalogue out there has no such tool any more.
    JsonNode execution = wire.execution(actionId);
    assertEquals("refused", execution.path("status").asText());
    assertEquals("catalogue-changed", execution.path("reason").path("code").asText());
    assertEquals(0, calls(actionId).size());
  }

  @Test
  void twoExecutorsShareTheWorkAndDoubleNone() throws Exception {
    Runner second =
        new Runner(
            "second",
            executions,
            effects,
            catalogue,
            connectors,
            unread,
            new Runner.Rhythm(Duration.ofMillis(5), Duration.ofSeconds(1), Duration.ofSeconds(15)),
            vertx);
    second.start();
    List<ActionId> ids = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      ActionId id = new ActionId(UUID.randomUUID());
      ids.add(id);
      wire.post(id, approved(id, action("test/many")));
    }

    for (ActionId id : ids) {
      JsonNode execution = wire.execution(id);
      assertEquals("succeeded", execution.path("status").asText(), execution::toString);
    }

    second.stop().get();
    assertEquals(2, instances(ids));
    for (ActionId id : ids) {
      assertEquals(1, calls(id).size());
      assertEquals(1, wire.executions(id).size());
    }
  }

  /// One connection may be silent until it ends, two minutes later; the others are not.
  @Test
  void aRenewalThatIsNotAnsweredKeepsNoLeaseFromBeingExtended() throws Exception {
    AtomicInteger renewals = new AtomicInteger();
    whileHeld(
        silentFor(1, renewals),
        Duration.ofSeconds(6),
        () -> {
          Wire.await("a renewal that is not answered", () -> renewals.get() > 0);
          Wire.await(
              "that its lease is extended",
              () -> is("lease_until > started_at + interval '8 seconds' and state = 'started'"));
        });
  }

  /// As many as begin within a lease. What is begun after it has its own extended all the same.
  @Test
  void whateverManyRenewalsAreNotAnsweredTheNextIsTried() throws Exception {
    AtomicInteger renewals = new AtomicInteger();
    whileHeld(
        silentFor(3, renewals),
        Duration.ofSeconds(3),
        () -> {
          Wire.await("that it is held", () -> is("state = 'started'"));
          // So that nobody ends it meanwhile.
          sql(
              "update execution set lease_until = now() + interval '1 minute' where action_id = '%s'");
          Wire.await("a renewal after those", () -> renewals.get() > 3);
        });
  }

  /// These, to one whose first renewals are on connections that are silent.
  private Executions silentFor(int many, AtomicInteger renewals) {
    return (Executions)
        Proxy.newProxyInstance(
            Executions.class.getClassLoader(),
            new Class<?>[] {Executions.class},
            (_, method, arguments) ->
                method.getName().equals("renew") && renewals.incrementAndGet() <= many
                    ? Uni.createFrom().nothing()
                    : method.invoke(executions, arguments));
  }

  private interface Sight {
    void see() throws Exception;
  }

  /// Has a runner hold the action's execution until this is seen, and end it then.
  private void whileHeld(Executions seenBy, Duration lease, Sight sight) throws Exception {
    Tool tool = new Tool("test", "renewed-" + actionId);
    Connectors own =
        new Connectors(
            Map.of(
                tool,
                new KafkaConnector(
                    KafkaCluster.OWN, "c", "r", Duration.ofMinutes(1), false, 1, Floor.NONE)));
    CompletableFuture<Outcome> effect = new CompletableFuture<>();
    Runner runner =
        new Runner(
            "renews " + actionId,
            seenBy,
            (_, _, _) -> Uni.createFrom().completionStage(effect),
            catalogue,
            () -> own,
            unread,
            new Runner.Rhythm(Duration.ofMillis(50), Duration.ofMinutes(1), lease),
            vertx);
    leftByTheDead(actionId, tool.toString(), "ready", false);
    sql(
        "update execution set attempt = 0, started_at = null, grant_nbf = now() where action_id = '%s'");
    runner.start();
    try {
      sight.see();
    } finally {
      effect.complete(new Outcome(Execution.Status.SUCCEEDED, null, null));
      runner.stop().get();
    }
    assertEquals("succeeded", wire.execution(actionId).path("status").asText());
  }

  /// No word of ours is waited for between it and its commit, while others skip what it has locked.
  @Test
  void aRenewalIsCommittedWithoutAnotherWord() {
    Wire.await(
        "a connection whose last word was a renewal, in no transaction",
        () -> {
          executions
              .renew("nobody", Set.of(actionId), Duration.ofSeconds(15))
              .await()
              .atMost(Duration.ofSeconds(20));
          return answers(
              "select count(*) > 0 from pg_stat_activity where state = 'idle'"
                  + " and position('set lease_until = ' || 'greatest(' in query) > 0");
        });
  }

  private void sql(String statement) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement update = connection.createStatement()) {
      update.execute(statement.formatted(actionId));
    }
  }

  /// Whether this holds of the action's execution.
  private boolean is(String condition) {
    return answers(
        "select %s from execution where action_id = '%s'".formatted(condition, actionId));
  }

  private boolean answers(String question) {
    try (Connection connection = database.getConnection();
        Statement query = connection.createStatement();
        ResultSet row = query.executeQuery(question)) {
      return row.next() && row.getBoolean(1);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  /// How many instances have run any of these.
  private int instances(List<ActionId> ids) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement query =
            connection.prepareStatement(
                "select count(distinct instance) from execution where action_id = any (?)")) {
      query.setArray(
          1, connection.createArrayOf("uuid", ids.stream().map(ActionId::value).toArray()));
      try (ResultSet row = query.executeQuery()) {
        row.next();
        return row.getInt(1);
      }
    }
  }

  /// A row as a process leaves it that was killed between intent and outcome.
  private void begunByTheDead(ActionId id, String tool, boolean idempotent) throws SQLException {
    leftByTheDead(id, tool, "started", idempotent);
  }

  /// Where it is to be tried again, its grant begins only later, so that nobody does meanwhile.
  private void leftByTheDead(ActionId id, String tool, String state, boolean idempotent)
      throws SQLException {
    Action action = action(tool);
    try (Connection connection = database.getConnection();
        PreparedStatement insert =
            connection.prepareStatement(
                """
                insert into execution (action_id, state, action_digest, agent, toolset, tool,
                    parameters, grant_nbf, grant_exp, attempt, instance, lease_until, idempotent,
                    started_at)
                values (?, ?, ?, 'billing-bot', ?, ?, ?,
                    now() + case when ? = 'ready' then interval '1 minute' else interval '0' end,
                    now() + interval '2 minutes', 1, 'the dead', now() - interval '1 second', ?, now())
                """)) {
      insert.setObject(1, id.value());
      insert.setString(2, state);
      insert.setString(3, action.digest(id).toString());
      insert.setString(4, action.tool().toolset());
      insert.setString(5, action.tool().name());
      insert.setString(6, Canonical.text(action.parameters()));
      insert.setString(7, state);
      insert.setBoolean(8, idempotent);
      insert.executeUpdate();
    }
  }

  /// A forged record behind the others of this id, in the same partition: when its dead letter is
  /// there, they have been handled.
  private void marker(ActionId id) throws Exception {
    ObjectNode forged = decision(id, action("test/ok"), "x");
    forged.remove("grant");
    wire.send(id, forged);
    Wire.await("the marker", () -> wire.deadLetters(id).contains("grant-missing"));
  }

  /// Waits until an action that came later is through.
  private void settle() throws Exception {
    ActionId later = new ActionId(UUID.randomUUID());
    wire.send(later, approved(later, action("test/ok")));
    wire.execution(later);
  }

  static Action action(String tool) {
    ObjectNode params = JsonNodeFactory.instance.objectNode();
    params.put("amount", "48200.00");
    params.putObject("recipient").put("name", "A \"quoted\" one").put("iban", "DE89");
    return action(tool, params);
  }

  static Action action(String tool, ObjectNode params) {
    int slash = tool.indexOf('/');
    return new Action(
        new Agent("billing-bot", "acme", "run-1", null),
        new Tool(tool.substring(0, slash), tool.substring(slash + 1)),
        params);
  }

  static ObjectNode approved(ActionId id, Action action) {
    return decision(id, action, TICKET_SERVICE.grant(id, action));
  }

  static ObjectNode decision(ActionId id, Action action, String grant) {
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

  private static JsonNode tampered(JsonNode decision) {
    ObjectNode copy = decision.deepCopy();
    ((ObjectNode) copy.path("action").path("parameters")).put("amount", "48200.01");
    return copy;
  }

  /// Signed by the public key as if it were a shared secret.
  private static String hs256(ObjectNode header, ObjectNode claims) throws Exception {
    String input = GrantSigner.unsigned(header, claims);
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(Base64URL.from(TICKET_SERVICE.publicKey()).decode(), "HmacSHA256"));
    return input + "." + Base64URL.encode(mac.doFinal(input.getBytes(StandardCharsets.US_ASCII)));
  }

  private JsonNode calls(ActionId id) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(target + "/calls?" + id)).build();
    return EventJson.readTree(HTTP.send(request, HttpResponse.BodyHandlers.ofByteArray()).body());
  }

  private double alarms(String reason) {
    return meters.counter("countersign.executor.alarms", "reason", reason).count();
  }
}
