package dev.countersign.messaging;

import dev.countersign.events.Event;
import org.jspecify.annotations.Nullable;

/// An event to publish, and the trace that it continues.
public record Outgoing(Event event, @Nullable String traceparent) {}
