package dev.countersign.events;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// How an approved action ended. `attempt` counts from 1, and is 0 where nothing was attempted.
///
/// @param reportedBy whose word it is; absent where the executor itself saw it
public record Execution(
    ActionId actionId,
    Instant at,
    Status status,
    int attempt,
    @Nullable Instant startedAt,
    @Nullable Instant finishedAt,
    Digest actionDigest,
    @Nullable Result result,
    @Nullable Reason reason,
    @Nullable Reporter reportedBy)
    implements Event {

  /// What the executor itself saw.
  public Execution(
      ActionId actionId,
      Instant at,
      Status status,
      int attempt,
      @Nullable Instant startedAt,
      @Nullable Instant finishedAt,
      Digest actionDigest,
      @Nullable Result result,
      @Nullable Reason reason) {
    this(actionId, at, status, attempt, startedAt, finishedAt, actionDigest, result, reason, null);
  }

  /// Who says how it ended, in the executor's place.
  public enum Reporter {
    /// The system that ran the tool itself: it redeemed the grant, or got the command.
    @JsonProperty("tool")
    TOOL
  }

  public enum Status {
    @JsonProperty("succeeded")
    SUCCEEDED,
    @JsonProperty("failed")
    FAILED,
    @JsonProperty("precondition-failed")
    PRECONDITION_FAILED,
    @JsonProperty("refused")
    REFUSED,
    /// The effect may or may not have happened; people must find out.
    @JsonProperty("unknown")
    UNKNOWN
  }

  /// What the target answered: its code (an HTTP status, say), the digest of its body, and a
  /// summary with nothing sensitive in it.
  public record Result(String code, @Nullable Digest digest, @Nullable String summary) {}
}
