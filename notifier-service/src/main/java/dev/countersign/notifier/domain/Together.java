package dev.countersign.notifier.domain;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// What a letter asks about or tells of beyond its own ticket: all that is answered together.
///
/// @param announced how many actions belong to it, as their proposer said
/// @param answers how those ended that have
public record Together(int announced, Map<Answered, Integer> answers) {

  public Together {
    answers = Map.copyOf(answers);
  }

  /// `2 approved, 1 rejected`.
  String outcome() {
    Map<Answered, Integer> inOrder = new EnumMap<>(Answered.class);
    inOrder.putAll(answers);
    return Arrays.stream(Answered.values())
        .filter(inOrder::containsKey)
        .map(each -> inOrder.get(each) + " " + each.word().toLowerCase(Locale.ROOT))
        .collect(Collectors.joining(", "));
  }

  boolean endedAlike() {
    return answers.size() == 1;
  }
}
