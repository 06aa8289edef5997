package dev.countersign.events;

import dev.countersign.events.Execution.Reporter;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What was said of how an action ended after another answer stood already. The `execution` stays,
/// for an action has one; this is for people, who find out.
///
/// @param status succeeded, failed or unknown: what was not begun is not said later
/// @param code as an execution's result has it, where one was said
/// @param summary with nothing sensitive in it
/// @param reportedBy whose word it is; absent where the executor itself saw it
public record LateOutcome(
    ActionId actionId,
    Instant at,
    Execution.Status status,
    Digest actionDigest,
    @Nullable String code,
    @Nullable String summary,
    @Nullable Reporter reportedBy)
    implements Event {

  public LateOutcome {
    switch (status) {
      case SUCCEEDED, FAILED, UNKNOWN -> {}
      case PRECONDITION_FAILED, REFUSED ->
          throw new IllegalArgumentException("status of what was not begun is not said later");
    }
  }
}
