package dev.countersign.policy.domain;

import dev.countersign.events.Tool;
import dev.countersign.events.Verdict;
import java.util.Optional;

/// Whether a policy answers an example as its author expects.
final class ExampleFit {

  private ExampleFit() {}

  /// What is wrong with the example or its answer, where something is.
  static Optional<Misfit> misfit(PolicyEngine engine, PolicyRule rule, Example example) {
    Tool tool = example.given().tool();
    if (!rule.isFor(tool)) {
      return Optional.of(
          new Misfit(
              example.place() + "/given/tool",
              "the rule " + rule.id() + " is not for " + tool + "; correct the one or the other"));
    }
    return failure(engine, rule, example)
        .map(wrong ->
            new Misfit(
                example.place(),
                "an example of the rule " + rule.id() + " does not hold: " + wrong));
  }

  private static Optional<String> failure(PolicyEngine engine, PolicyRule rule, Example example) {
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
            && !(denied.reason().code().equals(PolicyEngine.UNLISTED)
                && rule.isForUnlisted(example.given().tool()))) {
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
