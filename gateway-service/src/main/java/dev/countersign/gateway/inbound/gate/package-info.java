/// The gate in front of MCP servers: their tools stand at `/mcp` beside ours, and a call of one is
/// a proposal like any other.
@NullMarked
package dev.countersign.gateway.inbound.gate;

import org.jspecify.annotations.NullMarked;
