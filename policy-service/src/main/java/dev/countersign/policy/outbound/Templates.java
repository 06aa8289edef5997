package dev.countersign.policy.outbound;

import dev.countersign.policy.domain.Template;
import java.util.ArrayList;
import java.util.List;

/// Reads templates: words, and CEL in braces.
final class Templates {

  private Templates() {}

  static Template read(String text) throws Cel.NotCel {
    List<Template.Part> parts = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      int open = text.indexOf('{', at);
      if (open < 0) {
        parts.add(new Template.Words(text.substring(at)));
        break;
      }
      if (open > at) {
        parts.add(new Template.Words(text.substring(at, open)));
      }
      int close = close(text, open);
      parts.add(new Template.Value(Cel.value(text.substring(open + 1, close), Cel.Reads.PROMPT)));
      at = close + 1;
    }
    return new Template(text, parts);
  }

  /// The brace that ends the expression: CEL has braces and quoted text of its own.
  private static int close(String text, int open) throws Cel.NotCel {
    int depth = 0;
    char quote = 0;
    for (int i = open; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quote != 0) {
        if (c == '\\') {
          i++;
        } else if (c == quote) {
          quote = 0;
        }
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (c == '{') {
        depth++;
      } else if (c == '}' && --depth == 0) {
        return i;
      }
    }
    throw new Cel.NotCel("a brace is opened and not closed");
  }
}
