package dev.countersign.policy.inbound;

import static dev.countersign.policy.domain.Proposals.proposal;
import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import dev.countersign.events.Topics;
import dev.countersign.events.Verdict;
import dev.countersign.policy.application.PolicyInForce;
import dev.countersign.policy.domain.PolicyEngine;
import dev.countersign.testservers.Announced;
import dev.countersign.testservers.Servers;
import dev.countersign.testservers.Wire;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The whole service with a real broker and a real database.
@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = PolicyFolder.class, scope = TestResourceScope.GLOBAL)
class PolicyServiceTest {

  private static final String PAYMENT =
      """
      {"recipient": {"name": "ACME GmbH", "iban": "DE89370400440532013000"},
       "amount": "48200.00", "currency": "EUR"}\
      """;

  @ConfigProperty(name = PolicyFolder.PROPERTY)
  Path folder;

  @Inject PolicyInForce policy;

  @TestHTTPResource
  @SuppressWarnings("NullAway.Init") // injected
  URI base;

  @SuppressWarnings("NullAway.Init") // injected
  Wire wire;

  @AfterEach
  void theShippedPolicyAgain() {
    PolicyFolder.restore(folder);
  }

  private void publish(@Nullable String key, byte[] data) {
    ProducerRecord<byte[], byte[]> record = ProposalRecords.binary(key, data);
    ProposalRecords.header(record, "traceparent", Wire.TRACE);
    wire.send(record);
  }

  private List<Verdict> verdicts(String id) {
    return wire.under(id, Topics.VERDICT).stream()
        .map(each -> EventJson.read(each.value(), Verdict.class))
        .toList();
  }

  private List<ConsumerRecord<byte[], byte[]>> letters(String key) {
    return wire.under(key, Topics.DEAD_LETTER);
  }

  /// Everything that was published before is handled when this one is answered: one partition has
  /// one order, so the marks go to the same key's partition.
  private void settle(String key) {
    String mark = UUID.randomUUID().toString();
    publish(key, proposal("demo/noop").id(mark).bytes());
    wire.await("the mark is answered", () -> !verdicts(mark).isEmpty());
  }

  private static String id() {
    return UUID.randomUUID().toString();
  }

  @Test
  void aProposalGetsItsVerdictOnKafkaInItsTrace() {
    String id = id();
    publish(id, proposal("payments/wire_transfer").id(id).parameters(PAYMENT).bytes());
    wire.await("verdict", () -> !verdicts(id).isEmpty());
    var required = assertInstanceOf(Verdict.ApprovalRequired.class, verdicts(id).getFirst());
    assertEquals(2, required.requirement().votesNeeded());
    ConsumerRecord<byte[], byte[]> raw = wire.under(id, Topics.VERDICT).getFirst();
    assertEquals(id, Wire.header(raw, "ce_subject"));
    assertEquals(Wire.TRACE, Wire.header(raw, "traceparent"));
    assertEquals(Topics.type(Topics.VERDICT), Wire.header(raw, "ce_type"));
  }

  @Test
  void aStructuredProposalGetsItsVerdictToo() {
    String id = id();
    String data = new String(proposal("demo/noop").id(id).bytes(), StandardCharsets.UTF_8);
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            Topics.ACTION_PROPOSED,
            null,
            ("{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"urn:test\",\"type\":\""
                    + Topics.type(Topics.ACTION_PROPOSED)
                    + "\",\"data\":"
                    + data
                    + "}")
                .getBytes(StandardCharsets.UTF_8));
    ProposalRecords.header(record, "content-type", "application/cloudevents+json; charset=utf-8");
    wire.send(record);
    wire.await("verdict", () -> !verdicts(id).isEmpty());
    assertInstanceOf(Verdict.Allowed.class, verdicts(id).getFirst());
  }

  @Test
  void theSameAgainIsAnsweredOnceAndIsNoError() {
    String id = id();
    for (int i = 0; i < 5; i++) {
      publish(
          id,
          proposal("demo/noop").id(id).intent("{\"summary\": \"try %d\"}".formatted(i)).bytes());
    }
    settle(id);
    publish(id, proposal("demo/noop").id(id).bytes());
    settle(id);
    assertEquals(1, verdicts(id).size());
    assertTrue(letters(id).isEmpty());
  }

  @Test
  void anotherProposalUnderTheSameIdIsAConflictAndTheFirstStands() {
    String id = id();
    byte[] second = proposal("demo/noop").id(id).parameters("{\"n\": 2}").bytes();
    publish(id, proposal("demo/noop").id(id).parameters("{\"n\": 1}").bytes());
    publish(id, second);
    settle(id);
    publish(id, proposal("demo/noop").id(id).parameters("{\"n\": 3}").bytes());
    publish(id, "{\"actionId\": \"%s\"}".formatted(id).getBytes(StandardCharsets.UTF_8));
    wire.await("three letters", () -> letters(id).size() == 3);
    assertEquals(1, verdicts(id).size());
    var allowed = assertInstanceOf(Verdict.Allowed.class, verdicts(id).getFirst());
    assertEquals(1, allowed.action().parameters().path("n").asInt());
    for (ConsumerRecord<byte[], byte[]> letter : letters(id)) {
      assertEquals("conflict", Wire.header(letter, "dl_reason"));
    }
    assertArrayEquals(second, letters(id).getFirst().value());
  }

  @Test
  void whatIsNoProposalIsRefusedAndDeadLettered() {
    String known = "{\"actionId\": \"%s\", \"x\": ";
    Map<String, String> bad =
        Map.of(
            "shape", known + "1}",
            "not-json", known + "oops",
            "too-deep", known + "[".repeat(20_000),
            "too-large", known + "\"" + "x".repeat(70_000) + "\"}",
            "duplicate-key", known + "1, \"x\": 2}",
            "number", known + "9007199254740993}",
            "surrogate", known + "\"\\ud800\"}");
    for (Map.Entry<String, String> each : bad.entrySet()) {
      String id = id();
      byte[] data = each.getValue().formatted(id).getBytes(StandardCharsets.UTF_8);
      publish(id, data);
      wire.await(each.getKey() + " verdict", () -> !verdicts(id).isEmpty());
      wire.await(each.getKey() + " letter", () -> !letters(id).isEmpty());
      var refused = assertInstanceOf(Verdict.Refused.class, verdicts(id).getFirst());
      assertEquals(each.getKey(), refused.reason().code());
      assertEquals(each.getKey(), Wire.header(letters(id).getFirst(), "dl_reason"));
      assertArrayEquals(data, letters(id).getFirst().value());
    }
  }

  @Test
  void bytesThatAreNotUtf8AreRefusedByTheirKey() {
    String id = id();
    publish(id, new byte[] {'{', (byte) 0xff, (byte) 0xfe, '}'});
    wire.await("verdict", () -> !verdicts(id).isEmpty());
    wire.await("letter", () -> !letters(id).isEmpty());
    assertEquals(
        "not-utf8",
        assertInstanceOf(Verdict.Refused.class, verdicts(id).getFirst()).reason().code());
    assertEquals("not-utf8", Wire.header(letters(id).getFirst(), "dl_reason"));
  }

  @Test
  void whatIsNoCloudEventIsRefusedWhereItNamesAnAction() {
    String id = id();
    wire.send(ProposalRecords.bare(id, proposal("demo/noop").id(id).bytes()));
    wire.await("verdict", () -> !verdicts(id).isEmpty());
    wire.await("letter", () -> !letters(id).isEmpty());
    assertEquals(
        "envelope",
        assertInstanceOf(Verdict.Refused.class, verdicts(id).getFirst()).reason().code());
  }

  @Test
  void whatNamesNoActionIsDeadLetteredAlone() {
    String key = "nobody-" + id();
    publish(key, "garbage".getBytes(StandardCharsets.UTF_8));
    wire.await("letter", () -> !letters(key).isEmpty());
    assertEquals("not-json", Wire.header(letters(key).getFirst(), "dl_reason"));
  }

  @Test
  void whatIsFarTooLargeIsRefusedByItsFirstBytes() {
    String id = id();
    byte[] data =
        ("{\"actionId\": \"" + id + "\", \"x\": \"" + "x".repeat(900_000) + "\"}")
            .getBytes(StandardCharsets.UTF_8);
    publish(id, data);
    wire.await("verdict", () -> !verdicts(id).isEmpty());
    assertEquals(
        "too-large",
        assertInstanceOf(Verdict.Refused.class, verdicts(id).getFirst()).reason().code());
  }

  @Test
  void aMalformedRecordThatComesAgainIsNoConflict() {
    String id = id();
    byte[] data = "{\"actionId\": \"%s\"}".formatted(id).getBytes(StandardCharsets.UTF_8);
    publish(id, data);
    publish(id, data);
    settle(id);
    publish(id, data);
    settle(id);
    wire.await("letter", () -> !letters(id).isEmpty());
    assertEquals(1, verdicts(id).size());
    assertEquals(1, letters(id).size());
  }

  @Test
  void aChangedPolicyComesIntoForceWithoutARestart() {
    PolicyEngine before = policy.find().orElseThrow();
    edit("policy.yaml", "isAbove('100')", "isAbove('200')");
    waitFor(() -> policy.problem().isPresent());
    // The example of 100.01 euros no longer holds.
    assertTrue(policy.problem().orElseThrow().startsWith("policy.yaml:"));
    assertEquals(before.version(), policy.find().orElseThrow().version());

    PolicyFolder.restore(folder);
    edit("policy.yaml", "The tool that does nothing may do it.", "Doing nothing is free.");
    waitFor(() -> !before.version().equals(policy.find().orElseThrow().version()));
    assertTrue(policy.problem().isEmpty());
    String id = id();
    publish(id, proposal("demo/noop").id(id).bytes());
    wire.await("verdict", () -> !verdicts(id).isEmpty());
    var allowed = assertInstanceOf(Verdict.Allowed.class, verdicts(id).getFirst());
    assertEquals("Doing nothing is free.", allowed.rules().getFirst().says());
    assertNotEquals(before.version(), allowed.policyVersion());

    PolicyFolder.restore(folder);
    waitFor(() -> before.version().equals(policy.find().orElseThrow().version()));
  }

  @Test
  void nothingHidesOnTheReviewersPage() {
    PolicyEngine before = policy.find().orElseThrow();
    edit("policy.yaml", "need two people of finance", "need\u202E two\u200B people of finance");
    waitFor(() -> !before.version().equals(policy.find().orElseThrow().version()));
    given().get("/policy").then().body(containsString("needU+202E twoU+200B people of finance"));

    PolicyFolder.restore(folder);
    waitFor(() -> before.version().equals(policy.find().orElseThrow().version()));
  }

  @Test
  void aBadFileKeepsTheLastGoodInForceAndIsShown() {
    PolicyEngine before = policy.find().orElseThrow();
    edit("tools.yaml", "mode: require-approval", "mode: whatever");
    waitFor(() -> policy.problem().isPresent());
    String problem = policy.problem().orElseThrow();
    assertTrue(problem.matches("tools\\.yaml:\\d+: /toolsets/database/mode: .*"), problem);
    assertEquals(before.version(), policy.find().orElseThrow().version());
    given().get("/policy").then().statusCode(200).body(containsString("tools.yaml:"));
    given().get("/q/health/ready").then().statusCode(200);

    PolicyFolder.restore(folder);
    waitFor(() -> policy.problem().isEmpty());
    given().get("/policy").then().statusCode(200).body(not(containsString("tools.yaml:")));
  }

  private void edit(String name, String from, String to) {
    try {
      Path file = folder.resolve(name);
      String text = Files.readString(file);
      assertTrue(text.contains(from));
      PolicyFolder.write(file, text.replace(from, to));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void waitFor(BooleanSupplier holds) {
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!holds.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "did not happen in time");
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }
  }

  @Test
  void theCatalogueSaysWhatEachToolIsNow() {
    String id = id();
    publish(id, proposal("demo/noop").id(id).bytes());
    wire.await("verdict", () -> !verdicts(id).isEmpty());
    var allowed = assertInstanceOf(Verdict.Allowed.class, verdicts(id).getFirst());
    String digest = String.valueOf(allowed.toolDigest());
    given()
        .get("/v1/catalogue")
        .then()
        .statusCode(200)
        .body("policyVersion", equalTo(allowed.policyVersion().value()))
        .body("tools.'demo/noop'", equalTo(digest));

    PolicyEngine before = policy.find().orElseThrow();
    edit("tools.yaml", "kind: do nothing", "kind: do next to nothing");
    waitFor(() -> !before.version().equals(policy.find().orElseThrow().version()));
    given().get("/v1/catalogue").then().body("tools.'demo/noop'", not(equalTo(digest)));

    PolicyFolder.restore(folder);
    waitFor(() -> before.version().equals(policy.find().orElseThrow().version()));
  }

  @Test
  void evaluateTellsTheVerdictAndDoesNothing() {
    String id = id();
    given()
        .contentType("application/json")
        .body(proposal("payments/wire_transfer").id(id).parameters(PAYMENT).bytes())
        .post("/v1/evaluate")
        .then()
        .statusCode(200)
        .body("verdict", equalTo("approval-required"))
        .body("actionId", equalTo(id))
        .body("requirement.quorums[0].count", equalTo(2))
        .body("prompt.title", equalTo("Send EUR 48200.00"));
    settle(id);
    assertTrue(verdicts(id).isEmpty());
  }

  @Test
  void simulateTellsWhatAnotherPolicyWouldHaveSaidAndPutsNothingIntoForce() throws IOException {
    String shipped = Files.readString(folder.resolve("policy.yaml"));
    Digest before = policy.find().orElseThrow().version();
    String id = id();
    String body =
        simulation(
            shipped
                .replace("isAtLeast('10000')", "isAtLeast('50000')")
                .replace("10000.00", "50000.00")
                .replace("48200.00", "58200.00"),
            proposal("payments/wire_transfer").id(id).parameters(PAYMENT).bytes(),
            proposal("demo/noop").bytes(),
            "{\"actionId\": \"x\"}".getBytes(StandardCharsets.UTF_8),
            "{\"actionId\": \"\\ud800\"}".getBytes(StandardCharsets.UTF_8));
    given()
        .contentType("application/json")
        .body(body)
        .post("/v1/simulate")
        .then()
        .statusCode(200)
        .body("inForce", equalTo(before.value()))
        .body("candidate", not(equalTo(before.value())))
        .body("changed", equalTo(1))
        .body("results[0].actionId", equalTo(id))
        .body("results[0].tool", equalTo("payments/wire_transfer"))
        .body("results[0].changed", equalTo(true))
        .body("results[0].inForce.requirement.quorums[0].count", equalTo(2))
        .body("results[0].candidate.requirement.quorums[0].count", equalTo(1))
        .body("results[1].changed", equalTo(false))
        .body("results[1].candidate.verdict", equalTo("allowed"))
        .body("results[2].problem.text", containsString("actionId"))
        .body("results.size()", equalTo(4));
    assertEquals(before, policy.find().orElseThrow().version());
    settle(id);
    assertTrue(verdicts(id).isEmpty());
  }

  @Test
  void simulateTellsWhoseGrantWouldLiveForAnotherTime() throws IOException {
    String shipped = Files.readString(folder.resolve("policy.yaml"));
    given()
        .contentType("application/json")
        .body(
            simulation(
                shipped.replaceFirst("then: allow\n", "then: allow\n    grantLife: PT10M\n"),
                proposal("payments/wire_transfer")
                    .parameters(PAYMENT.replace("48200.00", "48.20"))
                    .bytes()))
        .post("/v1/simulate")
        .then()
        .statusCode(200)
        .body("changed", equalTo(1))
        .body("results[0].inForce.grantLife", nullValue())
        .body("results[0].candidate.grantLife", equalTo("PT10M"));
  }

  @Test
  void simulateRefusesWhatWouldBeRefused() throws IOException {
    String shipped = Files.readString(folder.resolve("policy.yaml"));
    given()
        .contentType("application/json")
        .body(simulation(shipped.replace("isAtLeast('10000')", "isAtLeast('50000')")))
        .post("/v1/simulate")
        .then()
        .statusCode(422)
        .contentType("application/problem+json")
        .body("type", equalTo("urn:countersign:problem:policy-refused"))
        .body("detail", matchesPattern("policy\\.yaml:[0-9]+: .*payment-large does not hold.*"));
    for (String none :
        List.of("[]", "{\"policy\": \"rules: []\"}", "{", "{\"policy\": 1, \"proposals\": []}")) {
      given()
          .contentType("application/json")
          .body(none)
          .post("/v1/simulate")
          .then()
          .statusCode(400)
          .body("type", equalTo("urn:countersign:problem:shape"));
    }
  }

  @Test
  void simulateTakesNoMoreAtATimeThanItCanJudge() throws IOException {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("policy", Files.readString(folder.resolve("policy.yaml")));
    for (int each = 0; each < 20_000; each++) {
      body.withArray("proposals").add(0);
    }
    given()
        .contentType("application/json")
        .body(body.toString())
        .post("/v1/simulate")
        .then()
        .statusCode(413)
        .body("type", equalTo("urn:countersign:problem:too-much"))
        .body("detail", containsString("proposals at a time, not 20000"));
  }

  @Test
  void whatAnnouncesMoreThanItsPathTakesIsRefusedUnread() throws Exception {
    for (var most : Map.of("/v1/evaluate", 64 * 1024, "/v1/simulate", 1024 * 1024).entrySet()) {
      HttpResponse<String> answer =
          Announced.post(base.resolve(most.getKey()), "application/json", most.getValue() + 1);
      assertEquals(413, answer.statusCode(), most.getKey());
      JsonNode problem = EventJson.readTree(answer.body().getBytes(StandardCharsets.UTF_8));
      assertEquals("urn:countersign:problem:too-large", problem.path("type").asText());
      assertTrue(problem.path("detail").asText().contains("t most " + most.getValue()));
    }
  }

  @Test
  void simulateTriesNoPolicyThatWouldFillTheMemory() {
    StringBuilder rules = new StringBuilder("rules:\n");
    StringBuilder tools = new StringBuilder("toolsets:\n  t:\n    mode: auto\n    tools:\n");
    for (int i = 0; i < 13_000; i++) {
      rules.append("- {id: r%d, says: R, then: deny}\n".formatted(i));
      tools.append("      x%d: {kind: x, parameters: {}}\n".formatted(i));
    }
    given()
        .contentType("application/json")
        .body(
            JsonNodeFactory.instance
                .objectNode()
                .put("policy", rules.toString())
                .put("tools", tools.toString())
                .set("proposals", JsonNodeFactory.instance.arrayNode())
                .toString())
        .post("/v1/simulate")
        .then()
        .statusCode(422)
        .body("detail", startsWith("tools.yaml:"))
        .body("detail", containsString("5,000"));
  }

  private static String simulation(String policy, byte[]... proposals) {
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("policy", policy);
    for (byte[] each : proposals) {
      body.withArray("proposals").add(EventJson.readTree(each));
    }
    body.withArray("proposals");
    return body.toString();
  }

  @Test
  void evaluateAnswersBadInputWithAProblem() throws Exception {
    given()
        .contentType("application/json")
        .body("{\"actionId\": \"x\"}")
        .post("/v1/evaluate")
        .then()
        .statusCode(400)
        .contentType("application/problem+json")
        .body("type", equalTo("urn:countersign:problem:shape"))
        .body("status", equalTo(400))
        .body("detail", containsString("actionId"));
    HttpResponse<String> large =
        Announced.postUnannounced(
            base.resolve("/v1/evaluate"),
            "application/json",
            ("{\"x\": \"" + "x".repeat(100_000) + "\"}").getBytes(StandardCharsets.UTF_8));
    assertEquals(413, large.statusCode());
    assertEquals(
        "urn:countersign:problem:too-large",
        EventJson.readTree(large.body().getBytes(StandardCharsets.UTF_8)).path("type").asText());
  }

  @Test
  void theReviewersPageSaysWhoMustApproveAndLoadsNothingForeign() {
    given()
        .get("/policy")
        .then()
        .statusCode(200)
        .contentType(containsString("text/html"))
        .header("Content-Security-Policy", containsString("default-src 'none'; style-src 'self'"))
        .header("Cache-Control", "no-store")
        .header("Cross-Origin-Opener-Policy", "same-origin")
        .header("Cross-Origin-Resource-Policy", "same-origin")
        .body(
            containsString(
                "Payments from 10,000 EUR on need two people of finance, with their passkeys."))
        .body(containsString("2 people of platform, and 1 person of finance"))
        .body(containsString("1 hour"))
        .body(containsString("within 5 minutes of the answer"))
        .body(containsString(policy.find().orElseThrow().version().value()))
        .body(not(containsString("http://")))
        .body(not(containsString("<script")))
        .body(not(containsString("style=")));
    given().get("/policy.css").then().statusCode(200).contentType(containsString("text/css"));
  }

  @Test
  void readinessNamesThePolicy() {
    given()
        .get("/q/health/ready")
        .then()
        .statusCode(200)
        .body(containsString(policy.find().orElseThrow().version().value()));
  }
}
