package dev.countersign.policy.domain;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.ActionProposed;
import dev.countersign.events.EventJson;
import dev.countersign.events.Prompt;
import dev.countersign.events.Risk;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a prompt shows beyond the catalogue's own words.
final class PromptOf {

  private static final int MOST_FIELDS = 30;

  private PromptOf() {}

  /// The words where the catalogue has none: every parameter, as JSON, numbers in all their digits;
  /// a text without its quotes, unless it would read as another value without them.
  static PromptTemplate.Filled asItIs(ActionProposed proposal, @Nullable CataloguedTool tool)
      throws NotEvaluable {
    List<Prompt.Field> fields = new ArrayList<>();
    for (Map.Entry<String, JsonNode> each : proposal.parameters().properties()) {
      if (each.getKey().isBlank()) {
        throw new NotEvaluable("a parameter has no name; give it one");
      }
      String value =
          each.getValue().isTextual() && readsAsItIs(each.getValue().textValue())
              ? each.getValue().textValue()
              : Values.spelt(each.getValue());
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
            : effect(name, tool),
        fields);
  }

  private static boolean readsAsItIs(String text) {
    return !Values.losesBlanks(text) && !isJson(text);
  }

  private static boolean isJson(String text) {
    try {
      EventJson.readTree(text.getBytes(StandardCharsets.UTF_8));
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static String effect(String name, CataloguedTool tool) {
    return tool.gate() == null
        ? "Calls " + name + " with these parameters."
        : "Calls "
            + tool.tool().name()
            + " of the MCP server \""
            + tool.gate().server()
            + "\" with these parameters.";
  }

  /// What the operator's catalogue, an MCP server's hints and the agent's own words give to think
  /// about.
  static List<String> risks(
      ActionProposed proposal, @Nullable CataloguedTool tool, @Nullable OfferedTool offered) {
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
    if (offered != null) {
      if (offered.destructive()) {
        risks.add(Risk.SERVER_DESTRUCTIVE.sentence());
      } else if (!offered.says("readOnlyHint")) {
        risks.add(Risk.SERVER_NOT_READ_ONLY.sentence());
      }
      if (offered.says("openWorldHint")) {
        risks.add(Risk.SERVER_OPEN_WORLD.sentence());
      }
    }
    risks.addAll(Claims.warnings(proposal.annotations(), proposal.intent()));
    return risks;
  }
}
