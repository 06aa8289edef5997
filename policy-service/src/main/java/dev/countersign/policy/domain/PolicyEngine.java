package dev.countersign.policy.domain;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.ActionProposed;
import dev.countersign.events.Agent;
import dev.countersign.events.Card;
import dev.countersign.events.Digest;
import dev.countersign.events.Intent;
import dev.countersign.events.Prompt;
import dev.countersign.events.Reason;
import dev.countersign.events.Requirement;
import dev.countersign.events.Risk;
import dev.countersign.events.Rule;
import dev.countersign.events.Tool;
import dev.countersign.events.TrustTerms;
import dev.countersign.events.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Judges proposals by one catalogue and one policy. A pure function: the same proposal at the same
/// time gets the same verdict.
///
/// ```
/// tool ─ listed? ─ parameters fit? ─ facts ─ every rule for the tool ─ strictest of mode and rules
///         │no        │no               │can't    │can't                  │
///         unlisted   refused           denied    denied                  allowed | denied |
///                                                                        prompt ─ approval-required
///                                                                         │can't
///                                                                         refused
/// ```
public final class PolicyEngine {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final Catalogue catalogue;
  private final List<PolicyRule> rules;
  private final Digest version;
  private final Map<Tool, List<PolicyRule>> rulesOf = new HashMap<>();

  private PolicyEngine(Catalogue catalogue, List<PolicyRule> rules, Digest version) {
    this.catalogue = catalogue;
    this.rules = List.copyOf(rules);
    this.version = version;
    for (CataloguedTool tool : catalogue.all()) {
      rulesOf.put(tool.tool(), rulesFor(tool.tool()));
    }
  }

  /// Whether a catalogue and a policy go together.
  public sealed interface Fit {}

  /// They do.
  public record Fits(PolicyEngine engine) implements Fit {}

  /// They don't, and this is the first thing that is wrong.
  public record FitsNot(Misfit misfit) implements Fit {}

  /// Puts a catalogue and a policy together, if every rule is about something and every example
  /// holds.
  public static Fit of(Catalogue catalogue, List<PolicyRule> rules, Digest version) {
    for (PolicyRule rule : rules) {
      Optional<Misfit> misfit = misfit(catalogue, rule);
      if (misfit.isPresent()) {
        return new FitsNot(misfit.get());
      }
    }
    PolicyEngine engine = new PolicyEngine(catalogue, rules, version);
    for (PolicyRule rule : rules) {
      for (Example example : rule.examples()) {
        Optional<String> wrong = engine.failure(example);
        if (wrong.isPresent()) {
          return new FitsNot(
              new Misfit(
                  example.place(),
                  "an example of the rule " + rule.id() + " does not hold: " + wrong.get()));
        }
      }
    }
    return new Fits(engine);
  }

  private static Optional<Misfit> misfit(Catalogue catalogue, PolicyRule rule) {
    List<CataloguedTool> meant =
        catalogue.all().stream().filter(tool -> rule.isFor(tool.tool())).toList();
    if (meant.isEmpty()) {
      return Optional.of(
          new Misfit(
              rule.place() + "/tools",
              "the rule "
                  + rule.id()
                  + " is for no tool in tools.yaml; correct its tools, or list the tool there"));
    }
    for (CataloguedTool tool : meant) {
      for (String fact : rule.when().factsRead()) {
        if (!tool.facts().containsKey(fact)) {
          return Optional.of(
              new Misfit(
                  rule.place() + "/when",
                  "tools.yaml computes no fact \"" + fact + "\" for " + tool.tool()));
        }
      }
      Optional<Misfit> mistrust =
          Optional.ofNullable(rule.approval())
              .flatMap(TrustTerms::of)
              .flatMap(terms -> misfit(tool, rule, terms));
      if (mistrust.isPresent()) {
        return mistrust;
      }
    }
    return Optional.empty();
  }

  private static Optional<Misfit> misfit(CataloguedTool tool, PolicyRule rule, TrustTerms terms) {
    if (!tool.reversible()) {
      return Optional.of(
          new Misfit(
              rule.place() + "/trust",
              tool.tool() + " can't be undone, so each call of it is asked about; drop trust"));
    }
    Stream<String> facts =
        Stream.concat(
            Stream.ofNullable(terms.of()),
            Stream.ofNullable(rule.trustsWhen()).flatMap(each -> each.factsRead().stream()));
    return facts
        .filter(fact -> !tool.facts().containsKey(fact))
        .findFirst()
        .map(fact ->
            new Misfit(
                rule.place() + "/trust",
                "tools.yaml computes no fact \"" + fact + "\" for " + tool.tool()));
  }

  private Optional<String> failure(Example example) {
    Verdict verdict = evaluate(example.given(), example.now());
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
            && !denied.reason().code().equals(UNLISTED)) {
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

  static final String UNLISTED = "unlisted-tool";

  public Catalogue catalogue() {
    return catalogue;
  }

  public List<PolicyRule> rules() {
    return rules;
  }

  /// The digest of both files.
  public Digest version() {
    return version;
  }

  /// The verdict on a proposal. What can't be evaluated is denied, what can't be shown is refused.
  public Verdict evaluate(ActionProposed proposal, Instant now) {
    return new Judgement(proposal, now).verdict();
  }

  /// The rules that a tool is judged by.
  public List<PolicyRule> rulesFor(Tool tool) {
    return rules.stream().filter(rule -> rule.isFor(tool)).toList();
  }

  /// One proposal while it is judged.
  private final class Judgement {

    private final ActionProposed proposal;
    private final Instant now;
    private final Digest digest;
    private final @Nullable CataloguedTool tool;
    private final List<Rule> matched = new ArrayList<>();
    private final Map<String, Object> values = LinkedHashMap.newLinkedHashMap(8);
    private @Nullable ObjectNode facts;

    Judgement(ActionProposed proposal, Instant now) {
      this.proposal = proposal;
      this.now = now;
      this.digest = proposal.digest();
      this.tool = catalogue.find(proposal.tool()).orElse(null);
    }

    Verdict verdict() {
      if (tool != null) {
        Optional<String> problem = tool.parameters().problem(proposal.parameters());
        if (problem.isPresent()) {
          return refused("parameters", problem.get());
        }
      }
      Map<String, Object> scope = new HashMap<>();
      scope.put("params", Values.of(proposal.parameters()));
      ObjectNode json = JSON.objectNode();
      if (tool != null) {
        for (Map.Entry<String, Expression> fact : tool.facts().entrySet()) {
          try {
            Object value = fact.getValue().value(scope);
            values.put(fact.getKey(), value);
            json.set(fact.getKey(), Values.toJson(value));
          } catch (NotEvaluable e) {
            return denied(
                "fact-not-evaluable",
                "The fact "
                    + fact.getKey()
                    + " of "
                    + proposal.tool()
                    + " could not be computed: "
                    + e.sentence()
                    + ".");
          }
        }
      }
      facts = json;
      scope.put("facts", values);
      return judge(scope);
    }

    private Verdict judge(Map<String, Object> scope) {
      Then floor = tool != null ? tool.mode() : catalogue.floorOfUnlisted(proposal.tool());
      scope.put("tool", toolScope(floor));
      scope.put("agent", agentScope(proposal.agent()));
      scope.put("session", orEmpty(proposal.agent().session()));
      scope.put("now", now);
      scope.put(PolicyRule.CLAIMS, Claims.none());
      Map<String, Object> spoken = new HashMap<>(scope);
      spoken.put(PolicyRule.CLAIMS, Claims.of(proposal.annotations(), proposal.intent()));

      List<PolicyRule> applying =
          tool != null ? rulesOf.getOrDefault(tool.tool(), List.of()) : rulesFor(proposal.tool());
      Then strictest = floor;
      PolicyRule forbids = null;
      String broken = null;
      List<Requirement> requirements = new ArrayList<>();
      for (PolicyRule rule : applying) {
        try {
          if (!rule.matches(scope, spoken)) {
            continue;
          }
        } catch (NotEvaluable e) {
          // Not to know whether a rule forbids it is to be forbidden.
          matched.add(rule.asRule());
          broken = broken != null ? broken : "rule " + rule.id() + ": " + e.sentence();
          continue;
        }
        matched.add(rule.asRule());
        strictest = strictest.or(rule.then());
        switch (rule.then()) {
          case ALLOW -> {}
          case REQUIRE_APPROVAL -> {
            if (rule.approval() != null) {
              boolean trusts = mayBeTrusted(rule.approval()) && rule.trusts(scope, spoken);
              requirements.add(trusts ? rule.approval() : withoutTrust(rule.approval()));
            }
          }
          case DENY -> forbids = forbids != null ? forbids : rule;
        }
      }
      if (forbids != null) {
        return denied("denied-by-rule", forbids.says());
      }
      if (broken != null) {
        return denied(
            "rule-not-evaluable",
            "The policy could not be evaluated, so the answer is no: " + broken);
      }
      return switch (strictest) {
        case ALLOW ->
            new Verdict.Allowed(
                proposal.actionId(),
                now,
                proposal.action(),
                digest,
                facts(),
                matched,
                version,
                proposal.batch());
        case DENY -> deniedByFloor();
        case REQUIRE_APPROVAL -> approval(scope, requirements);
      };
    }

    /// Whether this action is of a kind that a session can be trusted with: a listed tool that can
    /// be undone, a session, and an amount where a sum is to bound it.
    private boolean mayBeTrusted(Requirement requirement) {
      if (tool == null || !tool.reversible() || orEmpty(proposal.agent().session()).isBlank()) {
        return false;
      }
      Optional<TrustTerms> terms = TrustTerms.of(requirement);
      String of = terms.map(TrustTerms::of).orElse(null);
      return terms.isPresent() && (of == null || isAmount(values.get(of)));
    }

    /// What can be summed so that a sum bounds it: nothing below zero, which would make room.
    private static boolean isAmount(@Nullable Object value) {
      return switch (value) {
        case Decimal decimal -> decimal.compareTo(Decimal.of(0)) >= 0;
        case Long number -> number >= 0;
        case null, default -> false;
      };
    }

    private static Requirement withoutTrust(Requirement requirement) {
      if (requirement.trust() == null) {
        return requirement;
      }
      return new Requirement(
          requirement.quorums(),
          requirement.assurance(),
          requirement.deadline(),
          requirement.channels(),
          requirement.escalate(),
          null);
    }

    private Verdict deniedByFloor() {
      return tool == null
          ? denied(
              UNLISTED, "The tool is not in the operator's catalogue; ask the operator to list it.")
          : denied("denied-by-mode", "The operator's catalogue closes this tool.");
    }

    private Verdict approval(Map<String, Object> scope, List<Requirement> requirements) {
      if (requirements.isEmpty()) {
        return denied(
            "no-approver-rule",
            "It needs approval, and no rule says whose; ask the operator for a rule that matches.");
      }
      PromptTemplate.Filled words;
      Card card;
      try {
        if (tool != null && tool.prompt() != null) {
          words = tool.prompt().fill(scope);
          card = tool.prompt().card();
        } else {
          words = asItIs();
          card =
              new Card(
                  "An action needs your answer",
                  tool == null ? "A tool that is not in the catalogue" : tool.kind(),
                  null);
        }
      } catch (NotEvaluable e) {
        return refused("prompt", "It needs approval, and " + e.sentence() + ".");
      }
      Intent intent = proposal.intent();
      Prompt prompt =
          new Prompt(
              words.title(),
              words.target(),
              words.effect(),
              words.fields(),
              intent,
              risks(),
              matched,
              intent == null ? null : intent.rollbackPlan(),
              digest,
              version);
      return new Verdict.ApprovalRequired(
          proposal.actionId(),
          now,
          proposal.action(),
          digest,
          facts(),
          matched,
          version,
          Requirements.merge(requirements, proposal.deadline()),
          prompt,
          card,
          proposal.batch(),
          tool == null ? null : tool.digest(),
          (tool == null || !tool.inBatches()) ? true : null);
    }

    /// Where the catalogue has no words for it: every parameter, as JSON.
    private PromptTemplate.Filled asItIs() throws NotEvaluable {
      List<Prompt.Field> fields = new ArrayList<>();
      for (Map.Entry<String, JsonNode> each : proposal.parameters().properties()) {
        String value =
            each.getValue().isTextual() ? each.getValue().textValue() : each.getValue().toString();
        if (value.length() > PromptTemplate.MOST_VALUE
            || each.getKey().length() > PromptTemplate.MOST_TITLE
            || fields.size() == MOST_FIELDS) {
          throw new NotEvaluable("its parameters don't fit on the page");
        }
        fields.add(new Prompt.Field(each.getKey(), value, false));
      }
      String name = proposal.tool().toString();
      if (name.length() > PromptTemplate.MOST_TITLE) {
        throw new NotEvaluable("the tool's name does not fit on the page");
      }
      return new PromptTemplate.Filled(
          tool == null ? name : tool.kind(),
          name,
          tool == null
              ? "Not in the operator's catalogue: nobody has said what it does."
              : "Calls " + name + " with these parameters.",
          fields);
    }

    private static final int MOST_FIELDS = 30;

    /// What the operator's catalogue and the agent's own words give to think about.
    private List<String> risks() {
      List<String> risks = new ArrayList<>();
      if (tool == null) {
        risks.add(Risk.NOT_IN_THE_CATALOGUE.sentence());
      } else {
        if (!tool.reversible()) {
          risks.add(Risk.IRREVERSIBLE.sentence());
        }
        if (!tool.environment().isEmpty()) {
          risks.add(Risk.ENVIRONMENT.sentence(tool.environment()));
        }
        if (!tool.sensitivity().isEmpty()) {
          risks.add(Risk.SENSITIVITY.sentence(tool.sensitivity()));
        }
      }
      risks.addAll(Claims.warnings(proposal.annotations(), proposal.intent()));
      return risks;
    }

    private Map<String, Object> toolScope(Then floor) {
      Map<String, Object> map = new HashMap<>();
      map.put("toolset", proposal.tool().toolset());
      map.put("name", proposal.tool().name());
      map.put("mode", floor == Then.ALLOW ? "auto" : floor.word());
      map.put("listed", tool != null);
      map.put("kind", tool == null ? "" : tool.kind());
      map.put("environment", tool == null ? "" : tool.environment());
      map.put("sensitivity", tool == null ? "" : tool.sensitivity());
      map.put("reversible", tool != null && tool.reversible());
      return map;
    }

    private Map<String, Object> agentScope(Agent agent) {
      return Map.of(
          "id", agent.id(),
          "platform", orEmpty(agent.platform()),
          "onBehalfOf", orEmpty(agent.onBehalfOf()),
          "owner", orEmpty(agent.owner()));
    }

    private static String orEmpty(@Nullable String text) {
      return text == null ? "" : text;
    }

    private JsonNode facts() {
      return facts == null ? JSON.objectNode() : facts;
    }

    private Verdict denied(String code, String text) {
      return new Verdict.Denied(
          proposal.actionId(),
          now,
          proposal.action(),
          digest,
          facts,
          matched,
          version,
          new Reason(code, text),
          proposal.batch());
    }

    private Verdict refused(String code, String text) {
      return new Verdict.Refused(proposal.actionId(), now, digest, new Reason(code, text));
    }
  }
}
