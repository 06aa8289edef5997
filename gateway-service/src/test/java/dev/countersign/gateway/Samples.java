package dev.countersign.gateway;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import dev.countersign.events.ActionProposed;
import dev.countersign.events.Assurance;
import dev.countersign.events.Bounds;
import dev.countersign.events.Card;
import dev.countersign.events.Decision;
import dev.countersign.events.Digest;
import dev.countersign.events.Execution;
import dev.countersign.events.Expired;
import dev.countersign.events.Notification;
import dev.countersign.events.Oversight;
import dev.countersign.events.Reason;
import dev.countersign.events.Requirement;
import dev.countersign.events.TicketOpened;
import dev.countersign.events.TicketSeen;
import dev.countersign.events.Verdict;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/// One action and what the others say about it.
@NullMarked
public record Samples(ActionId actionId, ActionProposed proposal) {

  public static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
  public static final Digest POLICY = Digest.of(new byte[] {1});

  public static Samples fresh() {
    return of(new ActionId(UUID.randomUUID()), "250.00");
  }

  public static Samples of(ActionId id, String amount) {
    try {
      return new Samples(
          id, ActionProposed.read(json(id, amount).getBytes(StandardCharsets.UTF_8)));
    } catch (Bounds.OutOfBounds e) {
      throw new AssertionError(e);
    }
  }

  public static String json(@Nullable ActionId id, String amount) {
    return """
    {%s"agent": {"id": "billing-bot", "session": "run-91c"},
     "tool": {"toolset": "payments", "name": "wire_transfer"},
     "parameters": {"amount": "%s", "currency": "EUR"}}\
    """
        .formatted(id == null ? "" : "\"actionId\": \"" + id + "\", ", amount);
  }

  public String json() {
    return json(actionId, proposal.parameters().path("amount").textValue());
  }

  public Digest digest() {
    return proposal.digest();
  }

  public Action action() {
    return proposal.action();
  }

  public Verdict allowed() {
    return new Verdict.Allowed(
        actionId,
        NOW,
        action(),
        digest(),
        JsonNodeFactory.instance.objectNode(),
        List.of(),
        POLICY);
  }

  public TicketOpened ticketOpened() {
    return new TicketOpened(
        actionId,
        NOW,
        new Card("Wire transfer", "payments", "7F-KQ"),
        POLICY,
        new Requirement(
            List.of(new Requirement.Quorum(List.of("finance"), 2)),
            Assurance.CODE,
            Duration.ofHours(1),
            List.of("mail"),
            List.of(),
            null),
        List.of("alice", "bob"),
        NOW.plusSeconds(3600),
        null,
        URI.create("http://localhost:8082/tickets/" + actionId),
        null);
  }

  public TicketSeen ticketSeen() {
    return new TicketSeen(actionId, NOW.plusSeconds(5), "alice");
  }

  public Notification notification(String recipient, Notification.Status status) {
    return notification(recipient, "ask", status);
  }

  public Notification notification(String recipient, String step, Notification.Status status) {
    return new Notification(actionId, NOW, recipient, "mail", step, status, null, null);
  }

  public Decision decision(Decision.Outcome outcome) {
    boolean approved = outcome == Decision.Outcome.APPROVED;
    return new Decision(
        actionId,
        NOW.plusSeconds(10),
        outcome,
        Decision.Basis.VOTES,
        approved ? null : new Reason("not-today", "not today, ask tomorrow"),
        digest(),
        approved ? action() : null,
        approved ? "a.signed.grant" : null,
        List.of());
  }

  public Expired expired() {
    return new Expired(actionId, NOW.plusSeconds(3600), new Reason("deadline", "nobody answered"));
  }

  public Execution execution(Execution.Status status) {
    boolean done = status == Execution.Status.SUCCEEDED;
    return new Execution(
        actionId,
        NOW.plusSeconds(11),
        status,
        1,
        NOW.plusSeconds(10),
        NOW.plusSeconds(11),
        digest(),
        done ? new Execution.Result("200", null, null) : null,
        done ? null : new Reason("target", "the target said 500"));
  }

  /// The finding of this number; by the clock of the machine that says it, the one before is ten
  /// minutes later.
  public Oversight found(Oversight.Finding finding, int number) {
    return Oversight.ofFinding(
        actionId,
        NOW.plusSeconds(6000 - 600L * number),
        "erin",
        action().agent(),
        new Oversight.Reconciled(finding, number > 1, number),
        "The bank's list of the day shows it.");
  }

  /// What a person found before findings were numbered, a correction ten minutes after the first.
  public Oversight found(Oversight.Finding finding, boolean correction) {
    return Oversight.ofFinding(
        actionId,
        NOW.plusSeconds(correction ? 1200 : 600),
        "erin",
        action().agent(),
        new Oversight.Reconciled(finding, correction, null),
        "The bank's list of the day shows it.");
  }
}
