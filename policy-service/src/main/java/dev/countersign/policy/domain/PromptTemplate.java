package dev.countersign.policy.domain;

import dev.countersign.events.Card;
import dev.countersign.events.Prompt;
import dev.countersign.events.Shown;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// How the catalogue has a tool shown to the people who decide.
///
/// @param sensitive labels of fields that must not leave the decision page
/// @param card what a notification may say: the catalogue's words alone; where it has none, the
///   tool's kind
public record PromptTemplate(
    Template title,
    Template target,
    Template effect,
    List<FieldTemplate> fields,
    Set<String> sensitive,
    @Nullable Card card) {

  static final int MOST_TITLE = 120;
  static final int MOST_TARGET = 200;
  static final int MOST_EFFECT = 600;
  static final int MOST_VALUE = 1000;

  public PromptTemplate {
    fields = List.copyOf(fields);
    sensitive = Set.copyOf(sensitive);
  }

  /// @param confirm whether an approver must type the value
  public record FieldTemplate(String label, Template value, boolean confirm) {}

  /// The words of a prompt, filled in.
  record Filled(String title, String target, String effect, List<Prompt.Field> fields) {}

  /// Fills it in; throws with the part that is missing or does not fit, for then nobody could see
  /// what they approve.
  Filled fill(Map<String, ?> scope) throws NotEvaluable {
    String filledTitle = part("title", title, scope, MOST_TITLE);
    String filledTarget = part("target", target, scope, MOST_TARGET);
    String filledEffect = part("effect", effect, scope, MOST_EFFECT);
    List<Prompt.Field> filled = new ArrayList<>(fields.size());
    for (FieldTemplate field : fields) {
      String name = "the field \"" + field.label() + "\"";
      String value = part(name, field.value(), scope, MOST_VALUE);
      if (field.confirm() && !Shown.whole(value).equals(value)) {
        throw new NotEvaluable(
            name
                + " can't be confirmed: nobody can type it, as it has characters that are not seen or"
                + " end a line; send it without them");
      }
      filled.add(new Prompt.Field(field.label(), value, field.confirm()));
    }
    return new Filled(filledTitle, filledTarget, filledEffect, filled);
  }

  private static String part(String name, Template template, Map<String, ?> scope, int most)
      throws NotEvaluable {
    try {
      return template.fill(scope, most);
    } catch (NotEvaluable e) {
      throw new NotEvaluable(name + " can't be shown: " + e.sentence());
    }
  }
}
