package dev.countersign.executor.domain;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// Headers as the operator wrote them, with templates for their values.
public record HeadersTemplate(Map<String, Template> byName) {

  // What we set, and what decides where a message ends (RFC 9112 §6), is not the template's.
  private static final Set<String> OURS =
      Set.of(
          "host",
          "content-length",
          "transfer-encoding",
          "connection",
          "upgrade",
          "te",
          "trailer",
          "expect",
          "idempotency-key",
          "traceparent");

  public HeadersTemplate {
    byName = Map.copyOf(byName);
    byName.keySet().forEach(HeadersTemplate::mustBeTheOperators);
  }

  /// Throws `IllegalArgumentException` with a sentence where this header is ours to set.
  static void mustBeTheOperators(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    if (OURS.contains(lower) || lower.startsWith("mcp-")) {
      throw new IllegalArgumentException("the header " + name + " is set by Countersign itself");
    }
  }

  /// Whether no parameter can change them.
  boolean areFixed() {
    return byName.values().stream().noneMatch(Template::hasPlaceholder);
  }

  /// The headers for these parameters.
  Map<String, String> fill(JsonNode params) throws Unfit {
    Map<String, String> filled = new LinkedHashMap<>();
    for (Map.Entry<String, Template> header : byName.entrySet()) {
      String value = header.getValue().render(params, text -> text);
      if (!isFieldValue(value)) {
        throw new Unfit(
            "parameter-unfit",
            "a parameter in the header "
                + header.getKey()
                + " has characters that can't stand there");
      }
      filled.put(header.getKey(), value);
    }
    return filled;
  }

  /// Visible ASCII, space and tab (RFC 9110 §5.5): nothing that could end the line.
  public static boolean isFieldValue(String value) {
    return value.chars().allMatch(c -> c == '\t' || (c >= 0x20 && c < 0x7f));
  }
}
