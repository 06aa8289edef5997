package dev.countersign.notifier.domain;

/// Which message of a thread it is.
public enum Step {
  /// The question.
  ASK,
  /// The question again, where nobody knows whether the first was delivered.
  REMINDER,
  /// How it ended.
  ANSWER;

  /// As it stands in the database and on the topic.
  public String code() {
    return switch (this) {
      case ASK -> "ask";
      case REMINDER -> "reminder";
      case ANSWER -> "answer";
    };
  }

  /// Throws `IllegalArgumentException` for a code that is none.
  public static Step of(String code) {
    for (Step step : values()) {
      if (step.code().equals(code)) {
        return step;
      }
    }
    throw new IllegalArgumentException("no such step: " + code);
  }
}
