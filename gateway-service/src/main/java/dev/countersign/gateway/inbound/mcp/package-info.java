/// The agents' door for hosts that speak the Model Context Protocol: `/mcp`, Streamable HTTP, a
/// thin JSON-RPC layer over the same use cases as REST. It keeps nothing: whatever a call waits for
/// is an action, and the action's id is all that a caller needs to come back with.
@NullMarked
package dev.countersign.gateway.inbound.mcp;

import org.jspecify.annotations.NullMarked;
