package dev.countersign.ticket.inbound;

import dev.countersign.events.Execution;
import dev.countersign.events.LateOutcome;
import io.quarkus.qute.RawString;
import java.time.Instant;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// How an approved action ended, as a person reads it.
///
/// @param detail what the target answered, or why it did not come to that; it goes on where `what`
///   ends
/// @param bad whether it ended otherwise than the approver meant
record ExecutionView(Instant when, String what, @Nullable RawString detail, boolean bad) {

  static ExecutionView of(Execution execution, DecideWords words, Visible visible) {
    return of(execution, what(execution, words), visible);
  }

  /// As it was before a person looked: nobody must any more.
  static ExecutionView before(Execution execution, DecideWords words, Visible visible) {
    return of(
        execution,
        execution.status() == Execution.Status.UNKNOWN
            ? words.executionWasUnknown()
            : what(execution, words),
        visible);
  }

  private static ExecutionView of(Execution execution, String what, Visible visible) {
    String detail =
        switch (execution.status()) {
          case SUCCEEDED -> answer(execution);
          case FAILED, PRECONDITION_FAILED, REFUSED, UNKNOWN ->
              execution.reason() == null ? answer(execution) : execution.reason().text();
        };
    String joint = what.contains(":") ? ". " : ": ";
    return new ExecutionView(
        when(execution),
        what,
        detail.isBlank() ? null : visible.folded(joint + detail),
        execution.status() != Execution.Status.SUCCEEDED);
  }

  static Instant when(Execution execution) {
    return Objects.requireNonNullElse(execution.finishedAt(), execution.at());
  }

  /// In a word, and whose word it is: what a tool says of itself must not look like what the
  /// executor saw.
  static String what(Execution execution, DecideWords words) {
    String what = what(execution.status(), words);
    return execution.reportedBy() == null
        ? what
        : switch (execution.reportedBy()) {
          case TOOL -> words.reportedByTool(what);
        };
  }

  /// What was said after another answer stood.
  static ExecutionView of(LateOutcome late, DecideWords words, Visible visible) {
    String what = what(late.status(), words);
    String said = late.reportedBy() == null ? words.seenLater(what) : words.saidLater(what);
    String detail =
        Stream.of(late.code(), late.summary())
            .filter(Objects::nonNull)
            .collect(Collectors.joining(", "));
    return new ExecutionView(
        late.at(), said, detail.isBlank() ? null : visible.folded(". " + detail), false);
  }

  private static String what(Execution.Status status, DecideWords words) {
    return switch (status) {
      case SUCCEEDED -> words.executed();
      case FAILED -> words.executionFailed();
      case PRECONDITION_FAILED -> words.preconditionFailed();
      case REFUSED -> words.executionRefused();
      case UNKNOWN -> words.executionUnknown();
    };
  }

  private static String answer(Execution execution) {
    Execution.Result result = execution.result();
    return result == null
        ? ""
        : Stream.of(result.code(), result.summary())
            .filter(Objects::nonNull)
            .collect(Collectors.joining(", "));
  }
}
