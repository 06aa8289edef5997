package dev.countersign.executor.application;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.Tool;
import org.jspecify.annotations.Nullable;

/// An execution whose intent is durable: it is ours to perform until the lease ends.
///
/// @param attempt counts from 1; together with the instance it is the fence, for every claim raises
///   it
/// @param parameters in canonical form, exactly what was digested
/// @param grant the token, where its connector hands it on; null elsewhere
public record Begun(
    ActionId actionId,
    Tool tool,
    int attempt,
    JsonNode parameters,
    @Nullable String grant,
    @Nullable String traceparent) {}
