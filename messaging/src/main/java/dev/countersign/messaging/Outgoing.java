package dev.countersign.messaging;

import dev.countersign.events.Event;
import org.jspecify.annotations.Nullable;

/// An event to publish, and the trace that it continues.
///
/// @param signature over the event as `EventJson.write` gives it, where its topic has signed events
public record Outgoing(Event event, @Nullable String traceparent, @Nullable String signature) {

  public Outgoing(Event event, @Nullable String traceparent) {
    this(event, traceparent, null);
  }
}
