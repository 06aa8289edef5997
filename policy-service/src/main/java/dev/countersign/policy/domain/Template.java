package dev.countersign.policy.domain;

import java.util.List;
import java.util.Map;

/// Text with expressions in braces: `Send {params.currency} {params.amount}`.
///
/// @param text as the operator wrote it
public record Template(String text, List<Part> parts) {

  public Template {
    parts = List.copyOf(parts);
  }

  /// Words as they stand, or the value of an expression.
  public sealed interface Part {}

  public record Words(String text) implements Part {}

  public record Value(Expression expression) implements Part {}

  /// The text with the values in it; no longer than `most` characters, and not blank.
  String fill(Map<String, ?> scope, int most) throws NotEvaluable {
    StringBuilder text = new StringBuilder();
    for (Part part : parts) {
      switch (part) {
        case Words words -> text.append(words.text());
        case Value value -> {
          String shown = Values.toText(value.expression().value(scope));
          if (shown.isBlank()) {
            throw new NotEvaluable("{" + value.expression().text() + "} is empty");
          }
          text.append(shown);
        }
      }
      if (text.length() > most) {
        throw new NotEvaluable("it is longer than " + most + " characters");
      }
    }
    return text.toString();
  }
}
