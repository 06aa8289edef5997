package dev.countersign.gateway.inbound.mcp;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.ActionId;
import dev.countersign.gateway.application.FollowActions;
import dev.countersign.gateway.domain.Progress;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;

/// `check_approval`: how an action stands, when it gets on or the time to wait is over.
@ApplicationScoped
class CheckApproval implements McpTool {

  private static final String NAME = "check_approval";
  private static final Set<String> ARGUMENTS = Set.of("action_id", "wait_seconds");

  private final FollowActions followActions;
  private final ObjectNode descriptor = Descriptors.of(NAME);

  @Inject
  CheckApproval(FollowActions followActions) {
    this.followActions = followActions;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public ObjectNode descriptor() {
    return descriptor;
  }

  /// How it stands is all that was asked for, and is known: never a task.
  @Override
  public boolean hasEnded(Progress progress, Instant now) {
    return true;
  }

  @Override
  public Uni<McpAnswer> call(McpCall call) {
    ActionId actionId;
    Duration wait;
    try {
      Arguments arguments = Arguments.of(call, ARGUMENTS);
      actionId = arguments.actionId("action_id");
      wait = arguments.seconds("wait_seconds");
    } catch (Arguments.Wrong e) {
      return Uni.createFrom().item(wrong(e));
    }
    return followActions
        .await(call.caller().who(), actionId, wait)
        .map(it -> it == null ? noSuchAction(actionId) : new McpAnswer.OfAction(it));
  }

  static McpAnswer noSuchAction(ActionId actionId) {
    return new McpAnswer.Complete(
        ApprovalResult.unknown(
            actionId,
            "no-such-action",
            "Nothing is known of this request.",
            "nothing is known of this action_id; check it, or call request_approval"));
  }

  static McpAnswer wrong(Arguments.Wrong why) {
    return new McpAnswer.Complete(
        ApprovalResult.unknown(
            null, "arguments", "Your agent has to ask once more.", why.sentence()));
  }
}
