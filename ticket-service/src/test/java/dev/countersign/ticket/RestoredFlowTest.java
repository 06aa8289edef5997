package dev.countersign.ticket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.Decision;
import dev.countersign.events.Digest;
import dev.countersign.events.Execution;
import dev.countersign.events.LateOutcome;
import dev.countersign.events.Oversight;
import dev.countersign.events.Reason;
import dev.countersign.events.Topics;
import dev.countersign.events.Trust;
import dev.countersign.events.Verdict;
import dev.countersign.messaging.Epochs;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Invariant 13: a database that was put back brings no question, no trust and no session back. It
/// is another server's by what the service remembers of it; `PutBackTest` puts back a real copy.
@QuarkusTest
@SuppressWarnings("NullAway.Init") // injected
class RestoredFlowTest extends TicketServiceTest {

  @ConfigProperty(name = "kafka.bootstrap.servers")
  String bootstrapServers;

  @Inject Epochs epochs;

  private final Agent agent =
      new Agent("billing-bot", "acme-agents", "run-" + UUID.randomUUID(), null);

  @AfterEach
  void takeBackWhatIsVoid() {
    System.clearProperty("countersign.not-restored");
    sql("update epoch set voids_before = null, life = life(), settled = true");
  }

  private void putBackOnAnotherServer() {
    sql("update epoch set life = 'another'");
  }

  @Test
  void whatWaitedIsCancelledTrustIsOverAndEverybodySignsInAnew() throws Exception {
    Browser alice = browser();
    ActionId trust = trusted(alice);
    ActionId waits = Verdicts.id();
    open(Verdicts.required(waits, 2));
    // It asks what the first asks, and nobody was told of it: nobody is told of it now.
    ActionId behind = Verdicts.id();
    open(Verdicts.required(behind, agent, "the same"));
    ActionId third = Verdicts.id();
    open(Verdicts.required(third, agent, "the same"));
    // Whether somebody answered it in time, this database does not know.
    ActionId overdue = Verdicts.id();
    open(Verdicts.required(overdue, 2));
    JsonNode invitation = invited();

    try (Connection putBack = transaction()) {
      in(putBack, "update ticket set expires_at = now() where action_id = ?", overdue.value());
      in(putBack, "update epoch set life = 'another'");
      putBack.commit();
    }
    assertThrows(AssertionError.class, () -> sql("update ticket set version = 7"));
    epochs.look();

    for (ActionId each : List.of(waits, behind, third, overdue)) {
      Decision decision = decision(each);
      assertEquals(Decision.Outcome.CANCELLED, decision.outcome());
      assertEquals("restored", Objects.requireNonNull(decision.reason()).code());
      assertTrue(reason(decision).contains("look whether"), reason(decision));
      assertEquals(1, wire.about(each, Topics.TICKET_OPENED, 1).size());
    }
    Trust revoked = wire.events(Trust.class, trust, Topics.TRUST, 2).getLast();
    assertEquals(Trust.Change.REVOKED, revoked.change());
    assertEquals("operator", revoked.by());
    assertTrue(alice.get("/").body().contains("name=\"address\""), "signed out");
    ActionId enrolment = ActionId.of(invitation.path("invitation").textValue());
    Oversight withdrawn = wire.events(Oversight.class, enrolment, Topics.OVERSIGHT, 2).getLast();
    assertEquals(Oversight.Change.PASSKEY_REVOKED, withdrawn.change());
    assertEquals("operator", withdrawn.by());
    String link = URI.create(invitation.path("link").textValue()).getPath();
    assertFalse(browser().get(link).body().contains("Dave Moreau"), "its code is worth nothing");
    assertEquals(
        0,
        sql("update epoch set why = why where voids_before <= since + interval '5 seconds'"),
        "past the clocks of those who judge and sign");
  }

  @Test
  void whatNobodyKnowsAfterARestoreIsForPeopleToFindOut() throws Exception {
    Verdict.ApprovalRequired asked = Verdicts.required(Verdicts.id(), 1);
    Verdict.ApprovalRequired ended = Verdicts.required(Verdicts.id(), 1);
    Verdict.ApprovalRequired other = Verdicts.required(Verdicts.id(), 1);
    for (Verdict each : List.of(asked, ended, other)) {
      open(each);
    }
    putBackOnAnotherServer();
    epochs.look();
    Browser alice = signedIn("alice");

    wire.publishAll(
        List.of(
            execution(ended, Execution.Status.SUCCEEDED, ended.actionDigest()),
            execution(other, Execution.Status.UNKNOWN, asked.actionDigest()),
            execution(asked, Execution.Status.UNKNOWN, asked.actionDigest()),
            new LateOutcome(
                asked.actionId(),
                Instant.now(),
                Execution.Status.SUCCEEDED,
                asked.actionDigest(),
                "201",
                "done",
                null)));

    assertEquals("not-approved", putAside(ended));
    assertEquals("digest-mismatch", putAside(other));
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!alice.get(path(asked)).body().contains("said later")) {
      assertTrue(System.nanoTime() < end, alice.get(path(asked)).body());
    }
    String page = alice.get(path(asked)).body();
    assertTrue(page.contains("Nobody has looked yet"), page);
    assertEquals(
        200,
        alice
            .post(
                path(asked) + "/findings",
                Map.of(
                    "token",
                    Browser.token(alice.get("/").body()),
                    "finding",
                    "no-effect",
                    "words",
                    "It is not there.",
                    "after",
                    "1"))
            .statusCode());
  }

  /// A copy of the files is another database by nothing but what it lacks, and that may be how it
  /// was answered.
  @Test
  void nobodyAnswersWhereWhatWasReadIsLacking() throws Exception {
    Verdict.ApprovalRequired asked = Verdicts.required(Verdicts.id(), 1);
    open(asked);
    Browser alice = signedIn("alice");
    String page = alice.get(path(asked)).body();
    Map<String, String> form = Browser.form(page, "approve");
    form.put(Browser.labelled(page, "Amount"), "EUR 48200.00");
    sql("update read_up_to set next = next - 1 where topic = 'verdict'");
    try {
      HttpResponse<String> lacking = alice.post(path(asked), form);
      assertEquals(503, lacking.statusCode(), lacking.body());
      assertTrue(lacking.body().contains("nothing has changed"), lacking.body());
    } finally {
      sql("update read_up_to set next = next + 1 where topic = 'verdict'");
    }
    HttpResponse<String> again = alice.post(path(asked), form);
    assertEquals(200, again.statusCode(), again.body());
    assertEquals(Decision.Outcome.APPROVED, decision(asked.actionId()).outcome());
  }

  private static Execution execution(
      Verdict.ApprovalRequired verdict, Execution.Status status, Digest digest) {
    Instant at = Instant.now();
    return new Execution(
        verdict.actionId(),
        at,
        status,
        0,
        null,
        at,
        digest,
        null,
        status == Execution.Status.UNKNOWN ? new Reason("restored", "Nobody knows.") : null);
  }

  private String putAside(Verdict verdict) {
    ConsumerRecord<byte[], byte[]> letter =
        wire.about(verdict.actionId(), Topics.DEAD_LETTER, 1).getFirst();
    return new String(letter.headers().lastHeader("dl_reason").value(), StandardCharsets.UTF_8);
  }

  private JsonNode invited() {
    HttpResponse<String> invited =
        browser()
            .postJson(
                "/v1/operator/invitations",
                "{\"person\":\"dave\"}",
                "Authorization",
                "Bearer " + MailServer.OPERATOR_SECRET);
    assertEquals(201, invited.statusCode(), invited.body());
    return json(invited);
  }

  @Test
  void whatWasJudgedBeforeOpensAndApprovesNothing() throws Exception {
    putBackOnAnotherServer();
    epochs.look();

    ActionId asks = Verdicts.id();
    ActionId allowed = Verdicts.id();
    wire.publish(Verdicts.required(asks, 1));
    wire.publish(Verdicts.allowed(allowed, "1.00"));

    for (ActionId each : List.of(asks, allowed)) {
      Decision decision = decision(each);
      assertEquals(Decision.Outcome.CANCELLED, decision.outcome());
      assertEquals(null, decision.grant());
      assertEquals("restored", Objects.requireNonNull(decision.reason()).code());
    }
  }

  @Test
  void everyRestoreBeginsAnEpochAndNothingElseDoes() throws Exception {
    int before = sql("update epoch set why = why");
    epochs.look();
    epochs.look();
    assertEquals(before, sql("update epoch set why = why"));

    putBackOnAnotherServer();
    epochs.look();
    putBackOnAnotherServer();
    epochs.look();
    epochs.look();
    assertEquals(before + 2, sql("update epoch set why = why"));

    ActionId waits = Verdicts.id();
    wire.publish(Verdicts.denied(waits));
    decision(waits);
    awaitKafkaKnowsWhatTheDatabaseKnows();
    sql("update read_up_to set next = 0 where topic = 'verdict'");
    epochs.look();
    assertEquals(before + 3, sql("update epoch set why = why"));
    epochs.look();
    assertEquals(before + 3, sql("update epoch set why = why"), "it is known again");

    // Offsets that were moved by hand, as the operator says just now; a word that stayed is none.
    sql("update read_up_to set next = 0 where topic = 'verdict'");
    System.setProperty("countersign.not-restored", Instant.now().toString());
    epochs.look();
    System.setProperty("countersign.not-restored", Instant.now().minusSeconds(4_000).toString());
    epochs.look();
    assertEquals(before + 3, sql("update epoch set why = why"), "Kafka's were taken");
    sql("update read_up_to set next = 0 where topic = 'verdict'");
    epochs.look();
    assertEquals(before + 4, sql("update epoch set why = why"));

    // Kafka was made anew and begins at zero: that is no restore, and the next one is noticed.
    sql("update epoch set kafka = 'another'");
    sql("update read_up_to set next = next + 1000000");
    epochs.look();
    assertEquals(before + 4, sql("update epoch set why = why"));
    assertEquals(0, sql("update read_up_to set next = next where next > 1000000"));
    sql("update read_up_to set next = 0 where topic = 'verdict'");
    epochs.look();
    assertEquals(before + 5, sql("update epoch set why = why"));
  }

  /// Kafka hears of it a moment after the database.
  private void awaitKafkaKnowsWhatTheDatabaseKnows() throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
      Instant end = Instant.now().plusSeconds(20);
      int same;
      do {
        assertTrue(Instant.now().isBefore(end), "Kafka did not hear of it");
        same = 0;
        for (var each :
            admin
                .listConsumerGroupOffsets("ticket-service")
                .partitionsToOffsetAndMetadata()
                .get()
                .entrySet()) {
          same +=
              sql(
                  "update read_up_to set next = next where topic = ? and partition = ? and next = ?",
                  each.getKey().topic(),
                  each.getKey().partition(),
                  each.getValue().offset());
        }
      } while (same < sql("update read_up_to set next = next"));
    }
  }

  private ActionId trusted(Browser alice) {
    ActionId id = Verdicts.id();
    open(Verdicts.credit(id, agent, "payments", "ACME GmbH", "20.00"));
    String page = alice.signIn(mails, address("alice"), path(id)).body();
    Map<String, String> form = new HashMap<>(Browser.form(page, "approve"));
    form.put(Browser.labelled(page, "Amount"), "20.00");
    form.putAll(
        Map.of(
            "trust",
            "yes",
            "trust-calls",
            "5",
            "trust-minutes",
            "60",
            "trust-sum",
            "100",
            "trust-same",
            "0"));
    assertEquals(200, alice.post(path(id), form).statusCode());
    wire.events(Trust.class, id, Topics.TRUST, 1);
    return id;
  }
}
