package dev.countersign.policy.application;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.ActionProposed;
import dev.countersign.events.Bounds;
import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import dev.countersign.events.Reason;
import dev.countersign.events.Requirement;
import dev.countersign.events.Rule;
import dev.countersign.events.Verdict;
import dev.countersign.policy.domain.PolicyEngine;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What another policy would have said to proposals of the past, beside what the one in force says
/// to them now. Each is judged as of its own time, by its parameters alone: what a target held then
/// is not read again. Nothing is recorded, published or done.
///
/// @param inForce the version of the policy in force
/// @param candidate the version of the other
/// @param changed how many would be answered in another way
/// @param results one for each proposal, in their order
public record Simulation(
    Digest inForce, Digest candidate, int changed, List<Simulation.Result> results) {

  /// One proposal and both answers; the problem alone where it is no proposal.
  public record Result(
      @Nullable ActionId actionId,
      @Nullable String tool,
      boolean changed,
      @Nullable Answer inForce,
      @Nullable Answer candidate,
      @Nullable Reason problem) {}

  /// What a policy says, and why; the requirement where people must say yes.
  ///
  /// @param verdict the word of the verdict, as on the topic
  /// @param rules the ids of those that applied
  public record Answer(
      String verdict,
      List<String> rules,
      @Nullable Requirement requirement,
      @Nullable Reason reason) {}

  /// Judges each of these by both.
  ///
  /// @param now the time of those that have none
  public static Simulation of(
      PolicyEngine inForce, PolicyEngine candidate, Iterable<JsonNode> proposals, Instant now) {
    List<Result> results = new ArrayList<>();
    for (JsonNode each : proposals) {
      results.add(result(inForce, candidate, each, now));
    }
    int changed = Math.toIntExact(results.stream().filter(Result::changed).count());
    return new Simulation(inForce.version(), candidate.version(), changed, results);
  }

  private static Result result(
      PolicyEngine inForce, PolicyEngine candidate, JsonNode json, Instant now) {
    ActionProposed proposal;
    try {
      proposal = ActionProposed.read(EventJson.write(json));
    } catch (Bounds.OutOfBounds e) {
      return new Result(null, null, false, null, null, new Reason(e.code(), e.sentence()));
    }
    Instant at = proposal.at() == null ? now : proposal.at();
    Answer one = answer(inForce.evaluate(proposal, at));
    Answer other = answer(candidate.evaluate(proposal, at));
    return new Result(
        proposal.actionId(), proposal.tool().toString(), !one.equals(other), one, other, null);
  }

  private static Answer answer(Verdict verdict) {
    return switch (verdict) {
      case Verdict.Allowed it -> new Answer("allowed", ids(it.rules()), null, null);
      case Verdict.ApprovalRequired it ->
          new Answer("approval-required", ids(it.rules()), it.requirement(), null);
      case Verdict.Denied it -> new Answer("denied", ids(it.rules()), null, it.reason());
      case Verdict.Refused it -> new Answer("refused", List.of(), null, it.reason());
    };
  }

  private static List<String> ids(List<Rule> rules) {
    return rules.stream().map(Rule::id).toList();
  }
}
