package dev.countersign.gateway.inbound.mcp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.ActionCancelled;
import dev.countersign.events.ActionId;
import dev.countersign.events.ActionProposed;
import dev.countersign.events.Decision;
import dev.countersign.events.Digest;
import dev.countersign.events.Event;
import dev.countersign.events.EventJson;
import dev.countersign.events.Execution;
import dev.countersign.events.Topics;
import dev.countersign.gateway.ExecutorOfTheTest;
import dev.countersign.gateway.Samples;
import dev.countersign.testservers.Servers;
import dev.countersign.testservers.Wire;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What an agent reads of its action over MCP: each end in a word of its own, and a no never as
/// anything that could be taken for a yes.
@NullMarked
@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = ExecutorOfTheTest.class, scope = TestResourceScope.GLOBAL)
class McpApprovalTest {

  @TestHTTPResource("/mcp")
  URI mcp = URI.create("/");

  @SuppressWarnings("NullAway.Init") // injected
  Wire wire;

  @SuppressWarnings("NullAway.Init") // injected
  ExecutorOfTheTest.Shelf shelf;

  @SuppressWarnings("NullAway.Init") // set before each
  private Door door;

  @BeforeEach
  void standAtTheDoor() {
    door = new Door(mcp);
  }

  /// An action as the client `tests` proposes it here.
  private static Samples sample() throws Exception {
    ActionId id = new ActionId(UUID.randomUUID());
    String json = Samples.json(id, "250.00").replace("billing-bot", "mcp:tests");
    return new Samples(id, ActionProposed.read(json.getBytes(UTF_8)));
  }

  private static ObjectNode arguments(Samples sample) {
    ObjectNode arguments =
        Door.object()
            .put("toolset", "payments")
            .put("tool", "wire_transfer")
            .put("reason", "due today")
            .put("expected_effect", "the invoice is settled")
            .put("rollback_plan", "ask the bank")
            .put("session", "run-91c")
            .put("idempotency_key", sample.actionId().toString());
    arguments.set("parameters", sample.proposal().parameters());
    return arguments;
  }

  private static ObjectNode id(Samples sample) {
    return Door.object().put("action_id", sample.actionId().toString());
  }

  /// What check_approval says once it says this; the question stays open until then. Asked again
  /// also while the executor, which has two seconds, did not come to give its response.
  private JsonNode until(Samples sample, String status) throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    JsonNode result = door.call("check_approval", id(sample)).result();
    while (!result.path("structuredContent").path("status").asText().equals(status)
        || result.at("/structuredContent/response/missing").asText().equals("away")) {
      JsonNode last = result;
      assertTrue(System.nanoTime() < end, () -> "never " + status + ": " + last);
      result = door.call("check_approval", id(sample).put("wait_seconds", 2)).result();
    }
    return result;
  }

  private Samples waiting() throws Exception {
    Samples sample = sample();
    wire.publish(sample.ticketOpened());
    until(sample, "waiting");
    assertEquals(
        "waiting", door.call("request_approval", arguments(sample)).said().path("status").asText());
    return sample;
  }

  @Test
  void aRequestIsFiledAndSaysForWhomItWaitsAndUntilWhen() throws Exception {
    Samples sample = waiting();
    ActionProposed filed =
        wire.events(ActionProposed.class, sample.actionId(), Topics.ACTION_PROPOSED, 1).getFirst();
    assertEquals(sample.digest(), filed.digest());
    assertEquals("mcp:tests", filed.agent().id());
    assertEquals("run-91c", filed.agent().session());
    assertEquals(
        "due today|the invoice is settled|ask the bank",
        filed.intent() == null
            ? ""
            : filed.intent().reason()
                + "|"
                + filed.intent().expectedEffect()
                + "|"
                + filed.intent().rollbackPlan());

    JsonNode result = until(sample, "waiting");
    JsonNode said = result.path("structuredContent");
    assertFalse(result.path("isError").asBoolean(true), "waiting is no error");
    assertEquals(sample.ticketOpened().link().toString(), said.path("ticket").asText());
    assertEquals("7F-KQ", said.path("short_code").asText());
    assertEquals(sample.ticketOpened().expiresAt().toString(), said.path("deadline").asText());
    assertEquals("[\"2 of finance\"]", said.path("waiting_for").toString());
    assertEquals(5, said.path("retry_after").intValue());
    assertEquals(
        "Waiting for 2 of finance, code 7F-KQ, until 21 November 2026, 13:00 UTC.",
        said.path("say_to_user").asText());
    assertFalse(said.has("grant"), said.toString());
    assertEquals(
        said,
        EventJson.readTree(result.at("/content/0/text").asText().getBytes(UTF_8)),
        "hosts without structuredContent read the same");
  }

  @Test
  void whateverItComesToIsToldByAWordOfItsOwn() throws Exception {
    Samples approved = waiting();
    wire.publish(approved.decision(Decision.Outcome.APPROVED));
    JsonNode yes = until(approved, "approved");
    assertFalse(yes.path("isError").asBoolean(true));
    assertEquals("a.signed.grant", yes.at("/structuredContent/grant").asText());

    for (Decision.Outcome each :
        List.of(
            Decision.Outcome.REJECTED,
            Decision.Outcome.DENIED,
            Decision.Outcome.CANCELLED,
            Decision.Outcome.REFUSED)) {
      Samples sample = waiting();
      Decision decision = sample.decision(each);
      wire.publish(decision);
      assertNo(sample, EventJson.tree(each).asText());
    }
    Samples late = waiting();
    wire.publish(late.expired());
    assertNo(late, "expired");

    for (Execution.Status each :
        List.of(
            Execution.Status.FAILED,
            Execution.Status.PRECONDITION_FAILED,
            Execution.Status.UNKNOWN)) {
      Samples sample = waiting();
      wire.publishAll(
          List.<Event>of(sample.decision(Decision.Outcome.APPROVED), sample.execution(each)));
      assertNo(sample, EventJson.tree(each).asText());
    }
  }

  private void assertNo(Samples sample, String status) throws Exception {
    JsonNode result = until(sample, status);
    assertTrue(result.path("isError").asBoolean(), () -> status + ": " + result);
    JsonNode said = result.path("structuredContent");
    assertFalse(said.path("say_to_user").asText().isBlank(), said.toString());
    assertFalse(said.path("reason").path("text").asText().isBlank(), said.toString());
    assertEquals(status.equals("unknown"), said.has("retry_after"), said.toString());
  }

  @Test
  void whatTheTargetAnsweredComesWithTheOutcomeToTheLastDigit() throws Exception {
    Samples sample = waiting();
    byte[] body = "{\"receipt\": 7, \"rate\": 1.23456789012345678901}".getBytes(UTF_8);
    shelf.put(sample.actionId(), 200, "application/json", body);
    Execution done = sample.execution(Execution.Status.SUCCEEDED);
    wire.publishAll(
        List.<Event>of(
            sample.decision(Decision.Outcome.APPROVED),
            new Execution(
                done.actionId(),
                done.at(),
                done.status(),
                1,
                done.startedAt(),
                done.finishedAt(),
                done.actionDigest(),
                new Execution.Result("200", Digest.of(body), null),
                null)));
    JsonNode result = until(sample, "succeeded");
    assertFalse(result.path("isError").asBoolean(true));
    assertEquals(7, result.at("/structuredContent/response/json/receipt").intValue());
    assertTrue(
        result.at("/content/0/text").asText().contains("1.23456789012345678901"),
        result.toString());
  }

  @Test
  void whoWaitsIsToldWhenItIsAnsweredAndHoldsNobodyUp() throws Exception {
    Samples sample = waiting();
    CompletableFuture<Door.Answer> asking =
        door.later(
            "tools/call", Door.params("check_approval", id(sample).put("wait_seconds", 45)), false);
    wire.publish(sample.decision(Decision.Outcome.REJECTED));
    assertEquals("rejected", asking.get(60, TimeUnit.SECONDS).said().path("status").asText());
  }

  @Test
  void theSameKeyIsTheSameActionAndAnotherCallUnderItIsRefused() throws Exception {
    Samples sample = waiting();
    wire.publish(sample.decision(Decision.Outcome.REJECTED));
    until(sample, "rejected");
    JsonNode again = door.call("request_approval", arguments(sample)).result();
    assertEquals("rejected", again.at("/structuredContent/status").asText());
    assertTrue(again.path("isError").asBoolean());

    ObjectNode other = arguments(sample).put("tool", "refund");
    JsonNode refused = door.call("request_approval", other).result();
    assertEquals("refused", refused.at("/structuredContent/status").asText());
    assertEquals("conflict", refused.at("/structuredContent/reason/code").asText());
    assertTrue(refused.path("isError").asBoolean());
    assertEquals(1, wire.about(sample.actionId(), Topics.ACTION_PROPOSED, 1).size(), "filed once");
  }

  @Test
  void anUnknownIdIsAnErrorThatSaysSo() throws Exception {
    for (String tool : List.of("check_approval", "cancel_approval")) {
      JsonNode result = door.call(tool, id(sample())).result();
      assertTrue(result.path("isError").asBoolean(), result.toString());
      assertEquals("no-such-action", result.at("/structuredContent/reason/code").asText());
      assertTrue(result.at("/structuredContent/status").isMissingNode(), result.toString());
      assertTrue(result.at("/content/0/text").asText().contains("nothing is known"));
    }
  }

  @Test
  void wrongArgumentsAreNamedAndNothingIsFiled() throws Exception {
    Map<String, ObjectNode> wrong =
        Map.of(
            "tool is missing", arguments(sample()).without(List.of("tool")),
            "parameters must be an object", arguments(sample()).put("parameters", "{}"),
            "wait_seconds must be", arguments(sample()).put("wait_seconds", 46),
            "kind is no argument", arguments(sample()).put("kind", "wire-transfer"),
            "Idempotency-Key must be", arguments(sample()).put("idempotency_key", ""),
            "reason must be a text", arguments(sample()).put("reason", 5));
    for (Map.Entry<String, ObjectNode> each : wrong.entrySet()) {
      JsonNode result = door.call("request_approval", each.getValue()).result();
      assertTrue(result.path("isError").asBoolean(), result.toString());
      assertTrue(
          result.at("/structuredContent/reason/text").asText().contains(each.getKey()),
          result.toString());
      assertFalse(result.path("structuredContent").has("action_id"), result.toString());
    }
    JsonNode noId = door.call("check_approval", Door.object().put("action_id", "7")).result();
    assertTrue(noId.at("/structuredContent/reason/text").asText().contains("UUID"));
  }

  @Test
  void takingItBackIsAskedForOnceAndAnAnswerStands() throws Exception {
    Samples sample = waiting();
    CompletableFuture<Door.Answer> cancelling =
        door.later(
            "tools/call",
            Door.params("cancel_approval", id(sample).put("reason", "not needed any more")),
            false);
    ActionCancelled cancelled =
        wire.events(ActionCancelled.class, sample.actionId(), Topics.ACTION_CANCELLED, 1)
            .getFirst();
    assertEquals("not needed any more", cancelled.reason());
    wire.publish(sample.decision(Decision.Outcome.CANCELLED));
    JsonNode result = cancelling.get(60, TimeUnit.SECONDS).result();
    assertFalse(result.path("isError").asBoolean(true), result.toString());
    until(sample, "cancelled");

    Samples answered = waiting();
    wire.publish(answered.decision(Decision.Outcome.REJECTED));
    until(answered, "rejected");
    JsonNode late = door.call("cancel_approval", id(answered)).result();
    assertTrue(late.path("isError").asBoolean(), late.toString());
    assertEquals("rejected", late.at("/structuredContent/status").asText());
    assertTrue(late.at("/structuredContent/next").asText().contains("stands"));
  }

  @Test
  void aTaskIsWorkingWhilePeopleAreAskedAndCompletedWithTheirNo() throws Exception {
    Samples sample = waiting();
    JsonNode task =
        door.now("tools/call", Door.params("request_approval", arguments(sample)), true).result();
    assertEquals("task", task.path("resultType").asText());
    assertEquals("working", task.path("status").asText());
    assertTrue(task.path("statusMessage").asText().startsWith("Waiting for 2 of finance, code 7F"));
    assertEquals(5000, task.path("pollIntervalMs").intValue());
    assertTrue(task.path("ttlMs").isNull());
    ObjectNode id = Door.object().put("taskId", task.path("taskId").asText());
    JsonNode polled = door.now("tasks/get", id, true).result();
    assertEquals("complete", polled.path("resultType").asText());
    assertEquals("working", polled.path("status").asText(), "never input_required");
    assertEquals(task.path("createdAt"), polled.path("createdAt"));

    wire.publish(sample.decision(Decision.Outcome.REJECTED));
    until(sample, "rejected");
    JsonNode done = door.now("tasks/get", id, true).result();
    assertEquals("completed", done.path("status").asText(), "a no is a result, not a failure");
    assertTrue(done.path("result").path("isError").asBoolean());
    assertEquals("rejected", done.at("/result/structuredContent/status").asText());
  }

  @Test
  void cancellingATaskTakesTheQuestionBackAndLeavingDoesNot() throws Exception {
    Samples sample = waiting();
    ObjectNode id =
        Door.object()
            .put(
                "taskId",
                door.now("tools/call", Door.params("request_approval", arguments(sample)), true)
                    .result()
                    .path("taskId")
                    .asText());
    Door.Answer left =
        door.post(
            "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":7}}",
            Map.of("MCP-Protocol-Version", Door.NOW));
    assertEquals(202, left.status());
    assertTrue(until(sample, "waiting").at("/structuredContent/cancel_asked_at").isMissingNode());
    assertEquals(
        "complete", door.now("tasks/cancel", id, true).result().path("resultType").asText());
    wire.about(sample.actionId(), Topics.ACTION_CANCELLED, 1);
    wire.publish(sample.decision(Decision.Outcome.CANCELLED));
    until(sample, "cancelled");
    assertEquals("cancelled", door.now("tasks/get", id, true).result().path("status").asText());
  }

  @Test
  void tasksAreForThoseWhoSpeakThemAndUnknownOnesAreErrors() throws Exception {
    ObjectNode strange = Door.object().put("taskId", "none-of-ours");
    for (String method : List.of("tasks/get", "tasks/update", "tasks/cancel")) {
      Door.Answer undeclared = door.now(method, strange.deepCopy(), false);
      assertEquals(400, undeclared.status());
      assertEquals(-32021, undeclared.error());
      assertTrue(
          undeclared.body().at("/error/data/requiredCapabilities/extensions").has(Tasks.EXTENSION));
      assertEquals(-32602, door.now(method, strange.deepCopy(), true).error());
    }
    ObjectNode never = Door.object().put("taskId", UUID.randomUUID() + ".sh8xq0.request_approval");
    assertEquals(-32602, door.now("tasks/get", never, true).error());
    // What check_approval is asked for is there at once.
    Samples sample = waiting();
    JsonNode checked =
        door.now("tools/call", Door.params("check_approval", id(sample)), true).result();
    assertEquals("complete", checked.path("resultType").asText());
  }
}
