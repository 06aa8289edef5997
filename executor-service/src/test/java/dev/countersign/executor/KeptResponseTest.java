package dev.countersign.executor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.events.ActionId;
import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import dev.countersign.events.Execution;
import dev.countersign.events.Tool;
import dev.countersign.executor.application.Begun;
import dev.countersign.executor.application.Executions;
import dev.countersign.executor.domain.Approvers;
import dev.countersign.executor.domain.Outcome;
import dev.countersign.testservers.Servers;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a target answered is kept for the agent where the operator says so, for as long, and
/// nowhere else.
@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = Outside.class, scope = TestResourceScope.GLOBAL)
@SuppressWarnings("NullAway.Init") // injected
class KeptResponseTest {

  @ConfigProperty(name = "kafka.bootstrap.servers")
  String bootstrapServers;

  @ConfigProperty(name = "test.upstream")
  String upstream;

  @Inject DataSource database;
  @Inject Executions executions;

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
  void whatTheTargetAnsweredIsHandedOutToTheByteWithItsDigest() {
    JsonNode execution = run("test/receipt");
    assertFalse(execution.toString().contains("R-1"), "never on a topic");
    Response response = response();
    assertEquals(200, response.statusCode());
    assertEquals("{\"receipt\": \"R-1\"}", response.asString());
    assertEquals("application/json; charset=utf-8", response.contentType());
    assertEquals("no-store", response.header("Cache-Control"));
    String digest = execution.path("result").path("digest").asText();
    assertEquals(Digest.of(response.asByteArray()).toString(), digest);
    assertEquals(
        "sha-256=:"
            + Base64.getEncoder()
                .encodeToString(HexFormat.of().parseHex(digest.substring("sha256:".length())))
            + ":",
        response.header("Repr-Digest"));
  }

  @Test
  void whatIsNeitherJsonNorTextIsBytesAlsoWhereItDidNotSucceed() {
    assertEquals("unknown", run("test/page").path("status").asText());
    Response response = response();
    assertEquals(200, response.statusCode());
    assertEquals("application/octet-stream", response.contentType());
    assertEquals("<svg/>", new String(response.asByteArray(), UTF_8));
  }

  @Test
  void ofWhatIsTooLargeTheDigestIsLeftAndThatIsSaid() {
    JsonNode execution = run("test/large");
    assertEquals("succeeded", execution.path("status").asText());
    assertEquals(
        Digest.of("x".repeat(64 * 1024 + 1).getBytes(UTF_8)).toString(),
        execution.path("result").path("digest").asText());
    assertTrue(execution.path("result").path("summary").asText().contains("too many to keep"));
    assertProblem(410, "too-large");
    assertEquals("1", one("select count(*) from response where action_id = ? and body is null"));
  }

  @Test
  void whenItsTimeIsOverItIsGoneFromTheTableToo() {
    run("test/brief");
    Wire.await("its end", () -> response().statusCode() == 410);
    assertProblem(410, "gone");
    Wire.await(
        "the sweep",
        () ->
            "1".equals(one("select count(*) from response where action_id = ? and body is null")));
  }

  @Test
  void whereTheOperatorSaysNothingNothingIsKept() {
    run("test/ok");
    assertProblem(404, "no-response");
    assertEquals("0", one("select count(*) from response where action_id = ?"));
  }

  @Test
  void ofAnMcpServersAnswerTheResultIsTheResponse() {
    assumeFalse(upstream.equals("none"), "needs Node.js");
    wire.send(
        actionId,
        ExecutorTest.approved(
            actionId,
            ExecutorTest.action(
                "mcp/told",
                JsonNodeFactory.instance
                    .objectNode()
                    .put("customer", "C-1")
                    .put("amount", "12.50"))));
    JsonNode execution = wire.execution(actionId);
    assertEquals("succeeded", execution.path("status").asText(), execution::toString);
    Response response = response();
    assertEquals(200, response.statusCode());
    assertTrue(EventJson.readTree(response.asByteArray()).path("content").isArray());
    assertEquals(
        Digest.of(response.asByteArray()).toString(),
        execution.path("result").path("digest").asText());
  }

  @Test
  void ofTwoAttemptsThatEndTogetherTheOneThatCountsIsKept() throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement insert =
            connection.prepareStatement(
                """
                insert into execution (action_id, state, action_digest, agent, toolset, tool,
                    parameters, grant_nbf, grant_exp, attempt, instance, lease_until, started_at)
                values (?, 'started', ?, 'billing-bot', 'test', 'again', '{}', now(),
                    now() + interval '2 minutes', 2, 'this test', now() + interval '1 minute', now())
                """)) {
      insert.setObject(1, actionId.value());
      insert.setString(2, Digest.of(new byte[0]).toString());
      insert.executeUpdate();
    }

    executions
        .finish("this test", List.of(finish(1, "first"), finish(2, "second")))
        .await()
        .atMost(Duration.ofSeconds(20));

    assertEquals(2, wire.execution(actionId).path("attempt").asInt());
    assertEquals("second", response().asString());
  }

  private Executions.Finish finish(int attempt, String answer) {
    return new Executions.Finish(
        new Begun(
            actionId,
            new Tool("test", "again"),
            attempt,
            JsonNodeFactory.instance.objectNode(),
            null,
            Duration.ofMinutes(1),
            null,
            null,
            Approvers.NONE,
            null,
            null),
        new Outcome(Execution.Status.SUCCEEDED, new Execution.Result("200", null, null), null)
            .with(
                new dev.countersign.executor.domain.Response(
                    "text/plain", answer.getBytes(UTF_8), Duration.ofMinutes(1))));
  }

  private JsonNode run(String tool) {
    wire.send(actionId, ExecutorTest.approved(actionId, ExecutorTest.action(tool)));
    return wire.execution(actionId);
  }

  private Response response() {
    return RestAssured.get("/v1/executions/" + actionId + "/response");
  }

  private void assertProblem(int status, String code) {
    Response response = response();
    assertEquals(status, response.statusCode());
    assertEquals("urn:countersign:problem:" + code, response.path("type"));
  }

  private String one(String query) {
    try (Connection connection = database.getConnection();
        PreparedStatement select = connection.prepareStatement(query)) {
      select.setObject(1, actionId.value());
      try (ResultSet row = select.executeQuery()) {
        row.next();
        return row.getString(1);
      }
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }
}
