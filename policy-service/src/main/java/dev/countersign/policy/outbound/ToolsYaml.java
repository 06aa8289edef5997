package dev.countersign.policy.outbound;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.config.BadValue;
import dev.countersign.events.Canonical;
import dev.countersign.events.Card;
import dev.countersign.events.Digest;
import dev.countersign.events.Tool;
import dev.countersign.policy.domain.Catalogue;
import dev.countersign.policy.domain.CataloguedTool;
import dev.countersign.policy.domain.Expression;
import dev.countersign.policy.domain.Gate;
import dev.countersign.policy.domain.ParameterSchema;
import dev.countersign.policy.domain.PromptTemplate;
import dev.countersign.policy.domain.PromptTemplate.FieldTemplate;
import dev.countersign.policy.domain.Template;
import dev.countersign.policy.domain.Then;
import dev.countersign.policy.domain.Toolset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Makes the catalogue of what `tools.yaml` says; its shape has been checked by the schema.
final class ToolsYaml {

  static final String SCHEMA = "schema/tools.schema.json";
  // Of an MCP server's tool the server's own schema is what counts.
  private static final ParameterSchema ANY = _ -> Optional.empty();

  private ToolsYaml() {}

  static Catalogue read(JsonNode yaml) {
    Map<String, Toolset> toolsets = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> each : yaml.path("toolsets").properties()) {
      toolsets.put(each.getKey(), toolset(each.getKey(), each.getValue()));
    }
    return new Catalogue(mode(yaml.path("unlisted").asText("deny")), toolsets);
  }

  private static Toolset toolset(String name, JsonNode yaml) {
    String place = "/toolsets/" + name;
    Then mode = mode(yaml.path("mode").asText());
    String environment = yaml.path("environment").asText("");
    String sensitivity = yaml.path("sensitivity").asText("");
    String server = yaml.path("server").textValue();
    Map<String, CataloguedTool> tools = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> each : yaml.path("tools").properties()) {
      JsonNode tool = each.getValue();
      String at = place + "/tools/" + each.getKey();
      Then own = tool.has("mode") ? mode(tool.path("mode").asText()) : mode;
      if (own.compareTo(mode) < 0) {
        throw new BadValue(
            at + "/mode",
            "a tool can't be laxer than its toolset, whose mode is " + yaml.path("mode").asText());
      }
      tools.put(
          each.getKey(),
          new CataloguedTool(
              new Tool(name, each.getKey()),
              tool.path("kind").asText(),
              own,
              tool.path("environment").asText(environment),
              tool.path("sensitivity").asText(sensitivity),
              tool.path("reversible").asBoolean(false),
              tool.path("batch").asBoolean(true),
              tool.path("preconditions").asBoolean(false),
              tool.has("parameters")
                  ? parameters(tool.path("parameters"), at + "/parameters")
                  : ANY,
              facts(tool.path("facts"), at + "/facts"),
              server == null ? null : gate(server, tool, own, at),
              tool.has("prompt") ? prompt(tool.path("prompt"), at + "/prompt") : null,
              digest(mode, environment, sensitivity, server, tool)));
    }
    return new Toolset(name, mode, environment, sensitivity, server, tools);
  }

  /// By which a standing permission notices that the tool has become another.
  private static Digest digest(
      Then mode, String environment, String sensitivity, @Nullable String server, JsonNode tool) {
    Map<String, Object> said = new HashMap<>();
    said.put("mode", mode.word());
    said.put("environment", environment);
    said.put("sensitivity", sensitivity);
    said.put("tool", tool);
    if (server != null) {
      said.put("server", server);
    }
    return Canonical.digest(said);
  }

  private static Gate gate(String server, JsonNode tool, Then mode, String place) {
    boolean evenDestructive = tool.has("although");
    if (evenDestructive && mode != Then.ALLOW) {
      throw new BadValue(
          place + "/although", "although: destructive says something with mode: auto alone");
    }
    return new Gate(
        server, tool.has("pin") ? new Digest(tool.path("pin").asText()) : null, evenDestructive);
  }

  static Then mode(String word) {
    return switch (word) {
      case "auto" -> Then.ALLOW;
      case "require-approval" -> Then.REQUIRE_APPROVAL;
      case "deny" -> Then.DENY;
      default -> throw new IllegalArgumentException("the schema lets no other mode through");
    };
  }

  private static ParameterSchema parameters(JsonNode yaml, String place) {
    try {
      return JsonSchemas.compile(yaml);
    } catch (RuntimeException e) {
      throw new BadValue(place, "this JSON Schema can't be used: " + e.getMessage());
    }
  }

  private static Map<String, Expression> facts(JsonNode yaml, String place) {
    Map<String, Expression> facts = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> each : yaml.properties()) {
      try {
        facts.put(each.getKey(), Cel.value(each.getValue().asText(), Cel.Reads.FACT));
      } catch (Cel.NotCel e) {
        throw new BadValue(place + "/" + each.getKey(), e.sentence());
      }
    }
    return facts;
  }

  private static PromptTemplate prompt(JsonNode yaml, String place) {
    List<FieldTemplate> fields = new ArrayList<>();
    Set<String> labels = new HashSet<>();
    for (JsonNode each : yaml.path("fields")) {
      String at = place + "/fields/" + fields.size();
      String label = each.path("label").asText();
      if (!labels.add(label)) {
        throw new BadValue(at, "two fields are labelled \"" + label + "\"; rename one");
      }
      fields.add(
          new FieldTemplate(
              label,
              template(each.path("value"), at + "/value"),
              each.path("confirm").asBoolean(false)));
    }
    Set<String> sensitive = new HashSet<>();
    for (JsonNode each : yaml.path("sensitive")) {
      if (!labels.contains(each.asText())) {
        throw new BadValue(
            place + "/sensitive/" + sensitive.size(),
            "no field is labelled \"" + each.asText() + "\"");
      }
      sensitive.add(each.asText());
    }
    JsonNode card = yaml.path("card");
    return new PromptTemplate(
        template(yaml.path("title"), place + "/title"),
        template(yaml.path("target"), place + "/target"),
        template(yaml.path("effect"), place + "/effect"),
        fields,
        sensitive,
        card.isMissingNode()
            ? null
            : new Card(card.path("title").asText(), card.path("target").asText(), null));
  }

  private static Template template(@Nullable JsonNode yaml, String place) {
    try {
      return Templates.read(yaml == null ? "" : yaml.asText());
    } catch (Cel.NotCel e) {
      throw new BadValue(place, e.sentence());
    }
  }
}
