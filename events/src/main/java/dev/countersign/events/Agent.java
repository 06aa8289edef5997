package dev.countersign.events;

import org.jspecify.annotations.Nullable;

/// Who asks: the agent, the platform that runs it, its run, the person or office it acts for, and
/// whom it belongs to. Neither of the last two may answer for it.
public record Agent(
    String id,
    @Nullable String platform,
    @Nullable String session,
    @Nullable String onBehalfOf,
    @Nullable String owner) {

  /// An agent whose owner is not said.
  public Agent(
      String id, @Nullable String platform, @Nullable String session, @Nullable String onBehalfOf) {
    this(id, platform, session, onBehalfOf, null);
  }
}
