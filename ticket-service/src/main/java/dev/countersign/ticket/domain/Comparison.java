package dev.countersign.ticket.domain;

import dev.countersign.events.Prompt;
import dev.countersign.ticket.domain.Precedents.Precedent;
import dev.countersign.ticket.domain.Precedents.Value;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.HashSet;
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
public record Comparison(
    @Nullable Precedent last, boolean unprecedented, List<Difference> differences) {

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
  /// @param before its value the last time; absent where there is no last time
  /// @param factor by how much a number grew or shrank; absent where it is none, or was 0
  /// @param isNew whether nobody ever approved this value for this tool
  public record Difference(
      String label,
      @Nullable String before,
      String now,
      @Nullable BigDecimal factor,
      boolean isNew) {}

  public static Comparison of(Prompt now, Precedents precedents) {
    Optional<Precedent> last = precedents.likeIt().stream().findFirst();
    if (last.isEmpty() && precedents.firstApproved().isEmpty()) {
      return new Comparison(null, true, List.of());
    }
    List<Difference> differences = new ArrayList<>();
    for (Prompt.Field each : Precedents.shown(now)) {
      difference(each, last.flatMap(it -> value(it.prompt(), each.label())), precedents)
          .ifPresent(differences::add);
    }
    return new Comparison(last.orElse(null), false, differences);
  }

  private static Optional<Difference> difference(
      Prompt.Field now, Optional<String> before, Precedents precedents) {
    Value value = Value.of(now.label(), now.value());
    boolean isNew =
        !precedents.isKnown(value) && isName(now.value()) && !isAlwaysNew(now.label(), precedents);
    boolean same = before.map(it -> Precedents.plain(it).equals(value.plain())).orElse(!isNew);
    return same
        ? Optional.empty()
        : Optional.of(
            new Difference(
                now.label(),
                before.orElse(null),
                now.value(),
                before.map(it -> factor(it, now.value())).orElse(null),
                isNew));
  }

  private static Optional<String> value(Prompt prompt, String label) {
    return (label.equals(Precedents.TARGET)
            ? Stream.of(prompt.target())
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
