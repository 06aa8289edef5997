package dev.countersign.gateway.inbound.mcp;

import dev.countersign.events.Agent;

/// Who calls, and what its client understands.
///
/// @param agent as proposals of this caller name it; see {@link McpAgent}
/// @param tasks the client declared the extension `io.modelcontextprotocol/tasks`
public record McpCaller(Agent agent, Revision revision, boolean tasks) {}
