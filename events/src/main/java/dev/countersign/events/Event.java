package dev.countersign.events;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Something that happened, as published on the topic that {@link Topics#of} names for it.
public sealed interface Event
    permits ActionProposed,
        ActionCancelled,
        Verdict,
        TicketOpened,
        TicketSeen,
        VoteSubmitted,
        VoteRecorded,
        Decision,
        Expired,
        Trust,
        Oversight,
        Notification,
        Execution,
        LateOutcome,
        Audit {

  /// The action that this is about; the Kafka key and the CloudEvents `subject`.
  ActionId actionId();

  /// When it happened by the publisher's clock; absent where a proposer did not say.
  @Nullable Instant at();

  /// The topic that it is published on.
  @JsonIgnore
  default String topic() {
    return Topics.of(this);
  }
}
