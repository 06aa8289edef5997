package dev.countersign.policy.outbound;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.config.BadValue;
import dev.countersign.events.ActionId;
import dev.countersign.events.ActionProposed;
import dev.countersign.events.Agent;
import dev.countersign.events.Assurance;
import dev.countersign.events.Bounds;
import dev.countersign.events.EventJson;
import dev.countersign.events.GrantLife;
import dev.countersign.events.Intent;
import dev.countersign.events.Requirement;
import dev.countersign.events.Requirement.Escalation;
import dev.countersign.events.Requirement.Quorum;
import dev.countersign.events.Tool;
import dev.countersign.events.TrustTerms;
import dev.countersign.policy.domain.Example;
import dev.countersign.policy.domain.Expression;
import dev.countersign.policy.domain.PolicyRule;
import dev.countersign.policy.domain.Then;
import dev.countersign.policy.domain.ToolPattern;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Makes the rules of what `policy.yaml` says; its shape has been checked by the schema.
final class PolicyYaml {

  static final String SCHEMA = "schema/policy.schema.json";

  private static final ActionId EXAMPLE = new ActionId(new UUID(0, 0));
  private static final Instant EXAMPLE_TIME = Instant.parse("2026-01-05T12:00:00Z");

  private PolicyYaml() {}

  static List<PolicyRule> read(JsonNode yaml) {
    List<PolicyRule> rules = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    for (JsonNode each : yaml.path("rules")) {
      String place = "/rules/" + rules.size();
      PolicyRule rule = rule(each, place);
      if (!ids.add(rule.id())) {
        throw new BadValue(place + "/id", "two rules are called \"" + rule.id() + "\"; rename one");
      }
      rules.add(rule);
    }
    return rules;
  }

  private static PolicyRule rule(JsonNode yaml, String place) {
    List<ToolPattern> tools = new ArrayList<>();
    yaml.path("tools").forEach(pattern -> tools.add(new ToolPattern(pattern.asText())));
    if (tools.isEmpty()) {
      tools.add(new ToolPattern("*"));
    }
    Then then = then(yaml.path("then").asText());
    List<Example> examples = new ArrayList<>();
    for (JsonNode each : yaml.path("examples")) {
      examples.add(example(each, place + "/examples/" + examples.size()));
    }
    try {
      return new PolicyRule(
          yaml.path("id").asText(),
          yaml.path("says").asText(),
          tools,
          Cel.condition(yaml.path("when").asText("true"), Cel.Reads.RULE),
          then,
          then == Then.REQUIRE_APPROVAL ? approval(yaml, place) : null,
          yaml.has("grantLife") ? grantLife(yaml.path("grantLife"), place + "/grantLife") : null,
          trustsWhen(yaml.path("trust"), place + "/trust"),
          examples,
          place);
    } catch (Cel.NotCel e) {
      throw new BadValue(place + "/when", e.sentence());
    }
  }

  private static Then then(String word) {
    return switch (word) {
      case "allow" -> Then.ALLOW;
      case "require-approval" -> Then.REQUIRE_APPROVAL;
      case "deny" -> Then.DENY;
      default -> throw new IllegalArgumentException("the schema lets no other word through");
    };
  }

  private static Requirement approval(JsonNode yaml, String place) {
    Duration deadline = duration(yaml.path("deadline").asText(), place + "/deadline");
    List<Quorum> quorums = quorums(yaml.path("approvers"), place + "/approvers");
    return new Requirement(
        quorums,
        assurance(yaml.path("assurance").asText()),
        deadline,
        yaml.has("channels") ? texts(yaml.path("channels")) : List.of("mail"),
        ladder(yaml.path("escalate"), quorums, place + "/escalate"),
        yaml.hasNonNull("trust") ? trust(yaml.path("trust"), place + "/trust") : null);
  }

  private static List<Escalation> ladder(JsonNode yaml, List<Quorum> quorums, String place) {
    List<Escalation> ladder = new ArrayList<>();
    for (JsonNode step : yaml) {
      List<String> groups = texts(step.path("groups"));
      for (String group : groups) {
        if (quorums.stream().noneMatch(quorum -> quorum.groups().contains(group))) {
          throw new BadValue(
              place + "/" + ladder.size() + "/groups",
              "\""
                  + group
                  + "\" may not answer, so this step would reach nobody of it; name it among the"
                  + " approvers, or leave it out here");
        }
      }
      ladder.add(new Escalation(step.path("at").asDouble(), groups, texts(step.path("channels"))));
    }
    return ladder;
  }

  private static JsonNode trust(JsonNode yaml, String place) {
    return EventJson.tree(
        new TrustTerms(
            yaml.path("calls").asInt(),
            duration(yaml.path("window").asText(), place + "/window"),
            text(yaml.path("sum")),
            text(yaml.path("of")),
            text(yaml.path("condition"))));
  }

  private static @Nullable Expression trustsWhen(JsonNode yaml, String place) {
    String condition = text(yaml.path("condition"));
    try {
      return condition == null ? null : Cel.condition(condition, Cel.Reads.RULE);
    } catch (Cel.NotCel e) {
      throw new BadValue(place + "/condition", e.sentence());
    }
  }

  /// `{groups: [a, b], quorum: 2}` wants two out of both together; `{groups: [{name: a, quorum: 1},
  /// …]}` wants so many of each.
  private static List<Quorum> quorums(JsonNode yaml, String place) {
    List<Quorum> each = new ArrayList<>();
    List<String> together = new ArrayList<>();
    for (JsonNode group : yaml.path("groups")) {
      if (group.isTextual()) {
        together.add(group.asText());
      } else {
        each.add(new Quorum(List.of(group.path("name").asText()), group.path("quorum").asInt()));
      }
    }
    if (!each.isEmpty() && (!together.isEmpty() || yaml.has("quorum"))) {
      throw new BadValue(
          place, "write either groups by name with one quorum, or a quorum for each group");
    }
    if (each.isEmpty()) {
      if (!yaml.has("quorum")) {
        throw new BadValue(place, "quorum is missing; write how many of these groups it takes");
      }
      each.add(new Quorum(together, yaml.path("quorum").asInt()));
    }
    return each;
  }

  private static Assurance assurance(String word) {
    return switch (word) {
      case "code" -> Assurance.CODE;
      case "channel" -> Assurance.CHANNEL;
      case "passkey" -> Assurance.PASSKEY;
      default -> throw new IllegalArgumentException("the schema lets no other word through");
    };
  }

  private static Duration duration(String text, String place) {
    try {
      Duration duration = Duration.parse(text);
      if (duration.compareTo(Duration.ofSeconds(1)) < 0) {
        throw new BadValue(place, "it is at least PT1S");
      }
      return duration;
    } catch (DateTimeException e) {
      throw new BadValue(place, "not a duration such as PT1H or PT30M");
    }
  }

  private static Duration grantLife(JsonNode yaml, String place) {
    Duration said = duration(yaml.asText(), place);
    if (!GrantLife.isWithinBounds(said)) {
      throw new BadValue(place, GrantLife.OUT_OF_BOUNDS);
    }
    return said;
  }

  private static Example example(JsonNode yaml, String place) {
    JsonNode given = yaml.path("given");
    String[] tool = given.path("tool").asText().split("/", 2);
    JsonNode agent = given.path("agent");
    try {
      return new Example(
          yaml.path("says").asText(""),
          within(
              new ActionProposed(
                  EXAMPLE,
                  null,
                  new Agent(
                      agent.path("id").asText("example-agent"),
                      text(agent.path("platform")),
                      text(given.path("session")),
                      text(agent.path("onBehalfOf"))),
                  new Tool(tool[0], tool[1]),
                  given.has("parameters")
                      ? given.path("parameters")
                      : JsonNodeFactory.instance.objectNode(),
                  given.has("intent")
                      ? EventJson.read(EventJson.write(given.path("intent")), Intent.class)
                      : null,
                  given.has("annotations") ? given.path("annotations") : null,
                  null,
                  null)),
          given.has("now") ? Instant.parse(given.path("now").asText()) : EXAMPLE_TIME,
          then(yaml.path("expected").asText()),
          yaml.has("votes") ? yaml.path("votes").asInt() : null,
          yaml.has("trust") ? yaml.path("trust").asBoolean() : null,
          place);
    } catch (Bounds.OutOfBounds | DateTimeException | IllegalArgumentException e) {
      throw new BadValue(place + "/given", "not a proposal: " + e.getMessage());
    }
  }

  /// As it would be read of whoever proposed it.
  private static ActionProposed within(ActionProposed example) throws Bounds.OutOfBounds {
    return ActionProposed.read(EventJson.write(example));
  }

  private static @Nullable String text(JsonNode yaml) {
    return yaml.isTextual() ? yaml.textValue() : null;
  }

  private static List<String> texts(JsonNode yaml) {
    List<String> texts = new ArrayList<>();
    yaml.forEach(each -> texts.add(each.asText()));
    return texts;
  }
}
