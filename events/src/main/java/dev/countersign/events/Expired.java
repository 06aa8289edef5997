package dev.countersign.events;

import java.time.Instant;

/// The deadline passed, so the answer is no.
public record Expired(ActionId actionId, Instant at, Reason reason) implements Event {}
