package dev.countersign.gateway.inbound.mcp;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.ActionProposed;
import dev.countersign.events.Bounds;
import dev.countersign.events.EventJson;
import dev.countersign.gateway.application.FollowActions;
import dev.countersign.gateway.application.ProposeActions;
import dev.countersign.gateway.domain.Caller;
import dev.countersign.gateway.domain.Progress;
import dev.countersign.gateway.domain.Status;
import dev.countersign.gateway.inbound.ProposalBody;
import dev.countersign.messaging.Unavailable;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// `request_approval`: files a proposal and says for whom it waits, or at once how it ended.
@ApplicationScoped
class RequestApproval implements McpTool {

  static final String NAME = "request_approval";
  private static final Set<String> ARGUMENTS =
      Set.of(
          "toolset",
          "tool",
          "parameters",
          "reason",
          "expected_effect",
          "rollback_plan",
          "idempotency_key",
          "session",
          "wait_seconds");

  /// Until it is known who is asked: machines' time, and no matter of `wait_seconds`.
  private static final Duration SETTLING = Duration.ofSeconds(5);

  /// What a task's caller is kept waiting for the outcome after the answer: most calls take less,
  /// and a grant must reach those who run the tool themselves while it is good.
  private static final Duration CARRYING_OUT = Duration.ofSeconds(10);

  private final ProposeActions proposeActions;
  private final FollowActions followActions;
  private final ObjectNode descriptor = Descriptors.of(NAME);
  private final Clock clock = Clock.systemUTC();

  @Inject
  RequestApproval(ProposeActions proposeActions, FollowActions followActions) {
    this.proposeActions = proposeActions;
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

  /// The answer is what was asked for, and the outcome comes with it where it comes soon.
  @Override
  public boolean hasEnded(Progress progress, Instant now) {
    return progress.status().isFinal()
        || (progress.decision() != null
            && progress.status() == Status.APPROVED
            && now.isAfter(progress.decision().at().plus(CARRYING_OUT)));
  }

  @Override
  public Uni<McpAnswer> call(McpCall call) {
    ActionProposed proposal;
    Duration wait;
    try {
      Arguments arguments = Arguments.of(call, ARGUMENTS);
      wait = arguments.seconds("wait_seconds");
      proposal = proposal(arguments, call.caller());
    } catch (Arguments.Wrong e) {
      return refused("arguments", e.sentence());
    } catch (Bounds.OutOfBounds e) {
      return refused(e.code(), e.sentence());
    }
    Optional<Caller.Objection> objection = call.caller().objection(proposal.tool());
    if (objection.isPresent()) {
      return refused(objection.get().code(), objection.get().sentence());
    }
    return proposeActions
        .propose(proposal, call.traceparent())
        .chain(outcome ->
            switch (outcome) {
              case ProposeActions.Outcome.Taken it ->
                  settled(call.caller().who(), it.progress(), wait).map(McpAnswer.OfAction::new);
              case ProposeActions.Outcome.Conflict it -> conflict(it.progress());
            })
        .onFailure(Unavailable.class)
        // With the id, so that a proposer whose id we drew can send the same again.
        .recoverWithItem(_ -> notCertain(proposal));
  }

  private ActionProposed proposal(Arguments arguments, McpCaller caller)
      throws Arguments.Wrong, Bounds.OutOfBounds {
    ObjectNode proposal = JsonNodeFactory.instance.objectNode();
    proposal.set(
        "agent", EventJson.tree(McpAgent.inSession(caller.agent(), arguments.text("session"))));
    proposal
        .putObject("tool")
        .put("toolset", arguments.required("toolset"))
        .put("name", arguments.required("tool"));
    proposal.set("parameters", arguments.object("parameters"));
    ObjectNode intent = proposal.putObject("intent");
    put(intent, "reason", arguments.text("reason"));
    put(intent, "expectedEffect", arguments.text("expected_effect"));
    put(intent, "rollbackPlan", arguments.text("rollback_plan"));
    proposal.put("at", clock.instant().toString());
    return ProposalBody.read(
        caller.who(), EventJson.write(proposal), arguments.text("idempotency_key"));
  }

  private static void put(ObjectNode intent, String member, @Nullable String text) {
    if (text != null) {
      intent.put(member, text);
    }
  }

  private Uni<Progress> settled(Caller caller, Progress taken, Duration wait) {
    Uni<Progress> settled =
        followActions.await(
            caller, taken.actionId(), SETTLING, it -> it.status() != Status.RECEIVED);
    return wait.isZero() || taken.status().isFinal()
        ? settled
        : settled.chain(it ->
            it.status().isFinal()
                ? Uni.createFrom().item(it)
                : followActions.await(caller, it.actionId(), wait, FollowActions.later()));
  }

  private static Uni<McpAnswer> refused(String code, String sentence) {
    return Uni.createFrom()
        .item(new McpAnswer.Complete(ApprovalResult.refused(null, code, sentence)));
  }

  private static Uni<McpAnswer> conflict(Progress progress) {
    return Uni.createFrom()
        .item(
            new McpAnswer.Complete(
                ApprovalResult.refused(
                    progress.actionId(),
                    "conflict",
                    "this idempotency_key stands for another action, which stays as it is;"
                        + " request this one with a key of its own")));
  }

  private static McpAnswer notCertain(ActionProposed proposal) {
    return new McpAnswer.Complete(
        ApprovalResult.unknown(
            proposal.actionId(),
            "unavailable",
            "It is not certain that the request was filed; your agent has to send it again.",
            "the gateway cannot reach its database; call request_approval again with the same"
                + " arguments and this action_id as idempotency_key, it counts once"));
  }
}
