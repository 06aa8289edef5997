package dev.countersign.ticket;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.Assurance;
import dev.countersign.events.Batch;
import dev.countersign.events.Card;
import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import dev.countersign.events.Intent;
import dev.countersign.events.Prompt;
import dev.countersign.events.Reason;
import dev.countersign.events.Requirement;
import dev.countersign.events.Rule;
import dev.countersign.events.Tool;
import dev.countersign.events.TrustTerms;
import dev.countersign.events.Verdict;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What policy says about wire transfers.
public final class Verdicts {

  public static final Agent BOT = new Agent("billing-bot", "acme-agents", "run-91c", null);
  public static final Digest POLICY = Digest.of(new byte[] {1});
  private static final Instant AT = Instant.parse("2026-11-21T09:00:00Z");
  private static final List<Rule> RULES =
      List.of(new Rule("large-transfers", "From 10,000 EUR on, two people of finance agree"));

  private Verdicts() {}

  public static ActionId id() {
    return new ActionId(UUID.randomUUID());
  }

  public static Action action(Agent agent, String amount) {
    return new Action(
        agent,
        new Tool("payments", "wire_transfer"),
        JsonNodeFactory.instance
            .objectNode()
            .put("amount", amount)
            .put("currency", "EUR")
            .put("iban", "DE89370400440532013000"));
  }

  /// Two tickets ask the same question only where this is the same in both.
  private static Action action(Agent agent, String amount, String reference) {
    Action action = action(agent, amount);
    return new Action(
        agent,
        action.tool(),
        action.parameters().<ObjectNode>deepCopy().put("reference", reference));
  }

  public static Verdict.Allowed allowed(ActionId id, String amount) {
    Action action = action(BOT, amount);
    return new Verdict.Allowed(
        id, AT, action, action.digest(id), JsonNodeFactory.instance.objectNode(), RULES, POLICY);
  }

  public static Verdict.Denied denied(ActionId id) {
    Action action = action(BOT, "1.00");
    return new Verdict.Denied(
        id,
        AT,
        action,
        action.digest(id),
        null,
        RULES,
        POLICY,
        new Reason("blocked-country", "Transfers there are not made."));
  }

  public static Verdict.Refused refused(ActionId id) {
    return new Verdict.Refused(id, AT, null, new Reason("too-deep", "Nested too deep."));
  }

  public static Requirement.Quorum seats(int count, String... groups) {
    return new Requirement.Quorum(List.of(groups), count);
  }

  public static Requirement requirement(
      Assurance assurance, Duration deadline, Requirement.Quorum... quorums) {
    return new Requirement(List.of(quorums), assurance, deadline, List.of("mail"), List.of(), null);
  }

  public static Requirement financeWithinTheHour(int count) {
    return requirement(Assurance.CODE, Duration.ofHours(1), seats(count, "finance"));
  }

  /// A credit note that one of finance approves, who may trust the session: five more, 100 in all,
  /// for an hour.
  public static Verdict.ApprovalRequired credit(
      ActionId id, Agent agent, String toolset, String customer, String amount) {
    return credit(id, agent, toolset, customer, amount, Assurance.CODE);
  }

  public static Verdict.ApprovalRequired credit(
      ActionId id,
      Agent agent,
      String toolset,
      String customer,
      String amount,
      Assurance assurance) {
    Action action =
        new Action(
            agent,
            new Tool(toolset, "credit_note"),
            JsonNodeFactory.instance.objectNode().put("customer", customer).put("amount", amount));
    Digest digest = action.digest(id);
    return new Verdict.ApprovalRequired(
        id,
        AT,
        action,
        digest,
        JsonNodeFactory.instance.objectNode().put("amount", amount),
        RULES,
        POLICY,
        new Requirement(
            List.of(seats(1, "finance")),
            assurance,
            Duration.ofHours(1),
            List.of("mail"),
            List.of(),
            EventJson.tree(
                new TrustTerms(
                    5, Duration.ofHours(1), "100", "amount", "facts.amount.isAtMost('50')"))),
        new Prompt(
            "Credit " + customer + " EUR " + amount,
            customer,
            "It can be cancelled until the next statement.",
            List.of(
                new Prompt.Field("Customer", customer, false),
                new Prompt.Field("Amount", amount, true)),
            null,
            List.of(),
            RULES,
            null,
            digest,
            POLICY),
        new Card("A credit note", "payments", null),
        null,
        Digest.of(toolset.getBytes(StandardCharsets.UTF_8)));
  }

  /// The same, proposed as one of a batch.
  public static Verdict.ApprovalRequired in(
      @Nullable Batch batch, @Nullable Boolean alone, Verdict.ApprovalRequired it) {
    return new Verdict.ApprovalRequired(
        it.actionId(),
        it.at(),
        it.action(),
        it.actionDigest(),
        it.facts(),
        it.rules(),
        it.policyVersion(),
        it.requirement(),
        it.prompt(),
        it.card(),
        batch,
        it.toolDigest(),
        alone);
  }

  public static Verdict.ApprovalRequired required(ActionId id, int count) {
    return required(id, BOT, "48200.00", financeWithinTheHour(count));
  }

  public static Verdict.ApprovalRequired required(
      ActionId id, Agent agent, String amount, Requirement requirement) {
    return required(
        id,
        agent,
        amount,
        requirement,
        new Intent("Pay invoice 4711", "due today", "invoice settled", null, 0.9));
  }

  /// The same question under another id, if the reference is the same.
  public static Verdict.ApprovalRequired required(ActionId id, Agent agent, String reference) {
    return required(
        id, action(agent, "1.00", reference), "1.00", "ACME GmbH", financeWithinTheHour(1), null);
  }

  /// The same question under another id, if amount and reference are the same.
  public static Verdict.ApprovalRequired asking(
      ActionId id, Agent agent, String amount, String reference, Requirement requirement) {
    return required(id, action(agent, amount, reference), amount, "ACME GmbH", requirement, null);
  }

  public static Verdict.ApprovalRequired required(
      ActionId id, Agent agent, String amount, Requirement requirement, Intent intent) {
    return required(id, agent, amount, "ACME GmbH", requirement, intent);
  }

  public static Verdict.ApprovalRequired required(
      ActionId id,
      Agent agent,
      String amount,
      String payee,
      Requirement requirement,
      Intent intent) {
    return required(id, action(agent, amount, id.toString()), amount, payee, requirement, intent);
  }

  private static Verdict.ApprovalRequired required(
      ActionId id,
      Action action,
      String amount,
      String payee,
      Requirement requirement,
      @Nullable Intent intent) {
    Digest digest = action.digest(id);
    Prompt prompt =
        new Prompt(
            "Send EUR " + amount,
            payee,
            "The money leaves the house account today and cannot be called back.",
            List.of(
                new Prompt.Field("Payee", payee, false),
                new Prompt.Field("IBAN", "DE89 3704 0044 0532 0130 00", false),
                new Prompt.Field("Amount", "EUR " + amount, true)),
            intent,
            List.of("Irreversible", "New payee"),
            RULES,
            null,
            digest,
            POLICY);
    return new Verdict.ApprovalRequired(
        id,
        AT,
        action,
        digest,
        JsonNodeFactory.instance.objectNode(),
        RULES,
        POLICY,
        requirement,
        prompt,
        new Card("Wire transfer", "payments", null),
        null,
        null);
  }
}
