package dev.countersign.policy.inbound;

import dev.countersign.events.Assurance;
import dev.countersign.events.Requirement;
import dev.countersign.events.Requirement.Escalation;
import dev.countersign.events.Requirement.Quorum;
import dev.countersign.events.Shown;
import dev.countersign.events.TrustTerms;
import dev.countersign.policy.domain.CataloguedTool;
import dev.countersign.policy.domain.Example;
import dev.countersign.policy.domain.PolicyEngine;
import dev.countersign.policy.domain.PolicyRule;
import dev.countersign.policy.domain.Then;
import dev.countersign.policy.domain.ToolPattern;
import dev.countersign.policy.domain.Toolset;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The policy in words that a business reviewer reads; the template only sets them.
///
/// @param unlisted what becomes of a tool that is not in the catalogue
public record PolicyPage(
    String version, Badge unlisted, List<ToolsetPart> toolsets, List<RulePart> rules) {

  private static final int MOST_PARAMETERS = 160;

  /// A word with a colour: `allow`, `ask` or `deny`.
  public record Badge(String tone, String text) {}

  public record ToolsetPart(String name, @Nullable String about, List<ToolPart> tools) {}

  public record ToolPart(
      String name,
      String kind,
      Badge mode,
      boolean reversible,
      boolean inBatches,
      List<RuleLink> rules) {}

  public record RuleLink(String id, String says, Badge then) {}

  public record RulePart(
      String id,
      String says,
      Badge then,
      String tools,
      String when,
      @Nullable ApprovalPart approval,
      @Nullable String grant,
      List<ExamplePart> examples) {}

  public record ApprovalPart(
      String who,
      String assurance,
      String deadline,
      String channels,
      List<String> ladder,
      @Nullable String trust) {}

  public record ExamplePart(String given, Badge expected) {}

  static PolicyPage of(PolicyEngine engine) {
    return new PolicyPage(
        engine.version().value(),
        mode(engine.catalogue().unlisted()),
        engine.catalogue().toolsets().values().stream().map(each -> toolset(engine, each)).toList(),
        engine.rules().stream().map(PolicyPage::rule).toList());
  }

  private static ToolsetPart toolset(PolicyEngine engine, Toolset toolset) {
    List<String> about = new ArrayList<>();
    if (!toolset.environment().isEmpty()) {
      about.add("environment: " + toolset.environment());
    }
    if (!toolset.sensitivity().isEmpty()) {
      about.add("sensitivity: " + toolset.sensitivity());
    }
    return new ToolsetPart(
        Shown.lines(toolset.name()),
        about.isEmpty() ? null : Shown.lines(String.join(" · ", about)),
        toolset.tools().values().stream().map(each -> tool(engine, each)).toList());
  }

  private static ToolPart tool(PolicyEngine engine, CataloguedTool tool) {
    return new ToolPart(
        Shown.lines(tool.tool().toString()),
        Shown.lines(tool.kind()),
        mode(tool.mode()),
        tool.reversible(),
        tool.inBatches(),
        engine.rulesFor(tool.tool()).stream()
            .map(rule ->
                new RuleLink(Shown.lines(rule.id()), Shown.lines(rule.says()), then(rule.then())))
            .toList());
  }

  private static RulePart rule(PolicyRule rule) {
    Requirement approval = rule.approval();
    return new RulePart(
        Shown.lines(rule.id()),
        Shown.lines(rule.says()),
        then(rule.then()),
        Shown.lines(
            rule.tools().stream().map(PolicyPage::pattern).collect(Collectors.joining(", "))),
        Shown.lines(rule.when().text()),
        approval == null ? null : approval(approval),
        rule.grantLife() == null ? null : duration(rule.grantLife()),
        rule.examples().stream().map(PolicyPage::example).toList());
  }

  private static String pattern(ToolPattern pattern) {
    return pattern.text().equals("*") ? "every tool" : pattern.text();
  }

  private static ApprovalPart approval(Requirement requirement) {
    return new ApprovalPart(
        Shown.lines(
            requirement.quorums().stream()
                .map(PolicyPage::quorum)
                .collect(Collectors.joining(", and "))),
        assurance(requirement.assurance()),
        duration(requirement.deadline()),
        Shown.lines(String.join(", then ", requirement.channels())),
        requirement.escalate().stream().map(PolicyPage::step).map(Shown::lines).toList(),
        TrustTerms.of(requirement).map(PolicyPage::trust).map(Shown::lines).orElse(null));
  }

  private static String trust(TrustTerms terms) {
    return "up to "
        + terms.calls()
        + (terms.calls() == 1 ? " further call" : " further calls")
        + " of the same tool by the same agent in the same session"
        + (terms.sum() == null ? "" : ", " + terms.sum() + " in all (" + terms.of() + ")")
        + ", for "
        + duration(terms.window())
        + (terms.condition() == null ? "" : ", only where " + terms.condition());
  }

  private static String quorum(Quorum quorum) {
    return quorum.count()
        + (quorum.count() == 1 ? " person" : " people")
        + " of "
        + String.join(" or ", quorum.groups());
  }

  private static String step(Escalation step) {
    String whom = step.groups().isEmpty() ? "the approvers" : String.join(" and ", step.groups());
    String how = step.channels().isEmpty() ? "" : " by " + String.join(" and ", step.channels());
    return "after " + Math.round(step.at() * 100) + " % of the time, " + whom + how;
  }

  private static ExamplePart example(Example example) {
    String parameters = example.given().parameters().toString();
    String shown =
        parameters.length() <= MOST_PARAMETERS
            ? parameters
            : parameters.substring(0, MOST_PARAMETERS) + "…";
    Badge then = then(example.expected());
    Integer votes = example.votes();
    return new ExamplePart(
        Shown.lines(
            example.says().isEmpty() ? example.given().tool() + " with " + shown : example.says()),
        votes == null
            ? then
            : new Badge(
                then.tone(),
                votes
                    + (votes == 1 ? " approval" : " approvals")
                    + (Boolean.TRUE.equals(example.trust()) ? ", may be trusted" : "")));
  }

  private static Badge mode(Then mode) {
    return switch (mode) {
      case ALLOW -> new Badge("allow", "allowed unless a rule objects");
      case REQUIRE_APPROVAL -> new Badge("ask", "always needs approval");
      case DENY -> new Badge("deny", "closed");
    };
  }

  private static Badge then(Then then) {
    return switch (then) {
      case ALLOW -> new Badge("allow", "allowed");
      case REQUIRE_APPROVAL -> new Badge("ask", "needs approval");
      case DENY -> new Badge("deny", "denied");
    };
  }

  private static String assurance(Assurance assurance) {
    return switch (assurance) {
      case SIGNED_IN -> "a session, or stronger";
      case CODE -> "a one-time code by mail, or stronger";
      case CHANNEL -> "a signed answer in a channel, or stronger";
      case PASSKEY -> "a passkey";
    };
  }

  private static String duration(Duration duration) {
    List<String> parts = new ArrayList<>();
    part(parts, duration.toDays(), "day");
    part(parts, duration.toHoursPart(), "hour");
    part(parts, duration.toMinutesPart(), "minute");
    part(parts, duration.toSecondsPart(), "second");
    return String.join(" ", parts);
  }

  private static void part(List<String> parts, long count, String unit) {
    if (count > 0) {
      parts.add(count + " " + unit + (count == 1 ? "" : "s"));
    }
  }
}
