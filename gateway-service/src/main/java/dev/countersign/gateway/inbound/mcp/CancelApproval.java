package dev.countersign.gateway.inbound.mcp;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.ActionId;
import dev.countersign.gateway.application.CancelAction;
import dev.countersign.gateway.application.FollowActions;
import dev.countersign.gateway.domain.Caller;
import dev.countersign.gateway.domain.Progress;
import dev.countersign.gateway.domain.Status;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// `cancel_approval`: takes the question back. Once there is an answer it stands.
@ApplicationScoped
class CancelApproval implements McpTool {

  private static final String NAME = "cancel_approval";
  private static final Set<String> ARGUMENTS = Set.of("action_id", "reason");
  private static final int LONGEST_REASON = 1_000;

  /// Until the ticket has said whether it came in time.
  private static final Duration SETTLING = Duration.ofSeconds(5);

  private final CancelAction cancelAction;
  private final FollowActions followActions;
  private final ObjectNode descriptor = Descriptors.of(NAME);

  @Inject
  CancelApproval(CancelAction cancelAction, FollowActions followActions) {
    this.cancelAction = cancelAction;
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

  @Override
  public Uni<McpAnswer> call(McpCall call) {
    ActionId actionId;
    String reason;
    try {
      Arguments arguments = Arguments.of(call, ARGUMENTS);
      actionId = arguments.actionId("action_id");
      reason = reason(arguments);
    } catch (Arguments.Wrong e) {
      return Uni.createFrom().item(CheckApproval.wrong(e));
    }
    return cancelAction
        .cancel(call.caller().who(), actionId, reason)
        .chain(outcome ->
            switch (outcome) {
              case CancelAction.Outcome.Asked it -> settled(call.caller().who(), it.progress());
              case CancelAction.Outcome.TooLate it -> Uni.createFrom().item(stands(it.progress()));
              case CancelAction.Outcome.Unknown _ ->
                  Uni.createFrom().item(CheckApproval.noSuchAction(actionId));
            });
  }

  private static @Nullable String reason(Arguments arguments) throws Arguments.Wrong {
    String reason = arguments.text("reason");
    if (reason != null && reason.length() > LONGEST_REASON) {
      throw new Arguments.Wrong("reason has more than 1,000 characters; shorten it");
    }
    return reason;
  }

  private Uni<McpAnswer> settled(Caller caller, Progress asked) {
    return followActions
        .await(caller, asked.actionId(), SETTLING, Progress::isAnswered)
        .map(it -> it.isAnswered() && it.status() != Status.CANCELLED ? stands(it) : done(it));
  }

  /// Cancelled is what was wanted; that the answer is still out is no error either.
  private static McpAnswer done(Progress progress) {
    return new McpAnswer.Complete(
        ApprovalResult.result(ApprovalResult.said(progress, Optional.empty()), false));
  }

  private static McpAnswer stands(Progress progress) {
    return new McpAnswer.Complete(
        ApprovalResult.result(
            ApprovalResult.said(progress, Optional.empty())
                .put(
                    "next",
                    "There was an answer already, and it stands: nothing was cancelled. Tell your"
                        + " user; check_approval says how it goes on."),
            progress.status() != Status.CANCELLED));
  }
}
