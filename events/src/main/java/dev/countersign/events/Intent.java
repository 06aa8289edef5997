package dev.countersign.events;

import org.jspecify.annotations.Nullable;

/// The agent's own words. They may raise the risk, never lower it, and are shown as unverified.
/// `confidence` is the agent's own, from 0 to 1.
public record Intent(
    @Nullable String summary,
    @Nullable String reason,
    @Nullable String expectedEffect,
    @Nullable String rollbackPlan,
    @Nullable Double confidence) {}
