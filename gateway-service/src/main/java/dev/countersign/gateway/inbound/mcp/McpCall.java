package dev.countersign.gateway.inbound.mcp;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/// One `tools/call`.
///
/// @param arguments an empty object where the client sent none
/// @param idempotencyKey `dev.countersign/idempotency-key` of `_meta`, where the host sent one
/// @param traceparent W3C trace context, from the header or from `_meta`
public record McpCall(
    McpCaller caller,
    ObjectNode arguments,
    @Nullable String idempotencyKey,
    @Nullable String traceparent) {}
