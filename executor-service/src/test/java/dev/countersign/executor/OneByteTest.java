package dev.countersign.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.Decision;
import dev.countersign.events.EventJson;
import dev.countersign.events.Tool;
import dev.countersign.events.Topics;
import dev.countersign.executor.application.Incoming;
import dev.countersign.executor.application.VerifyDecision;
import dev.countersign.messaging.Envelope;
import dev.countersign.messaging.Rejected;
import dev.countersign.messaging.Unavailable;
import dev.countersign.testservers.Servers;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The bar of attack 3: one byte changed anywhere in an approved decision, its parameters, its
/// grant or its attestations, and it runs nothing, or nothing else than what was approved.
@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = Outside.class, scope = TestResourceScope.GLOBAL)
@SuppressWarnings("NullAway.Init") // injected
class OneByteTest {

  private static final GrantSigner TICKET_SERVICE = GrantSigner.ticketService();
  // Microseconds: what is signed and what is said have one spelling.
  private static final Instant AT = Instant.parse("2026-11-26T10:00:00.123456Z");
  private static final int SENT = 40;
  // What no longer is a decision at all, whoever wrote it.
  private static final String UNREADABLE = "shape";

  @ConfigProperty(name = "kafka.bootstrap.servers")
  String bootstrapServers;

  @ConfigProperty(name = "test.target")
  String target;

  @Inject VerifyDecision verify;
  @Inject MeterRegistry meters;

  private final long seed = new Random().nextLong();
  private final Random random = new Random(seed);
  private final ActionId actionId = new ActionId(UUID.randomUUID());
  private Wire wire;

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
        new Agent("billing-bot", "acme-agents", "run-1", null),
        new Tool("test", tool),
        JsonNodeFactory.instance
            .objectNode()
            .put("amount", "48200.00")
            .put("service", "checkout")
            .put("version", "4.2"));
  }

  private ObjectNode decision(Action action) {
    Instant now = Instant.now();
    ObjectNode claims = GrantSigner.claims(actionId, action, now, now.plusSeconds(120));
    ArrayNode approvals = (ArrayNode) claims.path("approvals");
    ObjectNode decision = JsonNodeFactory.instance.objectNode();
    decision.put("actionId", actionId.toString());
    decision.put("at", AT.toString());
    decision.put("outcome", "approved");
    decision.put("basis", "votes");
    decision.putObject("reason").put("code", "approved").put("text", "Approved.");
    decision.put("actionDigest", action.digest(actionId).toString());
    decision.set("action", EventJson.tree(action));
    ArrayNode attestations = decision.putArray("attestations");
    for (String each : List.of("alice", "bob")) {
      approvals.addObject().put("approver", each).put("assurance", "code").put("at", AT.toString());
      attestations.add(
          EventJson.tree(VoteSigner.attestation(actionId, action.digest(actionId), each, AT)));
    }
    return decision.put("grant", TICKET_SERVICE.sign(GrantSigner.header(), claims));
  }

  private byte[] changed(byte[] whole, int at) {
    byte[] changed = whole.clone();
    changed[at] ^= (byte) (1 << random.nextInt(8));
    return changed;
  }

  @Test
  void ofEveryByteOfADecisionNoneCanBeAnotherAndSomethingElseRun() throws Exception {
    ObjectNode decision = decision(action("ok"));
    byte[] whole = EventJson.write(decision);
    Decision original = EventJson.read(whole, Decision.class);
    Incoming.Permitted meant = (Incoming.Permitted) taken(whole).orElseThrow();
    int refused = 0;
    for (int at = 0; at < whole.length; at++) {
      byte[] changed = changed(whole, at);
      if (taken(changed).orElse(null) instanceof Incoming.Permitted permitted) {
        String where = "seed " + seed + ", byte " + at + ": " + text(changed);
        assertEquals(meant.grant(), permitted.grant(), where);
        // All that is run is in it; the session, which is said beside it, is not.
        assertEquals(meant.action().digest(actionId), permitted.action().digest(actionId), where);
        assertEquals(meant.actionId(), permitted.actionId(), where);
        Decision said = EventJson.read(changed, Decision.class);
        assertEquals(original.actionId(), said.actionId(), where);
        assertEquals(original.actionDigest(), said.actionDigest(), where);
        assertEquals(original.grant(), said.grant(), where);
        assertEquals(original.attestations(), said.attestations(), where);
      } else {
        refused++;
      }
    }
    // What is left says when it was and why.
    assertTrue(whole.length - refused < 200, whole.length - refused + " changes had no effect");
  }

  /// What the executor makes of a record; empty where it is put aside unread.
  private Optional<Incoming> taken(byte[] value) throws Rejected {
    ConsumerRecord<byte[], byte[]> raw =
        new ConsumerRecord<>(
            Topics.DECISION, 0, 0, actionId.toString().getBytes(StandardCharsets.UTF_8), value);
    Wire.headers(Topics.DECISION, actionId).forEach((name, text) -> raw.headers().add(name, text));
    Envelope envelope = Envelope.read(raw);
    try {
      return Optional.of(verify.decode(envelope));
    } catch (IllegalArgumentException | Unavailable e) {
      // A key that nobody has is fetched again before it is called none, once a second.
      return Optional.empty();
    }
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  @Test
  void whoeverChangesAByteOnTheTopicRaisesAnAlarmAndStopsNothing() throws Exception {
    ObjectNode decision = decision(action("ok"));
    byte[] whole = EventJson.write(decision);
    List<byte[]> copies = new ArrayList<>();
    while (copies.size() < SENT) {
      byte[] changed = changed(whole, random.nextInt(whole.length));
      if (!(taken(changed).orElse(null) instanceof Incoming.Permitted)) {
        copies.add(changed);
      }
    }
    double alarms = alarms();

    copies.forEach(each -> wire.post(Topics.DECISION, actionId, each));
    wire.send(actionId, decision);

    assertEquals("succeeded", wire.execution(actionId).path("status").asText());
    Wire.await("a letter for each", () -> wire.deadLetters(actionId).size() == SENT);
    List<String> forged =
        wire.deadLetters(actionId).stream().filter(it -> !it.equals(UNREADABLE)).toList();
    assertFalse(forged.isEmpty(), "seed " + seed);
    assertTrue(alarms() >= alarms + forged.size(), "seed " + seed + " " + forged);
    JsonNode calls =
        EventJson.readTree(RestAssured.get(target + "/calls?" + actionId).asByteArray());
    assertEquals(1, calls.size(), "seed " + seed);
    assertTrue(calls.get(0).path("body").asText().contains("48200.00"));
  }

  private double alarms() {
    return meters.find("countersign.executor.alarms").counters().stream()
        .mapToDouble(Counter::count)
        .sum();
  }

  @Test
  void whoeverChangesAByteOfGrantOrParametersRedeemsNothing() {
    Action action = action("elsewhere");
    String grant = TICKET_SERVICE.grant(actionId, action);
    byte[] token = grant.getBytes(StandardCharsets.US_ASCII);
    byte[] parameters = EventJson.write(action.parameters());
    for (int i = 0; i < 100; i++) {
      byte[] one = changed(token, random.nextInt(token.length));
      assertNotEquals(200, redeem(quoted(one), parameters), "seed " + seed + " grant " + text(one));
    }
    for (int at = 0; at < parameters.length; at++) {
      byte[] one = changed(parameters, at);
      assertNotEquals(200, redeem(quoted(token), one), "seed " + seed + " " + text(one));
    }
    assertEquals(200, redeem(quoted(token), parameters));
  }

  private static byte[] quoted(byte[] token) {
    return ("\"" + text(token) + "\"").getBytes(StandardCharsets.ISO_8859_1);
  }

  private static int redeem(byte[] grant, byte[] parameters) {
    byte[] body =
        ("{\"grant\":" + text(grant) + ",\"parameters\":" + text(parameters) + "}")
            .getBytes(StandardCharsets.ISO_8859_1);
    return RestAssured.given()
        .contentType("application/json")
        .body(body)
        .post("/v1/grants/redeem")
        .statusCode();
  }
}
