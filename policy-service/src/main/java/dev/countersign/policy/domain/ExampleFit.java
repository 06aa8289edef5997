package dev.countersign.policy.domain;

import dev.countersign.events.Verdict;
import java.util.Optional;

/// Whether a policy answers an example as its author expects.
final class ExampleFit {

  private ExampleFit() {}

  /// What is wrong with the answer, where something is.
  static Optional<String> failure(PolicyEngine engine, Example example) {
    Verdict verdict = engine.evaluate(example.given(), example.now());
    Then answered;
    Integer votes = null;
    boolean trust = false;
    switch (verdict) {
      case Verdict.Allowed _ -> answered = Then.ALLOW;
      case Verdict.ApprovalRequired required -> {
        answered = Then.REQUIRE_APPROVAL;
        votes = required.requirement().votesNeeded();
        trust = required.requirement().trust() != null;
      }
      case Verdict.Denied denied -> {
        // A no for want of an answer is not the no that the operator meant.
        if (!denied.reason().code().startsWith("denied-by-")
            && !denied.reason().code().equals(PolicyEngine.UNLISTED)) {
          return Optional.of(denied.reason().text());
        }
        answered = Then.DENY;
      }
      case Verdict.Refused refused -> {
        return Optional.of("the proposal is refused, " + refused.reason().text());
      }
    }
    if (answered != example.expected()) {
      return Optional.of(
          "expected " + example.expected().word() + ", the policy says " + answered.word());
    }
    if (example.votes() != null && !example.votes().equals(votes)) {
      return Optional.of("expected " + example.votes() + " votes, the policy asks for " + votes);
    }
    if (example.trust() != null && example.trust() != trust) {
      return Optional.of(
          trust
              ? "expected no trust, the policy lets an approver trust the session"
              : "expected trust, the policy asks about each call");
    }
    return Optional.empty();
  }
}
