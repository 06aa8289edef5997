package dev.countersign.events;

import org.jspecify.annotations.Nullable;

/// What a notification may show: the catalogue's words only, nothing sensitive and none of the
/// agent's. `shortCode` is what a person reads out to say which ticket they mean; the ticket
/// service sets it.
public record Card(String title, String target, @Nullable String shortCode) {}
