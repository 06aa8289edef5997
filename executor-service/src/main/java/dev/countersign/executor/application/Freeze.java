package dev.countersign.executor.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.Oversight;
import java.time.Instant;

/// Nothing of this is executed until two admins have lifted it.
///
/// @param id its own, which it also has on `oversight`
/// @param by who froze it
public record Freeze(
    ActionId id, Oversight.Frozen frozen, String by, String reason, Instant since) {}
