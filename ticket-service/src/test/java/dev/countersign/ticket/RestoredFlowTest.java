package dev.countersign.ticket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.Decision;
import dev.countersign.events.Topics;
import dev.countersign.events.Trust;
import dev.countersign.messaging.Epochs;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
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

    putBackOnAnotherServer();
    assertThrows(AssertionError.class, () -> sql("update ticket set version = 7"));
    epochs.look();

    for (ActionId each : List.of(waits, behind, third)) {
      Decision decision = decision(each);
      assertEquals(Decision.Outcome.CANCELLED, decision.outcome());
      assertEquals("restored", Objects.requireNonNull(decision.reason()).code());
      assertTrue(reason(decision).contains("anew"), reason(decision));
      assertEquals(1, wire.about(each, Topics.TICKET_OPENED, 1).size());
    }
    Trust revoked = wire.events(Trust.class, trust, Topics.TRUST, 2).getLast();
    assertEquals(Trust.Change.REVOKED, revoked.change());
    assertEquals("operator", revoked.by());
    assertTrue(alice.get("/").body().contains("name=\"address\""), "signed out");
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
