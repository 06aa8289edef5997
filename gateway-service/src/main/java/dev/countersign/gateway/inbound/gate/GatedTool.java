package dev.countersign.gateway.inbound.gate;

import com.fasterxml.jackson.databind.JsonNode;
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
import dev.countersign.gateway.domain.TargetResponse;
import dev.countersign.gateway.domain.UpstreamTool;
import dev.countersign.gateway.inbound.ProposalBody;
import dev.countersign.gateway.inbound.mcp.ApprovalResult;
import dev.countersign.gateway.inbound.mcp.McpAnswer;
import dev.countersign.gateway.inbound.mcp.McpCall;
import dev.countersign.gateway.inbound.mcp.McpTool;
import dev.countersign.messaging.Unavailable;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Predicate;

/// One tool of an MCP server behind the gate: a call of it is a proposal, and what its server
/// answered is the result where it was called.
record GatedTool(
    UpstreamTool upstream, String name, ProposeActions proposeActions, FollowActions followActions)
    implements McpTool {

  /// As long as `request_approval` waits at most: hosts give a call a minute, and an answer that
  /// comes sooner than that need not be asked for.
  private static final Duration WAIT = Duration.ofSeconds(45);

  @Override
  public ObjectNode descriptor() {
    return upstream.descriptor().deepCopy().put("name", name);
  }

  @Override
  public Uni<McpAnswer> call(McpCall call) {
    ActionProposed proposal;
    try {
      proposal = proposal(call);
    } catch (Bounds.OutOfBounds e) {
      return Uni.createFrom()
          .item(new McpAnswer.Complete(ApprovalResult.refused(null, e.code(), e.sentence())));
    }
    Optional<Caller.Objection> objection = call.caller().objection(upstream.tool());
    if (objection.isPresent()) {
      return Uni.createFrom()
          .item(
              new McpAnswer.Complete(
                  ApprovalResult.refused(
                      null, objection.get().code(), objection.get().sentence())));
    }
    // Whoever speaks tasks is told at once that it waits, and loses nothing by it.
    Predicate<Progress> enough =
        call.caller().tasks()
            ? it -> it.status().isFinal() || it.status() == Status.WAITING
            : it -> it.status().isFinal();
    return proposeActions
        .propose(proposal, call.traceparent())
        .chain(outcome ->
            switch (outcome) {
              case ProposeActions.Outcome.Taken it ->
                  followActions
                      .await(call.caller().who(), it.progress().actionId(), WAIT, enough)
                      .<McpAnswer>map(McpAnswer.OfAction::new);
              case ProposeActions.Outcome.Conflict it ->
                  Uni.createFrom()
                      .<McpAnswer>item(
                          new McpAnswer.Complete(
                              ApprovalResult.refused(
                                  it.progress().actionId(),
                                  "conflict",
                                  "this idempotency key stands for another call, which stays as it"
                                      + " is; send this one with a key of its own")));
            })
        .onFailure(Unavailable.class)
        .recoverWithItem(_ -> notCertain(proposal));
  }

  private ActionProposed proposal(McpCall call) throws Bounds.OutOfBounds {
    ObjectNode proposal = JsonNodeFactory.instance.objectNode();
    proposal.set("agent", EventJson.tree(call.caller().agent()));
    proposal.set("tool", EventJson.tree(upstream.tool()));
    proposal.set("parameters", call.arguments());
    proposal.put("at", Instant.now().toString());
    return ProposalBody.read(call.caller().who(), EventJson.write(proposal), call.idempotencyKey());
  }

  /// What the server answered; else how the action stands.
  @Override
  public ObjectNode result(Progress progress, Optional<TargetResponse> response) {
    return response
        .map(TargetResponse::json)
        .flatMap(json -> answered(progress, json))
        .orElseGet(() -> ApprovalResult.of(progress, response).put("isError", !isDone(progress)));
  }

  /// Whether the tool has done it: a client that looks at `isError` alone must not take a question
  /// that waits for a call that was made.
  private static boolean isDone(Progress progress) {
    return switch (progress.status()) {
      case SUCCEEDED, UNKNOWN -> !ApprovalResult.isNo(progress);
      case RECEIVED,
          WAITING,
          UNREACHABLE,
          APPROVED,
          FAILED,
          PRECONDITION_FAILED,
          REJECTED,
          DENIED,
          EXPIRED,
          CANCELLED,
          REFUSED ->
          false;
    };
  }

  /// Its content, and nothing that steers the client: a `resultType` or `inputRequests` of the
  /// server's would have it ask the person whose agent this is, or wait for a task that we don't
  /// have. What the server got wrong beside its content is left out, for the call was made: an
  /// error would have it made again.
  private static Optional<ObjectNode> answered(Progress progress, JsonNode json) {
    JsonNode said = EventJson.readTree(EventJson.write(json));
    if (!said.path("content").isArray()) {
      return Optional.empty();
    }
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    result.set("content", said.path("content"));
    if (said.hasNonNull("structuredContent")) {
      result.set("structuredContent", said.path("structuredContent"));
    }
    if (!isDone(progress)) {
      result.put("isError", true);
    } else if (said.path("isError").isBoolean()) {
      result.set("isError", said.path("isError"));
    }
    ObjectNode meta =
        said.path("_meta") instanceof ObjectNode object
            ? object
            : JsonNodeFactory.instance.objectNode();
    result.set("_meta", meta);
    meta.put("dev.countersign/action-id", progress.actionId().toString())
        .put("dev.countersign/status", progress.status().toString());
    return Optional.of(result);
  }

  private static McpAnswer notCertain(ActionProposed proposal) {
    return new McpAnswer.Complete(
        ApprovalResult.unknown(
            proposal.actionId(),
            "unavailable",
            "It is not certain that the request was filed; your agent has to look.",
            "the gateway cannot reach its database; call check_approval with this action_id before"
                + " you call the tool again"));
  }
}
