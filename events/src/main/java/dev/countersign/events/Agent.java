package dev.countersign.events;

import org.jspecify.annotations.Nullable;

/// Who asks: the agent, the platform that runs it, its run, and the person or office it acts for.
public record Agent(
    String id, @Nullable String platform, @Nullable String session, @Nullable String onBehalfOf) {}
