package dev.countersign.events;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A bounded standing permission for a session was granted, used or revoked; `actionId` is the
/// action at which that happened.
public record Trust(
    ActionId actionId,
    Instant at,
    Change change,
    String approver,
    Agent agent,
    Tool tool,
    Bounds bounds)
    implements Event {

  public enum Change {
    @JsonProperty("granted")
    GRANTED,
    @JsonProperty("used")
    USED,
    @JsonProperty("revoked")
    REVOKED
  }

  /// What it is bounded by: calls in all, a sum (decimal string, in the currency of the tool), an
  /// end, and a CEL condition on the parameters.
  public record Bounds(
      int calls, @Nullable String sum, Instant until, @Nullable String condition) {}
}
