package dev.countersign.events;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;

/// A vote that came in through a channel; `proof` is the vendor's signed callback.
public record VoteSubmitted(
    ActionId actionId, Instant at, String approver, String channel, Answer answer, JsonNode proof)
    implements Event {}
