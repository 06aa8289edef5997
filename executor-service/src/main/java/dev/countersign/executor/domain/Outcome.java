package dev.countersign.executor.domain;

import dev.countersign.events.Execution.Result;
import dev.countersign.events.Execution.Status;
import dev.countersign.events.Reason;
import org.jspecify.annotations.Nullable;

/// How an execution ended. A reason stands in it unless it succeeded.
///
/// @param recorded whether whoever told us has already written it down
public record Outcome(
    Status status, @Nullable Result result, @Nullable Reason reason, boolean recorded) {

  /// One that nobody has written down yet.
  public Outcome(Status status, @Nullable Result result, @Nullable Reason reason) {
    this(status, result, reason, false);
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

  /// The same, told honestly: where an earlier attempt was begun, this one's failure to send
  /// anything does not say that there was no effect.
  ///
  /// @param attempt which attempt ended so, from 1
  public Outcome afterAttempt(int attempt) {
    return attempt > 1 && status == Status.FAILED && result == null
        ? new Outcome(Status.UNKNOWN, null, reason, recorded)
        : this;
  }
}
