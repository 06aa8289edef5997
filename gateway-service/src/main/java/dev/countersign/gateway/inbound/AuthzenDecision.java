package dev.countersign.gateway.inbound;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.ActionProposed;
import dev.countersign.events.EventJson;
import dev.countersign.events.Reason;
import dev.countersign.events.Verdict;

/// A verdict as the Authorization API tells it (AuthZEN 1.0, §5.5): true is allowed and nothing
/// else is. Where people must be asked it is no, in the words of the Access Request and Approval
/// Profile: a `reason`, `next_action`, and here the request to make.
final class AuthzenDecision {

  private AuthzenDecision() {}

  static ObjectNode of(ActionProposed proposal, Verdict verdict) {
    return switch (verdict) {
      case Verdict.Allowed it ->
          decision(true)
              .set(
                  "context",
                  context("allowed")
                      .put("action_digest", it.actionDigest().toString())
                      .put("policy_version", it.policyVersion().toString()));
      case Verdict.ApprovalRequired it -> {
        ObjectNode context =
            context("approval-required")
                .put("reason", "approval_required")
                .put("next_action", "request")
                .put("action_digest", it.actionDigest().toString())
                .put("policy_version", it.policyVersion().toString());
        context.set("approvals", EventJson.tree(it.requirement().quorums()));
        ObjectNode request =
            context.putObject("request").put("method", "POST").put("href", "/v1/actions");
        request.set("body", EventJson.tree(proposal));
        yield decision(false).set("context", context);
      }
      case Verdict.Denied it -> no("denied", it.reason());
      case Verdict.Refused it -> no("refused", it.reason());
    };
  }

  /// What could not be judged is not allowed.
  static ObjectNode no(String verdict, Reason reason) {
    ObjectNode context =
        context(verdict).put("reason", reason.code()).put("reason_text", reason.text());
    return decision(false).set("context", context);
  }

  private static ObjectNode context(String verdict) {
    return JsonNodeFactory.instance.objectNode().put("verdict", verdict);
  }

  private static ObjectNode decision(boolean decision) {
    return JsonNodeFactory.instance.objectNode().put("decision", decision);
  }
}
