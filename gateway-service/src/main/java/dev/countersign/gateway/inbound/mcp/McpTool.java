package dev.countersign.gateway.inbound.mcp;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.gateway.domain.Progress;
import dev.countersign.gateway.domain.TargetResponse;
import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.util.Optional;

/// A tool at `/mcp`: what `tools/list` says of it and what `tools/call` does.
public interface McpTool {

  /// By which it is called: unique among the tools that a caller sees.
  String name();

  /// Its entry in `tools/list`: `name`, `description`, `inputSchema` and what else it has, but for
  /// `x-mcp-header` in the schema: parameters that are repeated in headers would have to be held
  /// against them, and are not.
  ObjectNode descriptor();

  /// Runs one call and holds no thread while it waits. Arguments that are no good are an {@link
  /// McpAnswer.Complete} with `isError` and a sentence that the model can act on; a failure of the
  /// {@link Uni} is ours, and becomes a JSON-RPC error.
  Uni<McpAnswer> call(McpCall call);

  /// The `CallToolResult` about an action that a call of this tool filed, as it stands: the end of
  /// it, or that it waits, for whom and until when.
  default ObjectNode result(Progress progress, Optional<TargetResponse> response) {
    return ApprovalResult.of(progress, response);
  }

  /// Whether there is nothing more for this tool's caller to wait for. Until then an action is told
  /// of as a task that is `working`, where the client speaks tasks.
  default boolean hasEnded(Progress progress, Instant now) {
    return progress.status().isFinal();
  }
}
