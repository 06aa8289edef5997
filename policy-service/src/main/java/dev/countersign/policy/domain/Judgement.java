package dev.countersign.policy.domain;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.ActionProposed;
import dev.countersign.events.Card;
import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import dev.countersign.events.GrantLife;
import dev.countersign.events.Intent;
import dev.countersign.events.Prompt;
import dev.countersign.events.Reason;
import dev.countersign.events.Requirement;
import dev.countersign.events.Rule;
import dev.countersign.events.TrustTerms;
import dev.countersign.events.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One proposal while it is judged.
final class Judgement {

  // In base64, beside an action of 64 KiB and its grant, within the million bytes of an event.
  private static final int MOST_ATTESTED = 450_000;

  // What else a vote attests: what the action rests on, and how it was given.
  private static final int ROOM_BESIDE = 5_000;

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final PolicyEngine engine;

  private final ActionProposed proposal;
  private final Instant now;
  private final Digest digest;
  private final @Nullable CataloguedTool tool;
  private final List<Rule> matched = new ArrayList<>();
  private final Map<String, Object> values = LinkedHashMap.newLinkedHashMap(8);
  private @Nullable ObjectNode facts;
  private @Nullable OfferedTool offered;
  private @Nullable Duration grantLife;

  Judgement(PolicyEngine engine, ActionProposed proposal, Instant now) {
    this.engine = engine;
    this.proposal = proposal;
    this.now = now;
    this.digest = proposal.digest();
    this.tool = engine.catalogue().find(proposal.tool()).orElse(null);
  }

  Verdict verdict() {
    if (tool != null) {
      Optional<Verdict> shut = atTheGate(tool);
      if (shut.isPresent()) {
        return shut.get();
      }
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

  /// The answer where an MCP server's tool is not what the operator accepted, or these are no
  /// parameters of it.
  private Optional<Verdict> atTheGate(CataloguedTool listed) {
    Offered now = engine.offered().orElse(null);
    if (listed.gate() == null || now == null) {
      return Optional.empty();
    }
    return switch (now.standing(proposal.tool(), listed.gate())) {
      case Standing.Shut it -> Optional.of(denied(it.reason().code(), it.reason().text()));
      case Standing.InForce it -> {
        offered = it.offered();
        yield it.parameters()
            .problem(proposal.parameters())
            .or(() ->
                listed.prompt() == null
                    ? Optional.empty()
                    : it.offered().unnamed(proposal.parameters()))
            .map(problem -> refused("parameters", problem));
      }
    };
  }

  private Then floor() {
    return tool == null || tool.gate() == null
        ? unspokenFloor()
        : tool.gate().floor(tool.mode(), offered);
  }

  private Then unspokenFloor() {
    return tool == null ? engine.catalogue().floorOfUnlisted(proposal.tool()) : tool.mode();
  }

  /// Whose words at most may bring the people whom it takes: where it needs approval without them,
  /// and no rule says whose, they would make a question of a no.
  private Speaker mayName(Then floor) {
    if (floor != Then.REQUIRE_APPROVAL) {
      return Speaker.AGENT;
    }
    return unspokenFloor() == floor ? Speaker.NOBODY : Speaker.SERVER;
  }

  private Verdict judge(Map<String, Object> scope) {
    Then floor = floor();
    scope.put("tool", Scopes.ofTool(proposal.tool(), tool, floor));
    scope.put("agent", Scopes.ofAgent(proposal.agent()));
    scope.put("session", Scopes.orEmpty(proposal.agent().session()));
    scope.put("now", now);
    scope.put(PolicyRule.CLAIMS, Claims.none());
    EnumMap<Speaker, Map<String, Object>> scopes = new EnumMap<>(Speaker.class);
    scopes.put(Speaker.NOBODY, scope);
    if (offered != null) {
      scopes.put(Speaker.SERVER, with(Claims.of(null, null, offered), scope));
    }
    Map<String, Object> spoken =
        with(Claims.of(proposal.annotations(), proposal.intent(), offered), scope);
    scopes.put(Speaker.AGENT, spoken);

    Speaker mayName = mayName(floor);
    boolean named = false;
    Duration claimedLife = null;
    List<PolicyRule> applying = engine.rulesApplying(proposal.tool());
    Then strictest = floor;
    PolicyRule forbids = null;
    String broken = null;
    List<Requirement> requirements = new ArrayList<>();
    for (PolicyRule rule : applying) {
      Speaker speaker;
      try {
        Optional<Speaker> matches = rule.matches(scopes);
        if (matches.isEmpty()) {
          continue;
        }
        speaker = matches.get();
      } catch (NotEvaluable e) {
        // Not to know whether a rule forbids it is to be forbidden.
        matched.add(rule.asRule());
        broken = broken != null ? broken : "rule " + rule.id() + ": " + e.sentence();
        continue;
      }
      matched.add(rule.asRule());
      if (speaker == Speaker.NOBODY) {
        grantLife = GrantLife.shorter(grantLife, rule.grantLife());
      } else {
        claimedLife = GrantLife.shorter(claimedLife, rule.grantLife());
      }
      strictest = strictest.or(rule.then());
      switch (rule.then()) {
        case ALLOW -> {}
        case REQUIRE_APPROVAL -> {
          if (rule.approval() != null) {
            boolean trusts = mayBeTrusted(rule.approval()) && rule.trusts(scope, spoken);
            requirements.add(trusts ? rule.approval() : withoutTrust(rule.approval()));
            named |= speaker.compareTo(mayName) <= 0;
          }
        }
        case DENY -> forbids = forbids != null ? forbids : rule;
      }
    }
    if (claimedLife != null && claimedLife.compareTo(GrantLife.of(grantLife)) < 0) {
      grantLife = claimedLife;
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
              engine.version(),
              proposal.batch(),
              tool == null ? null : tool.digest(),
              grantLife);
      case DENY -> deniedByFloor();
      case REQUIRE_APPROVAL ->
          named
              ? approval(scope, requirements)
              : denied(
                  "no-approver-rule",
                  "It needs approval, and no rule says whose; ask the operator for a rule that"
                      + " matches.");
    };
  }

  private static Map<String, Object> with(Map<String, Object> claims, Map<String, Object> scope) {
    Map<String, Object> spoken = new HashMap<>(scope);
    spoken.put(PolicyRule.CLAIMS, claims);
    return spoken;
  }

  /// Whether this action is of a kind that a session can be trusted with: a listed tool that can be
  /// undone, a session, and an amount where a sum is to bound it.
  private boolean mayBeTrusted(Requirement requirement) {
    if (tool == null
        || !tool.reversible()
        || Scopes.orEmpty(proposal.agent().session()).isBlank()) {
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
            PolicyEngine.UNLISTED,
            engine.catalogue().isGated(proposal.tool())
                ? "The operator lets nothing of this MCP server through that is not listed; ask the"
                    + " operator to look at ./countersign tools "
                    + proposal.tool().toolset()
                    + "."
                : "The tool is not in the operator's catalogue; ask the operator to list it.")
        : denied("denied-by-mode", "The operator's catalogue closes this tool.");
  }

  private Verdict approval(Map<String, Object> scope, List<Requirement> requirements) {
    PromptTemplate template = tool == null ? null : tool.prompt();
    PromptTemplate.Filled words;
    try {
      words = template == null ? PromptOf.asItIs(proposal, tool) : template.fill(scope);
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
            PromptOf.risks(proposal, tool, offered),
            matched,
            intent == null ? null : intent.rollbackPlan(),
            digest,
            engine.version(),
            List.of(),
            tool == null ? null : tool.digest());
    Requirement requirement = Requirements.merge(requirements, proposal.deadline(), grantLife);
    int votes = requirement.votesNeeded();
    // Each vote attests the whole prompt, and one decision carries all of them.
    if ((long) votes * (EventJson.write(prompt).length + ROOM_BESIDE) > MOST_ATTESTED) {
      return refused(
          "too-large",
          ("It needs the approvals of %d people, and its prompt is too long for as many to sign; say"
                  + " it in fewer words, or propose less at once.")
              .formatted(votes));
    }
    return new Verdict.ApprovalRequired(
        proposal.actionId(),
        now,
        proposal.action(),
        digest,
        facts(),
        matched,
        engine.version(),
        requirement,
        prompt,
        template == null || template.card() == null ? cardOf(tool) : template.card(),
        proposal.batch(),
        tool == null ? null : tool.digest(),
        (tool == null || !tool.inBatches()) ? true : null);
  }

  private static Card cardOf(@Nullable CataloguedTool tool) {
    return new Card(
        "An action needs your answer",
        tool == null ? "A tool that is not in the catalogue" : tool.kind(),
        null);
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
        engine.version(),
        new Reason(code, text),
        proposal.batch());
  }

  private Verdict refused(String code, String text) {
    return new Verdict.Refused(proposal.actionId(), now, digest, new Reason(code, text));
  }
}
