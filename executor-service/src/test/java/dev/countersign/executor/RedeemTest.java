package dev.countersign.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import dev.countersign.events.Tool;
import dev.countersign.testservers.Announced;
import dev.countersign.testservers.Servers;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A grant that is used by somebody else than the executor, from outside.
@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = Outside.class, scope = TestResourceScope.GLOBAL)
@SuppressWarnings("NullAway.Init") // injected
class RedeemTest {

  private static final GrantSigner TICKET_SERVICE = GrantSigner.ticketService();
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @TestHTTPResource("/")
  URI base;

  @ConfigProperty(name = "kafka.bootstrap.servers")
  String bootstrapServers;

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
        new Agent("release-bot", "acme-agents", "run-7", "ops@acme.example"),
        new Tool("test", tool),
        JsonNodeFactory.instance
            .objectNode()
            .put("service", "checkout")
            .put("version", "4.2")
            .put("amount", "0"));
  }

  private static ObjectNode decision(ActionId id, Action action, String grant) {
    ObjectNode decision = JsonNodeFactory.instance.objectNode();
    decision.put("actionId", id.toString());
    decision.put("at", Instant.now().toString());
    decision.put("outcome", "approved");
    decision.put("basis", "policy");
    decision.putObject("reason").put("code", "allowed-by-policy").put("text", "The policy.");
    decision.put("actionDigest", action.digest(id).toString());
    decision.set("action", EventJson.tree(action));
    decision.put("grant", grant);
    return decision;
  }

  private HttpResponse<String> post(String path, JsonNode body) throws Exception {
    return post(path, EventJson.write(body));
  }

  private HttpResponse<String> post(String path, byte[] body) throws Exception {
    return HTTP.send(
        HttpRequest.newBuilder(base.resolve(path))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> redeem(String grant, JsonNode parameters) throws Exception {
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("grant", grant);
    body.set("parameters", parameters);
    return post("/v1/grants/redeem", body);
  }

  private HttpResponse<String> report(String receipt, String status) throws Exception {
    return report(receipt, TextNode.valueOf(status));
  }

  private HttpResponse<String> report(String receipt, JsonNode status) throws Exception {
    ObjectNode body =
        JsonNodeFactory.instance
            .objectNode()
            .put("receipt", receipt)
            .put("code", "deployed")
            .put("summary", "checkout 4.2 is live");
    return post("/v1/executions/" + actionId + "/outcome", body.set("status", status));
  }

  private static JsonNode json(HttpResponse<String> response) {
    return EventJson.readTree(response.body().getBytes(StandardCharsets.UTF_8));
  }

  private static String problem(HttpResponse<String> response) {
    return json(response).path("type").asText().replace("urn:countersign:problem:", "");
  }

  @Test
  void aToolThatHasBecomeAnotherSinceIsNotRedeemed() throws Exception {
    Action action = action("elsewhere");
    String ofAnother = judgedAs(Digest.of(new byte[] {1}), action);
    wire.send(actionId, decision(actionId, action, ofAnother));
    HttpResponse<String> refused = redeem(ofAnother, action.parameters());
    assertEquals(403, refused.statusCode(), refused::body);
    assertEquals("catalogue-changed", problem(refused));
    // Asked for a while ago: the catalogue is fetched anew, and the grant is good for once.
    String grant = judgedAs(Outside.ELSEWHERE, action);
    assertEquals(200, redeem(grant, action.parameters()).statusCode());
    assertEquals(409, redeem(grant, action.parameters()).statusCode());
    // Whoever is told to propose it anew does it twice.
    assertEquals(409, redeem(ofAnother, action.parameters()).statusCode());
  }

  private String judgedAs(Digest tool, Action action) {
    Instant now = Instant.now();
    ObjectNode claims = GrantSigner.claims(actionId, action, now, now.plusSeconds(120));
    ((ObjectNode) claims.path("authorization_details").path(0)).put("tool_digest", tool.value());
    return TICKET_SERVICE.sign(GrantSigner.header(), claims);
  }

  @Test
  void ofAHundredWhoRedeemAGrantOneMayRunItAndHowItEndedIsPublishedOnce() throws Exception {
    Action action = action("elsewhere");
    String grant = TICKET_SERVICE.grant(actionId, action);
    wire.send(actionId, decision(actionId, action, grant));

    CountDownLatch go = new CountDownLatch(1);
    List<HttpResponse<String>> answers = new ArrayList<>();
    try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<HttpResponse<String>>> asked = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        asked.add(
            pool.submit(() -> {
              go.await();
              return redeem(grant, action.parameters());
            }));
      }
      go.countDown();
      for (Future<HttpResponse<String>> each : asked) {
        answers.add(each.get());
      }
    }

    List<HttpResponse<String>> yes =
        answers.stream().filter(each -> each.statusCode() == 200).toList();
    assertEquals(1, yes.size());
    assertEquals(99, answers.stream().filter(each -> each.statusCode() == 409).count());
    String receipt = json(yes.getFirst()).path("receipt").asText();
    assertEquals(
        "started",
        json(HTTP.send(
                HttpRequest.newBuilder(base.resolve("/v1/executions/" + actionId)).build(),
                HttpResponse.BodyHandlers.ofString()))
            .path("state")
            .asText());

    assertEquals(404, report("somebody else's", "failed").statusCode());
    assertEquals(200, report(receipt, "succeeded").statusCode());
    assertEquals(200, report(receipt, "succeeded").statusCode());
    assertEquals("answered", problem(report(receipt, "failed")));

    JsonNode execution = wire.execution(actionId);
    assertEquals("succeeded", execution.path("status").asText());
    assertEquals(1, execution.path("attempt").asInt());
    assertEquals("tool", execution.path("reportedBy").asText(), "that is the tool's word");
    assertEquals("tool", json(report(receipt, "succeeded")).path("reportedBy").asText());
    assertEquals("deployed", execution.path("result").path("code").asText());
    assertEquals("checkout 4.2 is live", execution.path("result").path("summary").asText());
    assertEquals(409, redeem(grant, action.parameters()).statusCode());
    assertEquals(1, wire.executions(actionId).size());
  }

  @Test
  void aGrantIsGoodBeforeItsDecisionHasComeAndTheDecisionRunsNothingAfterwards() throws Exception {
    Action action = action("elsewhere");
    String grant = TICKET_SERVICE.grant(actionId, action);

    HttpResponse<String> redeemed = redeem(grant, action.parameters());
    assertEquals(200, redeemed.statusCode(), redeemed.body());
    wire.send(actionId, decision(actionId, action, grant));
    assertEquals(409, redeem(grant, action.parameters()).statusCode());
    assertEquals(200, report(json(redeemed).path("receipt").asText(), "failed").statusCode());

    assertEquals("failed", wire.execution(actionId).path("status").asText());
  }

  @Test
  void otherParametersAreRefusedAndDoNotUseTheGrantUp() throws Exception {
    Action action = action("elsewhere");
    String grant = TICKET_SERVICE.grant(actionId, action);
    ObjectNode other = action.parameters().deepCopy();

    HttpResponse<String> refused = redeem(grant, other.put("version", "4.3"));

    assertEquals(422, refused.statusCode());
    assertEquals("other-parameters", problem(refused));
    assertEquals(422, redeem(grant, JsonNodeFactory.instance.objectNode()).statusCode());
    assertEquals(200, redeem(grant, action.parameters()).statusCode());
    assertEquals(422, redeem(grant, other).statusCode());
  }

  @Test
  void afterACopyThatWasChangedTheTrueDecisionIsWaitedForAndNothingIsUsedUp() throws Exception {
    Action action = action("elsewhere");
    String grant = TICKET_SERVICE.grant(actionId, action);
    ObjectNode changed = decision(actionId, action, grant);
    ((ObjectNode) changed.path("action").path("parameters")).put("version", "6.6");
    wire.send(actionId, changed);
    Wire.await("the copy is put aside", () -> !wire.deadLetters(actionId).isEmpty());

    HttpResponse<String> answer = redeem(grant, action.parameters());
    assertEquals(503, answer.statusCode(), answer::body);
    assertEquals("decision-pending", problem(answer));

    wire.send(actionId, decision(actionId, action, grant));
    Wire.await("the true one", () -> status(grant, action.parameters()) == 200);
    assertEquals(409, redeem(grant, action.parameters()).statusCode());
  }

  private int status(String grant, JsonNode parameters) {
    try {
      return redeem(grant, parameters).statusCode();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whatIsNoGrantOfTheTicketServicesIsRedeemedNowhere() throws Exception {
    Action action = action("elsewhere");
    Instant now = Instant.now();
    ObjectNode claims = GrantSigner.claims(actionId, action, now, now.plusSeconds(120));
    JsonNode parameters = action.parameters();

    assertEquals(
        "grant-signature",
        problem(redeem(GrantSigner.attacker().sign(GrantSigner.header(), claims), parameters)));
    assertEquals(
        "grant-type",
        problem(
            redeem(
                TICKET_SERVICE.sign(GrantSigner.header().put("typ", "JWT"), claims), parameters)));
    assertEquals(
        "grant-key",
        problem(
            redeem(
                TICKET_SERVICE.sign(GrantSigner.header().put("kid", "login"), claims),
                parameters)));
    assertEquals(
        "grant-issuer",
        problem(
            redeem(
                TICKET_SERVICE.sign(GrantSigner.header(), claims.deepCopy().put("iss", "urn:x")),
                parameters)));
    assertEquals(
        "grant-audience",
        problem(
            redeem(
                TICKET_SERVICE.sign(GrantSigner.header(), claims.deepCopy().put("aud", "other")),
                parameters)));
    assertEquals(
        "used-up",
        problem(
            redeem(
                TICKET_SERVICE.sign(
                    GrantSigner.header(),
                    claims
                        .deepCopy()
                        .put("nbf", 1)
                        .put("exp", now.minusSeconds(1).getEpochSecond())),
                parameters)));
    assertEquals(
        "decision-pending",
        problem(
            redeem(
                TICKET_SERVICE.sign(
                    GrantSigner.header(),
                    claims.deepCopy().put("nbf", now.plusSeconds(60).getEpochSecond())),
                parameters)));
    assertEquals("unreadable", problem(redeem("", JsonNodeFactory.instance.textNode("x"))));
    assertEquals(
        200, redeem(TICKET_SERVICE.sign(GrantSigner.header(), claims), parameters).statusCode());
  }

  @Test
  void aToolThatTheExecutorRunsIsNobodyElsesToRedeem() throws Exception {
    Action action = action("ok");
    String grant = TICKET_SERVICE.grant(actionId, action);

    assertEquals("not-delegated", problem(redeem(grant, action.parameters())));

    wire.send(actionId, decision(actionId, action, grant));
    assertEquals("succeeded", wire.execution(actionId).path("status").asText());
  }

  @Test
  void whatNobodyReportsInTimeIsUnknownAndALateReportIsToldSo() throws Exception {
    Action action = action("forgotten");
    String grant = TICKET_SERVICE.grant(actionId, action);
    String receipt = json(redeem(grant, action.parameters())).path("receipt").asText();

    JsonNode execution = wire.execution(actionId);
    assertEquals("unknown", execution.path("status").asText());
    assertEquals("not-reported", execution.path("reason").path("code").asText());
    assertTrue(execution.path("reportedBy").isMissingNode(), "that is the executor's own word");

    HttpResponse<String> late = report(receipt, "succeeded");
    assertEquals(409, late.statusCode());
    assertEquals("unknown", json(late).path("execution").path("status").asText());
    assertEquals(409, report(receipt, "succeeded").statusCode());
    Wire.await("the late word", () -> !wire.late(actionId).isEmpty());
    assertEquals(1, wire.late(actionId).size(), "told once, however often it is said");
    assertTrue(wire.late(actionId).getFirst().startsWith("succeeded "));
    assertTrue(wire.late(actionId).getFirst().endsWith(" tool"));
    assertEquals(1, wire.executions(actionId).size());
  }

  @Test
  void whatNobodyRedeemsIsRefusedWhenItsGrantEnds() throws Exception {
    Action action = action("elsewhere");
    Instant now = Instant.now();
    String grant =
        TICKET_SERVICE.sign(
            GrantSigner.header(), GrantSigner.claims(actionId, action, now, now.plusSeconds(2)));
    wire.send(actionId, decision(actionId, action, grant));

    JsonNode execution = wire.execution(actionId);
    assertEquals("refused", execution.path("status").asText());
    assertEquals("grant-expired", execution.path("reason").path("code").asText());
    assertEquals(0, execution.path("attempt").asInt());
    assertTrue(redeem(grant, action.parameters()).statusCode() == 409);
  }

  @Test
  void whatIsMoreThanAnyGrantAndActionIsRefusedBeforeAnythingIsBuiltOfIt() throws Exception {
    // A tree of it takes some thirty times its text.
    assertTooLarge("/v1/grants/redeem", "[" + "{},".repeat(1024 * 1024 / 3 - 10) + "{}]");
    assertTooLarge("/v1/grants/redeem", "{\"more\": \"" + "x".repeat(1024 * 1024) + "\"}");
    assertTooLarge("/v1/preconditions", "{\"more\": \"" + "x".repeat(1024 * 1024) + "\"}");
    assertTooLarge("/v1/grants/redeem", "[" + "[],".repeat(300_000) + "[]]");
    assertTooLarge("/v1/grants/redeem", "[".repeat(300_000) + "]".repeat(300_000));
    String outcome = "/v1/executions/" + actionId + "/outcome";
    assertTooLarge(outcome, "{\"more\": \"" + "x".repeat(20_000) + "\"}");
    assertTooLarge(outcome, "{\"more\": [" + "{},".repeat(1_000) + "{}]}");
  }

  @Test
  void whatAnnouncesMoreThanItsPathTakesIsRefusedUnread() throws Exception {
    assertRefusedUnread("/v1/grants/redeem", 1024 * 1024);
    assertRefusedUnread("/v1/preconditions", 1024 * 1024);
    assertRefusedUnread("/v1/executions/" + actionId + "/outcome", 16 * 1024);
    assertRefusedUnread("/v1/executions/" + actionId + "/outcome/", 16 * 1024);
  }

  /// There a header of the connection makes an answer malformed (RFC 9113 §8.2.2).
  @Test
  void whatIsRefusedUnreadByHttp2SaysNothingOfTheConnection() throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest first = HttpRequest.newBuilder(base.resolve("/q/health/live")).build();
      assertEquals(
          HttpClient.Version.HTTP_2,
          http.send(first, HttpResponse.BodyHandlers.discarding()).version());

      HttpResponse<String> answer =
          Announced.post(
              http, base.resolve("/v1/grants/redeem"), "application/json", 1024 * 1024 + 1);

      assertEquals(HttpClient.Version.HTTP_2, answer.version());
      assertEquals(413, answer.statusCode());
      assertEquals("too-large", problem(answer));
      assertEquals(Optional.empty(), answer.headers().firstValue("connection"));
    }
  }

  private void assertRefusedUnread(String path, int most) throws Exception {
    HttpResponse<String> answer = Announced.post(base.resolve(path), "application/json", most + 1);
    assertEquals(413, answer.statusCode(), path);
    assertEquals("too-large", problem(answer));
    assertTrue(json(answer).path("detail").asText().contains("at most " + most), answer::body);
  }

  private void assertTooLarge(String path, String body) throws Exception {
    HttpResponse<String> answer =
        Announced.postUnannounced(
            base.resolve(path), "application/json", body.getBytes(StandardCharsets.UTF_8));
    assertEquals(413, answer.statusCode(), answer::body);
    assertEquals("too-large", problem(answer));
  }

  @Test
  void ofTheLargestActionThereIsTheGrantIsRedeemed() throws Exception {
    Action small = action("elsewhere");
    ObjectNode parameters = small.parameters().deepCopy();
    // As much as 64 KiB can hold, 32 levels deep.
    String deep = "[".repeat(29) + "]".repeat(29);
    parameters.set(
        "deep",
        EventJson.readTree(
            ("[" + (deep + ",").repeat(1_090) + deep + "]").getBytes(StandardCharsets.UTF_8)));
    Action largest = new Action(small.agent(), small.tool(), parameters);
    ObjectNode body =
        JsonNodeFactory.instance.objectNode().put("grant", TICKET_SERVICE.grant(actionId, largest));
    body.set("parameters", parameters);

    HttpResponse<String> redeemed =
        post("/v1/grants/redeem", body.toPrettyString().getBytes(StandardCharsets.UTF_8));

    assertEquals(200, redeemed.statusCode(), redeemed::body);
  }

  @Test
  void aReportSaysOneOfThreeThings() throws Exception {
    assertEquals("unreadable", problem(report("r", "refused")));
    assertEquals("unreadable", problem(report("r", "done")));
    assertEquals("unreadable", problem(report("r", IntNode.valueOf(1))));
    assertEquals(
        "unreadable",
        problem(
            post(
                "/v1/executions/" + actionId + "/outcome",
                JsonNodeFactory.instance.objectNode().put("status", "succeeded"))));
    assertEquals("unknown-receipt", problem(report("r", "succeeded")));
  }
}
