package dev.countersign.executor.domain;

import dev.countersign.events.Execution.Result;
import dev.countersign.events.Execution.Status;
import dev.countersign.events.Reason;
import org.jspecify.annotations.Nullable;

/// How an execution ended. A reason stands in it unless it succeeded.
///
/// @param response what the target answered, where its connector lets agents have it
public record Outcome(
    Status status,
    @Nullable Result result,
    @Nullable Reason reason,
    Word word,
    @Nullable Response response) {

  /// Whose word it is.
  public enum Word {
    /// What we make of this attempt, and of no earlier one.
    OURS,
    /// The operator's: this answer means so, whatever was sent before it.
    OPERATORS,
    /// That of whoever runs the tool, which is already written down.
    RECORDED
  }

  /// One whose answer, if there was any, is nobody's to read.
  public Outcome(Status status, @Nullable Result result, @Nullable Reason reason, Word word) {
    this(status, result, reason, word, null);
  }

  /// The same, with what the target answered.
  public Outcome with(@Nullable Response answered) {
    return new Outcome(status, result, reason, word, answered);
  }

  /// One of our own word.
  public Outcome(Status status, @Nullable Result result, @Nullable Reason reason) {
    this(status, result, reason, Word.OURS);
  }

  /// Refused before anything was sent.
  public static Outcome refused(Reason reason) {
    return new Outcome(Status.REFUSED, null, reason);
  }

  /// Failed, and certainly without an effect.
  public static Outcome failed(String code, String text) {
    return new Outcome(Status.FAILED, null, new Reason(code, text));
  }

  /// It may have had its effect, or not.
  public static Outcome unknown(String code, String text) {
    return new Outcome(Status.UNKNOWN, null, new Reason(code, text));
  }

  /// The same, told honestly: where an earlier attempt was begun, that this one had no effect does
  /// not say that there was none. A target that has done it once may well say no the second time.
  ///
  /// @param attempt which attempt ended so, from 1
  public Outcome afterAttempt(int attempt) {
    return switch (status) {
      case SUCCEEDED, UNKNOWN -> this;
      case FAILED, REFUSED, PRECONDITION_FAILED ->
          attempt > 1 && word == Word.OURS
              ? new Outcome(Status.UNKNOWN, result, unclear(reason), word, response)
              : this;
    };
  }

  /// That nothing was sent this time must not be read as leave to propose it anew.
  private static @Nullable Reason unclear(@Nullable Reason reason) {
    return reason == null
        ? null
        : new Reason(
            reason.code(),
            "An earlier attempt was cut off and may have taken effect: look at the target before"
                + " anything is proposed anew. Of the last attempt: "
                + reason.text());
  }
}
