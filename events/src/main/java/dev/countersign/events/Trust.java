package dev.countersign.events;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A bounded standing permission for a session was granted, used or revoked; `actionId` is the
/// action at which that happened. What used it has a decision of basis `trust`.
///
/// @param trustId which one: the action whose vote gave it; so granting, uses and end can be joined
/// @param permission all of what was permitted, whose digest the vote was signed over; on `granted`
/// @param used what has been used of it so far, this use included; on `used` and `revoked`
/// @param by who revoked it, by id; on `revoked`
public record Trust(
    ActionId actionId,
    Instant at,
    Change change,
    String approver,
    Agent agent,
    Tool tool,
    Bounds bounds,
    @Nullable ActionId trustId,
    @Nullable StandingPermission permission,
    @Nullable Used used,
    @Nullable String by)
    implements Event {

  public enum Change {
    @JsonProperty("granted")
    GRANTED,
    @JsonProperty("used")
    USED,
    @JsonProperty("revoked")
    REVOKED
  }

  /// What it is bounded by, as it was granted: calls in all, a sum (decimal string, in the currency
  /// of the tool), an end, and a condition in words.
  public record Bounds(
      int calls, @Nullable String sum, Instant until, @Nullable String condition) {}

  /// How many calls, and what their amounts come to where a sum bounds them.
  public record Used(int calls, @Nullable String sum) {}
}
