package dev.countersign.ticket.domain;

import dev.countersign.events.Action;
import dev.countersign.events.Agent;
import dev.countersign.events.Digest;
import dev.countersign.events.Prompt;
import dev.countersign.ticket.domain.Precedents.Precedent;
import dev.countersign.ticket.domain.Precedents.Value;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What is new about a question: how its values differ from those of the last one like it, which
/// people approved of the same agent and tool, and which of them nobody ever approved for this
/// tool.
///
/// @param last what it is held against; absent where nothing of this agent and tool was approved
/// @param unprecedented whether nobody approved anything of this tool that showed any of these
///   values: then all of it is new and no single value is worth a mark
/// @param same whether it asks the very same as the last one, parameters that no field shows among
///   it, in the same words: that no value shown is different does not say so
public record Comparison(
    @Nullable Precedent last, boolean unprecedented, boolean same, List<Difference> differences) {

  /// How many in a row must have been new, each when it was approved, before a field is one that
  /// always is (a reference, a subject). Its next value is no news, and marks that are always there
  /// are soon read over. That they differ is not enough: five known payees in turn say nothing of a
  /// sixth whom nobody knows.
  private static final int ALWAYS = 5;

  // A currency or unit may stand beside the number and apart from it: DE89370400440532013000 and
  // "Invoice no. 5" are names.
  private static final Pattern NUMBER =
      Pattern.compile(
          "((?:\\p{L}{1,3}\\s|\\p{Sc}\\s?)?)"
              + "(-?(?:[0-9]{1,30}|[0-9]{1,3}(?:,[0-9]{3}){1,9})(?:\\.[0-9]{1,30})?)"
              + "((?:\\s?[%\\p{Sc}]|\\s\\p{L}{1,9})?)");
  private static final int LONGEST_COUNT = 6;

  public Comparison {
    differences = List.copyOf(differences);
  }

  /// One value that is not what it was.
  ///
  /// @param label what the prompt calls it; {@link Precedents#TARGET} is the target
  /// @param before its value the last time; absent where there is no last time, or it was not there
  /// @param now absent where it is there no more
  /// @param factor by how much a number grew or shrank; absent where it is none, or was 0
  /// @param isNew whether nobody ever approved this value for this tool
  public record Difference(
      String label,
      @Nullable String before,
      @Nullable String now,
      @Nullable BigDecimal factor,
      boolean isNew) {}

  public static Comparison of(Question now, Precedents precedents) {
    Precedent last = precedents.likeIt().stream().findFirst().orElse(null);
    if (last == null && precedents.firstApproved().isEmpty()) {
      return new Comparison(null, true, false, List.of());
    }
    Set<String> labels = new LinkedHashSet<>();
    Precedents.shown(now.prompt()).forEach(each -> labels.add(each.label()));
    if (last != null) {
      // The same target, which a field shows now, is no difference.
      boolean same =
          Precedents.plain(last.prompt().target()).equals(Precedents.plain(now.prompt().target()));
      Precedents.shown(last.prompt()).stream()
          .map(Prompt.Field::label)
          .filter(each -> !same || !each.equals(Precedents.TARGET))
          .forEach(labels::add);
    }
    return new Comparison(
        last,
        false,
        last != null && isSame(now, last.question()),
        labels.stream()
            .flatMap(each -> difference(each, now.prompt(), last, precedents).stream())
            .toList());
  }

  private static boolean isSame(Question now, Question last) {
    Prompt shown = now.prompt();
    Prompt before = last.prompt();
    return asked(now).equals(asked(last))
        && shown.title().equals(before.title())
        && shown.target().equals(before.target())
        && shown.effect().equals(before.effect())
        && shown.fields().equals(before.fields())
        && shown.preconditions().equals(before.preconditions());
  }

  /// In whichever session.
  private static Digest asked(Question question) {
    Action action = question.action();
    Agent agent = action.agent();
    return Question.digestOf(
        new Action(
            new Agent(agent.id(), agent.platform(), null, agent.onBehalfOf(), agent.owner()),
            action.tool(),
            action.parameters()));
  }

  private static Optional<Difference> difference(
      String label, Prompt prompt, @Nullable Precedent last, Precedents precedents) {
    String now = value(prompt, label).orElse(null);
    String before = last == null ? null : value(last.prompt(), label).orElse(null);
    boolean isNew =
        now != null
            && !precedents.isKnown(Value.of(label, now))
            && isName(now)
            && !isAlwaysNew(label, precedents);
    boolean same =
        (now != null && before != null)
            ? Precedents.plain(before).equals(Precedents.plain(now))
            : (last == null && !isNew);
    return same
        ? Optional.empty()
        : Optional.of(
            new Difference(
                label,
                before,
                now,
                (before == null || now == null) ? null : factor(before, now),
                isNew));
  }

  private static Optional<String> value(Prompt prompt, String label) {
    return (label.equals(Precedents.TARGET)
            ? Stream.of(prompt.target()).filter(it -> !it.isEmpty())
            : prompt.fields().stream()
                .filter(each -> each.label().equals(label))
                .map(Prompt.Field::value))
        .findFirst();
  }

  /// Whether a value names something, and is not only how much or how many: a long whole number may
  /// be an account, unless it is written in thousands.
  private static boolean isName(String value) {
    Matcher number = NUMBER.matcher(value.strip());
    return !number.matches()
        || (!number.group(2).contains(".")
            && !number.group(2).contains(",")
            && number.group(2).length() > LONGEST_COUNT);
  }

  private static boolean isAlwaysNew(String label, Precedents precedents) {
    Set<Value> values = new HashSet<>();
    for (Precedent each : precedents.likeIt()) {
      Optional<Value> value = value(each.prompt(), label).map(it -> Value.of(label, it));
      // Two that were approved in one instant were both new, and the same is not new twice.
      if (value.isEmpty() || !precedents.wasNew(value.get(), each) || !values.add(value.get())) {
        return false;
      }
    }
    return values.size() >= ALWAYS;
  }

  private static @Nullable BigDecimal factor(String before, String now) {
    Matcher was = NUMBER.matcher(before.strip());
    Matcher is = NUMBER.matcher(now.strip());
    if (!was.matches()
        || !is.matches()
        // Another currency makes it another thing, not so many times as much.
        || !was.group(1).equals(is.group(1))
        || !was.group(3).equals(is.group(3))) {
      return null;
    }
    BigDecimal from = number(was);
    return from.signum() <= 0 ? null : number(is).divide(from, MathContext.DECIMAL32);
  }

  private static BigDecimal number(Matcher matched) {
    return new BigDecimal(matched.group(2).replace(",", ""));
  }
}
