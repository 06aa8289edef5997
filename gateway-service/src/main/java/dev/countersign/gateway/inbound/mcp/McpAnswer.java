package dev.countersign.gateway.inbound.mcp;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.gateway.domain.Progress;

/// What a call of a tool comes to.
public sealed interface McpAnswer {

  /// A `CallToolResult` as it is to be sent.
  record Complete(ObjectNode result) implements McpAnswer {}

  /// It is for the action to say: {@link McpTool#result} of this progress is sent, or, while {@link
  /// McpTool#hasEnded} says no and the client speaks tasks, the task that stands for it.
  record OfAction(Progress progress) implements McpAnswer {}
}
