package dev.countersign.ticket.domain;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.Answer;
import dev.countersign.events.Assertion;
import dev.countersign.events.Assurance;
import dev.countersign.events.Card;
import dev.countersign.events.Digest;
import dev.countersign.events.Prompt;
import dev.countersign.events.Requirement;
import dev.countersign.events.StandingPermission;
import dev.countersign.events.Tool;
import dev.countersign.events.TrustTerms;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A ticket about a wire transfer, and the people around it.
final class Samples {

  static final ActionId ID = ActionId.of("0190a5f0-0000-7000-8000-000000000001");
  static final Instant OPENED = Instant.parse("2026-11-21T09:00:00Z");
  static final Instant DEADLINE = OPENED.plus(Duration.ofHours(1));
  static final Instant BEFORE = DEADLINE.minusNanos(1000);
  static final Digest POLICY = Digest.of(new byte[] {1});

  static final Electorate PEOPLE =
      electorate(
          Map.of(
              "alice", Set.of("finance"),
              "bob", Set.of("finance", "platform"),
              "carol", Set.of("finance"),
              "dave", Set.of("platform")),
          Set.of("carol"));

  private Samples() {}

  static Electorate electorate(Map<String, Set<String>> groups, Set<String> behind) {
    return new Electorate(
        groups.entrySet().stream()
            .map(each -> new Approver(each.getKey(), each.getValue()))
            .sorted((a, b) -> a.id().compareTo(b.id()))
            .toList(),
        behind);
  }

  static Requirement requirement(Assurance assurance, Requirement.Quorum... quorums) {
    return new Requirement(
        Arrays.asList(quorums), assurance, Duration.ofHours(1), List.of("mail"), List.of(), null);
  }

  static Requirement.Quorum seats(int count, String... groups) {
    return new Requirement.Quorum(Arrays.asList(groups), count);
  }

  /// A session that finance may be trusted with: five calls, 1,000 in all, for an hour.
  static final Agent IN_RUN = new Agent("billing-bot", "acme-agents", "run-91c", null);

  static final Tool CREDIT = new Tool("payments", "credit_note");
  static final Digest CREDIT_DIGEST = Digest.of(new byte[] {2});
  static final TrustTerms TERMS =
      new TrustTerms(5, Duration.ofHours(1), "1000", "amount", "facts.amount.isAtMost('500')");
  static final ActionId GIVEN_AT = ActionId.of("0190a5f0-0000-7000-8000-0000000000aa");

  static Question credit(String customer, String amount) {
    Question plain = question(requirement(Assurance.CODE, seats(1, "finance")));
    return new Question(
        new Action(IN_RUN, CREDIT, plain.action().parameters()),
        plain.actionDigest(),
        new Prompt(
            "Credit EUR " + amount,
            customer,
            "It can be cancelled.",
            List.of(
                new Prompt.Field("Customer", customer, false),
                new Prompt.Field("Amount", amount, false)),
            null,
            List.of(),
            List.of(),
            null,
            plain.actionDigest(),
            POLICY),
        plain.promptDigest(),
        plain.card(),
        plain.requirement(),
        plain.openedAt(),
        plain.expiresAt(),
        new TrustOffer(CREDIT_DIGEST, TERMS, new BigDecimal(amount)));
  }

  static StandingPermission permission(String sum, StandingPermission.Same... same) {
    return new StandingPermission(
        IN_RUN,
        CREDIT,
        CREDIT_DIGEST,
        5,
        Duration.ofHours(1),
        sum,
        "amount",
        TERMS.condition(),
        List.of(same));
  }

  /// What Alice permitted when the ticket opened, and nothing of it is used.
  static SessionTrust trust(StandingPermission permission) {
    return new SessionTrust(
        GIVEN_AT,
        permission,
        new Vote("alice", Answer.APPROVE, Assurance.CODE, OPENED, null, null, permission, null),
        Set.of("Customer", "Amount"),
        0,
        BigDecimal.ZERO,
        false,
        true);
  }

  static Question question(Requirement requirement) {
    JsonNode parameters = JsonNodeFactory.instance.objectNode().put("amount", "48200.00");
    Action action =
        new Action(
            new Agent("billing-bot", null, null, "carol@acme.example"),
            new Tool("payments", "wire_transfer"),
            parameters);
    Digest digest = action.digest(ID);
    Prompt prompt =
        new Prompt(
            "Send EUR 48,200.00",
            "ACME GmbH",
            "Money leaves the account.",
            List.of(new Prompt.Field("Amount", "EUR 48,200.00", true)),
            null,
            List.of(),
            List.of(),
            null,
            digest,
            POLICY);
    return new Question(
        action,
        digest,
        prompt,
        prompt.digest(),
        new Card(prompt.title(), prompt.target(), "7F-KQ"),
        requirement,
        OPENED,
        DEADLINE,
        null);
  }

  static Ticket.Pending pending(Requirement requirement, Vote... votes) {
    return new Ticket.Pending(ID, votes.length, question(requirement), List.of(votes));
  }

  static Command.Vote vote(Ticket.Pending pending, String approver, Answer answer, Instant at) {
    return command(
        at,
        approver,
        Assurance.CODE,
        answer,
        pending.version(),
        pending.question().promptDigest(),
        Map.of(0, "EUR 48,200.00"),
        null,
        null,
        PEOPLE,
        Brakes.NONE);
  }

  /// A vote that counts and is for one action alone.
  static Command.Vote command(
      Instant at,
      String approver,
      Assurance assurance,
      Answer answer,
      int version,
      Digest shown,
      Map<Integer, String> typed,
      @Nullable String reason,
      @Nullable Proof proof,
      Electorate electorate,
      Brakes brakes) {
    return new Command.Vote(
        at,
        approver,
        assurance,
        answer,
        version,
        shown,
        typed,
        reason,
        proof,
        proof == null ? null : proof.assertion().credentialId(),
        true,
        electorate,
        brakes,
        null);
  }

  /// The same vote, by a passkey, which counts or does not.
  static Command.Vote signed(Command.Vote vote, boolean proven) {
    return new Command.Vote(
        vote.at(),
        vote.approver(),
        Assurance.PASSKEY,
        vote.answer(),
        vote.version(),
        vote.shown(),
        vote.typed(),
        vote.reason(),
        new Proof(
            "nonce",
            new Assertion(
                "", "", "", "passkey", "", "localhost", URI.create("http://localhost"), 0),
            List.of(),
            false),
        "passkey",
        proven,
        vote.electorate(),
        vote.brakes(),
        vote.trust());
  }
}
