package dev.countersign.events;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// How far a message to one person got. `recipient` is an approver's id, never an address; `step`
/// names the message (`ask`, `answer`, …); `providerId` is the channel's own id of it.
public record Notification(
    ActionId actionId,
    Instant at,
    String recipient,
    String channel,
    String step,
    Status status,
    @Nullable String providerId,
    @Nullable Reason reason)
    implements Event {

  /// How the step of a message begins that tells people once more; the number of the ladder's step
  /// follows, from 1.
  public static final String ESCALATION = "escalation-";

  public enum Status {
    @JsonProperty("queued")
    QUEUED,
    @JsonProperty("accepted")
    ACCEPTED,
    @JsonProperty("delivered")
    DELIVERED,
    @JsonProperty("seen")
    SEEN,
    @JsonProperty("failed")
    FAILED,
    @JsonProperty("escalated")
    ESCALATED
  }
}
