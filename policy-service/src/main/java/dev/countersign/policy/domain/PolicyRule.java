package dev.countersign.policy.domain;

import dev.countersign.events.Requirement;
import dev.countersign.events.Rule;
import dev.countersign.events.Tool;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One rule of the policy, which a business reviewer can read.
///
/// @param says its one sentence
/// @param approval what the approval takes; there if, and only if, it says `require-approval`
/// @param grantLife how long a grant can be used that rests on it ({@link
///   dev.countersign.events.GrantLife}); absent where it does not say
/// @param trustsWhen for which actions an approver may trust the session; for all where it is
///   absent
/// @param place where it stands in the file, as a JSON Pointer
public record PolicyRule(
    String id,
    String says,
    List<ToolPattern> tools,
    Expression when,
    Then then,
    @Nullable Requirement approval,
    @Nullable Duration grantLife,
    @Nullable Expression trustsWhen,
    List<Example> examples,
    String place) {

  /// The agent's own words, for a rule that takes them as a warning.
  static final String CLAIMS = "claims";

  public PolicyRule {
    tools = List.copyOf(tools);
    examples = List.copyOf(examples);
    if ((then == Then.REQUIRE_APPROVAL) != (approval != null)) {
      throw new IllegalArgumentException("approval stands with require-approval and only there");
    }
  }

  boolean isFor(Tool tool) {
    return tools.stream().anyMatch(pattern -> pattern.matches(tool));
  }

  /// Whether it is for this tool without naming it, and so perhaps for one that is not listed.
  boolean isForUnlisted(Tool tool) {
    return tools.stream().anyMatch(pattern -> pattern.isWide() && pattern.matches(tool));
  }

  /// Whose words it takes for it to match; empty where it does not. A rule that reads claims is
  /// asked again with them after it was asked as if nothing had been said: so they can make it
  /// match and never keep it from matching.
  Optional<Speaker> matches(EnumMap<Speaker, Map<String, Object>> scopes) throws NotEvaluable {
    for (Map.Entry<Speaker, Map<String, Object>> each : scopes.entrySet()) {
      if (when.holds(each.getValue())) {
        return Optional.of(each.getKey());
      }
      if (!when.reads().contains(CLAIMS)) {
        break;
      }
    }
    return Optional.empty();
  }

  /// Whether its terms of trust are for this action. A condition that can't be evaluated does not
  /// hold: then people are asked each time. The agent's words can keep it from holding and never
  /// make it hold.
  boolean trusts(Map<String, ?> silent, Map<String, ?> spoken) {
    if (trustsWhen == null) {
      return true;
    }
    try {
      return trustsWhen.holds(silent)
          && (!trustsWhen.reads().contains(CLAIMS) || trustsWhen.holds(spoken));
    } catch (NotEvaluable e) {
      return false;
    }
  }

  Rule asRule() {
    return new Rule(id, says);
  }
}
