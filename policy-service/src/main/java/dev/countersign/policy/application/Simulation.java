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
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// What another policy would have said to proposals of the past, beside what the one in force says
/// to them now. Each is judged as of its `at`, and of now where it has none; what a target held
/// then is not read again. Nothing is recorded, published or done.
///
/// It costs what judging costs, so it has an end: {@link #MOST_RULES} and {@link #LONGEST}.
///
/// @param inForce the version of the policy in force
/// @param candidate the version of the other
/// @param changed how many would be answered in another way
/// @param results one for each proposal, in their order
public record Simulation(
    Digest inForce, Digest candidate, int changed, List<Simulation.Result> results) {

  /// How many rules may be looked at: proposals times those of both policies.
  public static final int MOST_RULES = 200_000;

  /// How long all of it may take.
  public static final Duration LONGEST = Duration.ofSeconds(20);

  private static final Logger LOG = Logger.getLogger(Simulation.class);

  /// It would take more than it may; the message says what to do.
  public static final class TooMuch extends Exception {
    private static final long serialVersionUID = 1L;

    private TooMuch(String sentence) {
      super(sentence);
    }

    /// What to do.
    public String sentence() {
      return String.valueOf(getMessage());
    }
  }

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
  /// @param grantLife how long the grant can be used, where it may run at once and a rule says so;
  ///   else the requirement says it
  public record Answer(
      String verdict,
      List<String> rules,
      @Nullable Requirement requirement,
      @Nullable Duration grantLife,
      @Nullable Reason reason) {}

  /// Judges each of these by both.
  ///
  /// @param now the time of those that have none
  public static Simulation of(
      PolicyEngine inForce, PolicyEngine candidate, JsonNode proposals, Instant now)
      throws TooMuch {
    long rules = Math.max(1, inForce.rules().size() + candidate.rules().size());
    if (proposals.size() * rules > MOST_RULES) {
      throw new TooMuch(
          "these policies can be tried on up to "
              + MOST_RULES / rules
              + " proposals at a time, not "
              + proposals.size());
    }
    long begun = System.nanoTime();
    List<Result> results = new ArrayList<>();
    for (JsonNode each : proposals) {
      if (System.nanoTime() - begun > LONGEST.toNanos()) {
        throw new TooMuch(
            "only "
                + results.size()
                + " of these proposals were judged within "
                + LONGEST.toSeconds()
                + " seconds; send so many at a time");
      }
      results.add(result(inForce, candidate, each, now));
    }
    int changed = Math.toIntExact(results.stream().filter(Result::changed).count());
    return new Simulation(inForce.version(), candidate.version(), changed, results);
  }

  private static Result result(
      PolicyEngine inForce, PolicyEngine candidate, JsonNode json, Instant now) {
    try {
      ActionProposed proposal = ActionProposed.read(EventJson.write(json));
      Instant at = proposal.at() == null ? now : proposal.at();
      Answer one = answer(inForce.evaluate(proposal, at));
      Answer other = answer(candidate.evaluate(proposal, at));
      return new Result(
          proposal.actionId(), proposal.tool().toString(), !one.equals(other), one, other, null);
    } catch (Bounds.OutOfBounds e) {
      return none(new Reason(e.code(), e.sentence()));
    } catch (RuntimeException | StackOverflowError e) {
      // A text that is none, or a catalogue that refers to itself: the others have their answers.
      LOG.debugf(e, "A proposal could not be simulated");
      return none(new Reason("judge-failed", "it could not be judged by both policies"));
    }
  }

  private static Result none(Reason problem) {
    return new Result(null, null, false, null, null, problem);
  }

  private static Answer answer(Verdict verdict) {
    return switch (verdict) {
      case Verdict.Allowed it -> new Answer("allowed", ids(it.rules()), null, it.grantLife(), null);
      case Verdict.ApprovalRequired it ->
          new Answer("approval-required", ids(it.rules()), it.requirement(), null, null);
      case Verdict.Denied it -> new Answer("denied", ids(it.rules()), null, null, it.reason());
      case Verdict.Refused it -> new Answer("refused", List.of(), null, null, it.reason());
    };
  }

  private static List<String> ids(List<Rule> rules) {
    return rules.stream().map(Rule::id).toList();
  }
}
