package dev.countersign.audit.application;

import static dev.countersign.audit.application.TestRecords.event;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import dev.countersign.events.ActionProposed;
import dev.countersign.events.Agent;
import dev.countersign.events.Answer;
import dev.countersign.events.Assurance;
import dev.countersign.events.Canonical;
import dev.countersign.events.Card;
import dev.countersign.events.Decision;
import dev.countersign.events.Digest;
import dev.countersign.events.DsseEnvelope;
import dev.countersign.events.Event;
import dev.countersign.events.EventJson;
import dev.countersign.events.Execution;
import dev.countersign.events.Intent;
import dev.countersign.events.Prompt;
import dev.countersign.events.Requirement;
import dev.countersign.events.Rule;
import dev.countersign.events.Statement;
import dev.countersign.events.TicketOpened;
import dev.countersign.events.Tool;
import dev.countersign.events.Verdict;
import dev.countersign.events.VoteRecorded;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/// A wire transfer from its proposal to its execution, approved by one person with a mailed code.
final class TestAction {

  static final Instant AT = Instant.parse("2026-11-26T10:00:00Z");
  private static final Digest POLICY = Digest.of(new byte[] {3});

  final ActionId id = new ActionId(UUID.randomUUID());
  private final String key;
  private final Action action;
  private final Intent intent;
  private final Prompt prompt;

  /// @param key of the ticket service, [TestTicketKeys#KEY]
  /// @param says what the agent says of itself
  TestAction(String key, String says) {
    this.key = key;
    ObjectNode parameters = JsonNodeFactory.instance.objectNode();
    parameters.put("amount", "48200.00").put("currency", "EUR").put("note", says);
    action =
        new Action(
            new Agent("billing-bot", "acme-agents", "run-91c", "treasury@acme.example"),
            new Tool("payments", "wire_transfer"),
            parameters);
    intent = new Intent(says, "due today", "invoice settled", null, 0.9);
    prompt =
        new Prompt(
            "Send EUR 48,200.00",
            "ACME GmbH, DE89 3704 0044 0532 0130 00",
            "The money leaves the house account today and cannot be called back.",
            List.of(new Prompt.Field("Amount", "EUR 48,200.00", true)),
            intent,
            List.of("Irreversible"),
            List.of(new Rule("large-transfers", "From 10,000 EUR on, finance agrees")),
            "Ask the bank to recall it",
            action.digest(id),
            POLICY);
  }

  /// All of its records, in their order.
  List<ConsumerRecord<byte[], byte[]>> records() {
    DsseEnvelope attestation = TestTicketKeys.sign(key, statement());
    return List.of(
        record(
            new ActionProposed(
                id,
                AT,
                action.agent(),
                action.tool(),
                action.parameters(),
                intent,
                null,
                null,
                null)),
        record(verdict()),
        record(
            new TicketOpened(
                id,
                AT.plusSeconds(2),
                new Card("Wire transfer", "ACME GmbH", "K7Q"),
                prompt.digest(),
                requirement(),
                List.of("alice"),
                AT.plusSeconds(3_600),
                null,
                URI.create("http://localhost:8082/tickets/" + id),
                null)),
        record(
            new VoteRecorded(
                id,
                AT.plusSeconds(60),
                "alice@acme.example",
                Answer.APPROVE,
                Assurance.CODE,
                attestation,
                1,
                1)),
        record(
            new Decision(
                id,
                AT.plusSeconds(61),
                Decision.Outcome.APPROVED,
                Decision.Basis.VOTES,
                null,
                action.digest(id),
                action,
                grant(),
                List.of(attestation))),
        record(
            new Execution(
                id,
                AT.plusSeconds(70),
                Execution.Status.SUCCEEDED,
                1,
                AT.plusSeconds(65),
                AT.plusSeconds(70),
                action.digest(id),
                new Execution.Result("201", Digest.of(new byte[] {7}), "transfer accepted"),
                null)));
  }

  private Verdict verdict() {
    return new Verdict.ApprovalRequired(
        id,
        AT.plusSeconds(1),
        action,
        action.digest(id),
        JsonNodeFactory.instance.objectNode().put("amount", 48_200).put("reversible", false),
        List.of(new Rule("large-transfers", "From 10,000 EUR on, finance agrees")),
        POLICY,
        requirement(),
        prompt,
        new Card("Wire transfer", "ACME GmbH", null),
        null,
        null);
  }

  private static Requirement requirement() {
    return new Requirement(
        List.of(new Requirement.Quorum(List.of("finance"), 1)),
        Assurance.CODE,
        Duration.ofHours(1),
        List.of("mail"),
        List.of(),
        null);
  }

  private Statement statement() {
    return Statement.of(
        action.digest(id),
        new Statement.Approval(
            id,
            Answer.APPROVE,
            "alice@acme.example",
            AT.plusSeconds(60),
            Assurance.CODE,
            EventJson.tree(prompt),
            Digest.of(Canonical.bytes(EventJson.tree(prompt))),
            POLICY,
            1,
            Base64.getUrlEncoder().withoutPadding().encodeToString(new byte[32]),
            AT.plusSeconds(3_600),
            null,
            null,
            null));
  }

  private String grant() {
    ObjectNode claims = JsonNodeFactory.instance.objectNode();
    claims.put("iss", "urn:countersign:ticket-service");
    claims.put("aud", "payments").put("sub", "billing-bot").put("jti", id.toString());
    claims.put("nbf", AT.plusSeconds(61).getEpochSecond());
    claims.put("exp", AT.plusSeconds(181).getEpochSecond());
    ObjectNode details = claims.putArray("authorization_details").addObject();
    details.put("type", "urn:countersign:tool-call:v1").put("identifier", id.toString());
    details.putArray("actions").add("payments/wire_transfer");
    details.put("action_digest", action.digest(id).toString());
    details
        .putObject("agent")
        .put("id", "billing-bot")
        .put("platform", "acme-agents")
        .put("onBehalfOf", "treasury@acme.example");
    claims
        .putArray("approvals")
        .addObject()
        .put("approver", "alice@acme.example")
        .put("assurance", "code")
        .put("at", AT.plusSeconds(60).toString());
    return TestTicketKeys.grant(key, claims);
  }

  private static ConsumerRecord<byte[], byte[]> record(Event event) {
    return event(event.topic(), event.actionId(), EventJson.write(event));
  }
}
