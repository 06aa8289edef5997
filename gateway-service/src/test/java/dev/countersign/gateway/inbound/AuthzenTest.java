package dev.countersign.gateway.inbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.ActionProposed;
import dev.countersign.events.Assurance;
import dev.countersign.events.Card;
import dev.countersign.events.EventJson;
import dev.countersign.events.Prompt;
import dev.countersign.events.Reason;
import dev.countersign.events.Requirement;
import dev.countersign.events.Topics;
import dev.countersign.events.Verdict;
import dev.countersign.gateway.PolicyOfTheTest;
import dev.countersign.gateway.Samples;
import dev.countersign.gateway.application.Policies;
import dev.countersign.gateway.domain.Caller;
import dev.countersign.testservers.Servers;
import dev.countersign.testservers.Wire;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// AuthZEN's Authorization API 1.0: the shapes of the specification, and a yes for nothing but what
/// the policy allows at once.
@NullMarked
@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = PolicyOfTheTest.class, scope = TestResourceScope.GLOBAL)
class AuthzenTest {

  @TestHTTPResource("/")
  URI base = URI.create("/");

  @SuppressWarnings("NullAway.Init") // injected
  PolicyOfTheTest.Rules rules;

  @SuppressWarnings("NullAway.Init") // injected
  Wire wire;

  private Door door = Door.of(base);

  @BeforeEach
  void policy() {
    door = Door.of(base);
    rules.put("look", Samples::allowed);
    rules.put("ask", AuthzenTest::approvalRequired);
    rules.put(
        "never",
        it ->
            new Verdict.Denied(
                it.actionId(),
                Samples.NOW,
                it.action(),
                it.digest(),
                null,
                List.of(),
                Samples.POLICY,
                new Reason("never", "this is never done; do something else")));
    rules.put(
        "misfit",
        it ->
            new Verdict.Refused(
                it.actionId(), Samples.NOW, null, new Reason("shape", "amount is missing")));
  }

  private static Verdict approvalRequired(Samples it) {
    return new Verdict.ApprovalRequired(
        it.actionId(),
        Samples.NOW,
        it.action(),
        it.digest(),
        JsonNodeFactory.instance.objectNode(),
        List.of(),
        Samples.POLICY,
        new Requirement(
            List.of(new Requirement.Quorum(List.of("finance"), 2)),
            Assurance.CODE,
            Duration.ofHours(1),
            List.of("mail"),
            List.of(),
            null),
        prompt(it),
        new Card("Pay", "payments", "7F-KQ"),
        null,
        null);
  }

  private static Prompt prompt(Samples it) {
    return new Prompt(
        "Pay",
        "payments",
        "money moves",
        List.of(),
        null,
        List.of(),
        List.of(),
        null,
        it.digest(),
        Samples.POLICY);
  }

  private static String evaluation(String tool) {
    return """
    {"subject": {"type": "agent", "id": "billing-bot", "properties": {"session": "run-91c"}},
     "action": {"name": "%s"},
     "resource": {"type": "toolset", "id": "payments", "properties": {"amount": "250.00"}},
     "context": {"time": "2026-11-26T12:00:00Z"}}\
    """
        .formatted(tool);
  }

  private JsonNode asked(String tool) throws Exception {
    Door.Answer answer =
        door.post("/access/v1/evaluation", evaluation(tool), "X-Request-ID", "req-" + tool);
    assertEquals(200, answer.status(), answer::toString);
    assertEquals("req-" + tool, answer.header("x-request-id"));
    return answer.body();
  }

  @Test
  void onlyWhatIsAllowedAtOnceIsAYes() throws Exception {
    assertTrue(asked("look").path("decision").booleanValue());
    for (String each : List.of("ask", "never", "misfit")) {
      JsonNode answer = asked(each);
      assertTrue(answer.path("decision").isBoolean(), answer::toString);
      assertFalse(answer.path("decision").booleanValue(), answer::toString);
    }
    assertEquals("denied", asked("never").at("/context/verdict").textValue());
    assertEquals("never", asked("never").at("/context/reason").textValue());
    assertEquals("refused", asked("misfit").at("/context/verdict").textValue());
  }

  @Test
  void whereTheAnswerIsAskPeopleItSaysHowAndThatIsAProposal() throws Exception {
    JsonNode context = asked("ask").path("context");
    assertEquals("approval_required", context.path("reason").textValue());
    assertEquals("request", context.path("next_action").textValue());
    assertEquals("finance", context.at("/approvals/0/groups/0").textValue());
    JsonNode request = context.path("request");
    Door.Answer proposed =
        door.send(
            request.path("method").textValue(),
            request.path("href").textValue(),
            request.path("body").toString());
    assertEquals(202, proposed.status(), proposed::toString);
    assertEquals(context.path("action_digest").textValue(), proposed.text("/actionDigest"));
    assertEquals("run-91c", proposed.text("/agent/session"));
  }

  @Test
  void askingProposesNothing() throws Exception {
    String id = UUID.randomUUID().toString();
    String body = evaluation("look").replace("\"time\"", "\"actionId\": \"" + id + "\", \"time\"");
    assertEquals(200, door.post("/access/v1/evaluation", body).status());
    assertEquals(404, door.get("/v1/actions/" + id).status());
    door.published(wire, Topics.ACTION_PROPOSED);
    assertTrue(wire.under(id, Topics.ACTION_PROPOSED).isEmpty());
  }

  @Test
  void whatCannotBeJudgedIsNoYes() throws Exception {
    Door.Answer away = door.post("/access/v1/evaluation", evaluation("unheard-of"));
    assertEquals(503, away.status(), away::toString);
    assertEquals("policy-away", away.problem());
    for (String bad :
        List.of(
            "[]",
            "{}",
            evaluation("look").replace("\"agent\"", "\"user\""),
            evaluation("look").replace("\"toolset\"", "\"file\""),
            evaluation("look").replace("{\"name\": \"look\"}", "{}"),
            evaluation("look").replace("{\"amount\": \"250.00\"}", "[]"))) {
      Door.Answer answer = door.post("/access/v1/evaluation", bad);
      assertEquals(400, answer.status(), () -> bad + answer);
    }
  }

  @Test
  void severalAreAskedAboutWithDefaultsAndInTheirOrder() throws Exception {
    String body =
        evaluation("look")
            .replaceFirst(
                "\\{",
                """
                {"evaluations": [{}, {"action": {"name": "never"}}, {"action": {"name": "ask"}},
                  {"resource": {"type": "file", "id": "x"}}, {}],\
                """);
    Door.Answer answer = door.post("/access/v1/evaluations", body);
    assertEquals(200, answer.status(), answer::toString);
    assertEquals("[true,false,false,false,true]", decisions(answer));
    assertEquals("denied", answer.text("/evaluations/1/context/verdict"));

    String untilNo =
        "\"options\": {\"evaluations_semantic\": \"deny_on_first_deny\"}, \"evaluations\"";
    assertEquals(
        "[true,false]",
        decisions(door.post("/access/v1/evaluations", body.replace("\"evaluations\"", untilNo))));
    assertEquals(
        "[true]",
        decisions(
            door.post(
                "/access/v1/evaluations",
                body.replace("\"evaluations\"", untilNo)
                    .replace("deny_on_first_deny", "permit_on_first_permit"))));
    assertEquals(
        400,
        door.post(
                "/access/v1/evaluations",
                body.replace("\"evaluations\"", untilNo).replace("deny_on_first_deny", "guess"))
            .status());
    // Without a list it is one evaluation.
    Door.Answer one = door.post("/access/v1/evaluations", evaluation("look"));
    assertTrue(one.body().path("decision").booleanValue(), one::toString);
  }

  @Test
  void whatASmallBodyStandsForIsBounded() throws Exception {
    String many =
        evaluation("look")
            .replace("250.00", "9".repeat(60_000))
            .replaceFirst("\\{", "{\"evaluations\": [" + "{}, ".repeat(99) + "{}],");
    Door.Answer answer = door.post("/access/v1/evaluations", many);
    assertEquals(413, answer.status(), answer::toString);
    assertEquals("too-large", answer.problem());
    assertTrue(answer.text("/detail").contains("send fewer"), answer::toString);
    assertEquals(
        200,
        door.post("/access/v1/evaluations", many.replace("{}, ".repeat(90), "")).status(),
        "ten of them");
  }

  @Test
  void aFewAreAskedAboutAtATimeAndAllOfThemWithinOneTime() throws Exception {
    List<ActionProposed> asked = new CopyOnWriteArrayList<>();
    Policies hangs =
        it -> {
          asked.add(it);
          return Uni.createFrom().nothing();
        };
    String ten =
        evaluation("look").replaceFirst("\\{", "{\"evaluations\": [" + "{}, ".repeat(9) + "{}],");
    List<ObjectNode> decisions =
        AuthzenEvaluations.read(
                (ObjectNode) EventJson.readTree(ten.getBytes(StandardCharsets.UTF_8)))
            .decisions(hangs, new Caller.Anonymous(""), Duration.ofMillis(200))
            .await()
            .atMost(Duration.ofSeconds(60));
    assertEquals(10, decisions.size());
    for (ObjectNode each : decisions) {
      assertEquals("policy-away", each.at("/context/reason").textValue(), each::toString);
    }
    assertEquals(4, asked.size(), "no time was left for the others");
  }

  private static String decisions(Door.Answer answer) {
    return answer.body().path("evaluations").findValues("decision").toString().replace(" ", "");
  }

  @Test
  void theMetadataNamesTheEndpoints() throws Exception {
    JsonNode metadata = door.get("/.well-known/authzen-configuration").body();
    String pdp = metadata.path("policy_decision_point").textValue();
    assertEquals(
        pdp + "/access/v1/evaluation", metadata.path("access_evaluation_endpoint").textValue());
    assertEquals(
        pdp + "/access/v1/evaluations", metadata.path("access_evaluations_endpoint").textValue());
    assertEquals(404, door.get("/.well-known/oauth-protected-resource").status());
  }
}
