package dev.countersign.gateway.inbound.mcp;

import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;

/// Our own tools, the same for everybody.
@ApplicationScoped
class ApprovalTools implements McpTools {

  private final RequestApproval requestApproval;
  private final List<McpTool> all;

  @Inject
  ApprovalTools(
      RequestApproval requestApproval, CheckApproval checkApproval, CancelApproval cancelApproval) {
    this.requestApproval = requestApproval;
    this.all = List.of(requestApproval, checkApproval, cancelApproval);
  }

  @Override
  public Uni<List<McpTool>> list(McpCaller caller) {
    return Uni.createFrom().item(all);
  }

  @Override
  public int order() {
    return 0;
  }

  McpTool requestApproval() {
    return requestApproval;
  }
}
