package dev.countersign.ticket.domain;

import dev.countersign.events.ActionId;
import dev.countersign.events.Prompt;
import java.text.Normalizer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What people approved before, as far as a question can be held against it.
///
/// @param likeIt what they approved of the same agent and tool, the last one first
/// @param firstApproved when they first approved a value for this tool, whoever asked, of those
///   that the question and what is like it show; a value that is absent was never approved
public record Precedents(List<Precedent> likeIt, Map<Value, Instant> firstApproved) {

  // An IBAN (ISO 13616), or nothing but digits; on paper it stands in fours.
  private static final Pattern ACCOUNT =
      Pattern.compile("[A-Z]{2}[0-9]{2}[A-Z0-9]{8,30}|[0-9]{12,34}");
  private static final Pattern GROUPS = Pattern.compile("[^ ]+|[^ ]{4}( [^ ]{4})*( [^ ]{1,4})?");

  public Precedents {
    likeIt = List.copyOf(likeIt);
    firstApproved = Map.copyOf(firstApproved);
  }

  /// One action that people approved, with what they were asked.
  public record Precedent(ActionId actionId, Instant at, Question question) {

    /// What they were shown.
    public Prompt prompt() {
      return question.prompt();
    }
  }

  /// Whether anybody ever approved this value.
  boolean isKnown(Value value) {
    return firstApproved.containsKey(value);
  }

  /// Whether nobody had approved this value before that action was. What is not on file is not
  /// taken for it: too many marks are better than one too few.
  boolean wasNew(Value value, Precedent then) {
    Instant first = firstApproved.get(value);
    return first != null && !first.isBefore(then.at());
  }

  /// A value that a prompt shows under this label, an account number without its groups. The target
  /// stands under {@link #TARGET}.
  public record Value(String label, String plain) {

    public static Value of(String label, String value) {
      return new Value(label, Precedents.plain(value));
    }
  }

  /// The label of a prompt's target, which has none on the page.
  public static final String TARGET = "";

  /// Every value that a prompt shows, its target among them unless a field shows it too.
  public static List<Prompt.Field> shown(Prompt prompt) {
    String target = plain(prompt.target());
    boolean once =
        target.isEmpty()
            || prompt.fields().stream().anyMatch(field -> plain(field.value()).equals(target));
    return once
        ? prompt.fields()
        : Stream.concat(
                Stream.of(new Prompt.Field(TARGET, prompt.target(), false)),
                prompt.fields().stream())
            .toList();
  }

  /// A value as it is compared: every blank counts, but for those between the groups of an account
  /// number.
  static String plain(String value) {
    String exact = Normalizer.normalize(value, Normalizer.Form.NFC);
    return isAccount(exact) ? exact.replace(" ", "") : exact;
  }

  /// Whether that was typed where this value stands. How many blanks stand in a row can't be seen,
  /// nor any at an end; whether one stands there can. An account number is typed in any groups.
  static boolean isTyped(String typed, String value) {
    String exact = Normalizer.normalize(value, Normalizer.Form.NFC);
    String said = Normalizer.normalize(typed, Normalizer.Form.NFC);
    return isAccount(exact)
        ? said.replace(" ", "").equals(exact.replace(" ", ""))
        : runs(said).equals(runs(exact));
  }

  private static boolean isAccount(String value) {
    return GROUPS.matcher(value).matches() && ACCOUNT.matcher(value.replace(" ", "")).matches();
  }

  private static String runs(String value) {
    return value.replaceAll(" +", " ").strip();
  }
}
