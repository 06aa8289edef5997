package dev.countersign.events;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// The proposer takes its question back. `by` is who says so, as the publisher names them.
public record ActionCancelled(
    ActionId actionId, @Nullable Instant at, @Nullable String by, @Nullable String reason)
    implements Event {}
