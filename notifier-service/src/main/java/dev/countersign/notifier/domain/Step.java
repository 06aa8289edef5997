package dev.countersign.notifier.domain;

import dev.countersign.events.Notification;

/// Which message of a thread it is.
///
/// @param number which step of the ladder, from 1; 0 for every other kind
public record Step(Kind kind, int number) {

  /// What a message is for.
  public enum Kind {
    /// The question.
    ASK,
    /// The question again, where nobody knows whether the first was delivered.
    REMINDER,
    /// The question again, for so much of its time is over.
    ESCALATION,
    /// How it ended.
    ANSWER
  }

  public static final Step ASK = new Step(Kind.ASK, 0);
  public static final Step REMINDER = new Step(Kind.REMINDER, 0);
  public static final Step ANSWER = new Step(Kind.ANSWER, 0);

  public Step {
    if (kind == Kind.ESCALATION ? number < 1 : number != 0) {
      throw new IllegalArgumentException("the steps of a ladder are counted from 1, nothing else");
    }
  }

  /// A step of the ladder, from 1.
  public static Step escalation(int number) {
    return new Step(Kind.ESCALATION, number);
  }

  /// As it stands in the database and on the topic.
  public String code() {
    return switch (kind) {
      case ASK -> "ask";
      case REMINDER -> "reminder";
      case ESCALATION -> Notification.ESCALATION + number;
      case ANSWER -> "answer";
    };
  }

  /// Throws `IllegalArgumentException` for a code that is none.
  public static Step of(String code) {
    return switch (code) {
      case "ask" -> ASK;
      case "reminder" -> REMINDER;
      case "answer" -> ANSWER;
      default -> {
        if (!code.startsWith(Notification.ESCALATION)) {
          throw new IllegalArgumentException("no such step: " + code);
        }
        yield escalation(Integer.parseInt(code.substring(Notification.ESCALATION.length())));
      }
    };
  }
}
