package dev.countersign.executor.domain;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.events.Canonical;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Text with placeholders `${params.recipient.iban}`. A placeholder stands for a parameter that
/// must be there; `${params.note?}`, as a whole member of a body, for one that may be absent.
public final class Template {

  private static final Pattern PLACEHOLDER =
      Pattern.compile("\\$\\{params((?:\\.[A-Za-z0-9_-]+)+)(\\?)?}");

  private sealed interface Part {
    record Literal(String text) implements Part {}

    record Parameter(List<String> path, boolean optional) implements Part {
      String name() {
        return String.join(".", path);
      }
    }
  }

  private final List<Part> parts;

  private Template(List<Part> parts) {
    this.parts = List.copyOf(parts);
  }

  /// Throws `IllegalArgumentException` with a sentence where a placeholder is not one of ours.
  public static Template of(String text) {
    List<Part> parts = new ArrayList<>();
    Matcher placeholder = PLACEHOLDER.matcher(text);
    int from = 0;
    while (placeholder.find()) {
      literal(text.substring(from, placeholder.start()), parts);
      List<String> path = List.of(placeholder.group(1).substring(1).split("\\.", -1));
      parts.add(new Part.Parameter(path, placeholder.group(2) != null));
      from = placeholder.end();
    }
    literal(text.substring(from), parts);
    Template template = new Template(parts);
    if (parts.size() > 1 && template.isOptional()) {
      throw new IllegalArgumentException(
          "a placeholder with ? must be the whole value, so that the member can be left out");
    }
    return template;
  }

  private static void literal(String text, List<Part> parts) {
    if (text.contains("${")) {
      throw new IllegalArgumentException(
          "not a placeholder: " + text.substring(text.indexOf("${")) + "; write ${params.<name>}");
    }
    if (!text.isEmpty()) {
      parts.add(new Part.Literal(text));
    }
  }

  boolean isOptional() {
    return parts.stream().anyMatch(part -> part instanceof Part.Parameter p && p.optional);
  }

  boolean hasPlaceholder() {
    return parts.stream().anyMatch(Part.Parameter.class::isInstance);
  }

  /// The text with every parameter in its place, each passed through `encode`; what the operator
  /// wrote stays as it is.
  String render(JsonNode params, UnaryOperator<String> encode) throws Unfit {
    StringBuilder text = new StringBuilder();
    for (Part part : parts) {
      switch (part) {
        case Part.Literal literal -> text.append(literal.text);
        case Part.Parameter parameter -> text.append(encode.apply(scalar(parameter, params)));
      }
    }
    return text.toString();
  }

  /// The parameter itself where the template is one placeholder and nothing else, the rendered text
  /// otherwise; null where an optional one is absent.
  @Nullable JsonNode value(JsonNode params) throws Unfit {
    if (parts.size() == 1 && parts.getFirst() instanceof Part.Parameter parameter) {
      JsonNode found = find(parameter, params);
      if (found == null && !parameter.optional) {
        throw missing(parameter);
      }
      return found;
    }
    return JsonNodeFactory.instance.textNode(render(params, UnaryOperator.identity()));
  }

  private static String scalar(Part.Parameter parameter, JsonNode params) throws Unfit {
    JsonNode value = find(parameter, params);
    if (value == null) {
      throw missing(parameter);
    }
    if (value.isContainerNode()) {
      throw new Unfit(
          "parameter-unfit",
          "the parameter " + parameter.name() + " is not a single value and can't stand in a text");
    }
    // The canonical spelling of a number is the one that was digested.
    return value.isTextual() ? value.textValue() : Canonical.text(value);
  }

  private static @Nullable JsonNode find(Part.Parameter parameter, JsonNode params) {
    JsonNode at = params;
    for (String step : parameter.path) {
      JsonNode next =
          at.isArray() && step.matches("[0-9]{1,6}")
              ? at.get(Integer.parseInt(step))
              : at.get(step);
      // null is absent, in the digest as here.
      if (next == null || next.isNull()) {
        return null;
      }
      at = next;
    }
    return at;
  }

  private static Unfit missing(Part.Parameter parameter) {
    return new Unfit(
        "parameter-missing",
        "the connector needs the parameter "
            + parameter.name()
            + ", which the action doesn't have");
  }
}
