package dev.countersign.policy.domain;

import java.util.Map;
import java.util.Set;

/// An operator's expression, compiled once and evaluated within bounds.
public interface Expression {

  /// Its value: `Boolean`, `Long`, `Double`, `String`, {@link Decimal}, `Instant`, `Duration`,
  /// {@link Absent}, or a list or map of these.
  Object value(Map<String, ?> scope) throws NotEvaluable;

  /// The variables that it reads.
  Set<String> reads();

  /// The facts that it reads by name.
  Set<String> factsRead();

  /// As the operator wrote it.
  String text();

  /// Its value where that must be yes or no.
  default boolean holds(Map<String, ?> scope) throws NotEvaluable {
    if (value(scope) instanceof Boolean answer) {
      return answer;
    }
    throw new NotEvaluable("it is neither true nor false");
  }
}
