package dev.countersign.events;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// One entry of the audit log. `actionId` is absent where the logged record named none.
public record Audit(
    @Nullable ActionId actionId,
    Instant at,
    long index,
    Digest leafHash,
    JsonNode entry,
    @Nullable String checkpoint)
    implements Event {}
