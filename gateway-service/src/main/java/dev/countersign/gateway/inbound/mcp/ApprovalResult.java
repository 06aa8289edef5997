package dev.countersign.gateway.inbound.mcp;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.Decision;
import dev.countersign.events.EventJson;
import dev.countersign.events.Oversight;
import dev.countersign.events.Reason;
import dev.countersign.events.TicketOpened;
import dev.countersign.gateway.domain.Progress;
import dev.countersign.gateway.domain.Status;
import dev.countersign.gateway.domain.TargetResponse;
import dev.countersign.gateway.domain.Telling;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How an action stands as a `CallToolResult`: the same object as `structuredContent` and, for
/// hosts that know none, as text. Members that do not apply are absent. `isError` says that the
/// action was not done, or not for certain: a model must not take a no for a yes.
public final class ApprovalResult {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private ApprovalResult() {}

  /// The action as it stands, with what its target answered where that is there.
  public static ObjectNode of(Progress progress, Optional<TargetResponse> response) {
    return result(said(progress, response), isNo(progress));
  }

  /// What could not be filed as it was asked for; the sentence tells the model what to correct.
  public static ObjectNode refused(@Nullable ActionId actionId, String code, String sentence) {
    ObjectNode said = JSON.objectNode().put("status", Status.REFUSED.toString());
    return error(
        said, actionId, code, "The request was not filed; your agent has to correct it.", sentence);
  }

  /// What is not known, so that there is no status to tell.
  public static ObjectNode unknown(
      @Nullable ActionId actionId, String code, String sayToUser, String sentence) {
    return error(JSON.objectNode(), actionId, code, sayToUser, sentence);
  }

  private static ObjectNode error(
      ObjectNode said,
      @Nullable ActionId actionId,
      String code,
      String sayToUser,
      String sentence) {
    if (actionId != null) {
      said.put("action_id", actionId.toString());
    }
    said.put("say_to_user", sayToUser).putObject("reason").put("code", code).put("text", sentence);
    return result(said, true);
  }

  /// These members, said twice.
  static ObjectNode result(ObjectNode said, boolean isError) {
    ObjectNode result = JSON.objectNode();
    result
        .putArray("content")
        .addObject()
        .put("type", "text")
        .put("text", new String(EventJson.write(said), StandardCharsets.UTF_8));
    result.set("structuredContent", said);
    return result.put("isError", isError);
  }

  static ObjectNode said(Progress progress, Optional<TargetResponse> response) {
    Status status = progress.status();
    ObjectNode said =
        JSON.objectNode()
            .put("status", status.toString())
            .put("action_id", progress.actionId().toString())
            .put("say_to_user", Telling.of(progress))
            .put("next", NextStep.of(progress));
    // Under a conflict the answer, and above all the grant, is for another action than was asked.
    if (!progress.isConflict()) {
      ticket(said, progress);
      answer(said, progress);
    }
    Reason reason = progress.reason();
    if (reason != null) {
      said.set("reason", EventJson.tree(reason));
    }
    response.ifPresent(it -> said.set("response", EventJson.tree(it)));
    Integer seconds = NextStep.retryAfter(progress);
    if (seconds != null) {
      said.put("retry_after", seconds);
    }
    return said;
  }

  private static void ticket(ObjectNode said, Progress progress) {
    TicketOpened open = progress.ticket();
    if (open == null) {
      return;
    }
    said.put("ticket", open.link().toString());
    Status status = progress.status();
    if (status == Status.WAITING || status == Status.UNREACHABLE) {
      if (open.card().shortCode() != null) {
        said.put("short_code", open.card().shortCode());
      }
      said.put("deadline", open.expiresAt().toString());
      ArrayNode people = said.putArray("waiting_for");
      open.requirement()
          .quorums()
          .forEach(it -> people.add(it.count() + " of " + String.join(" or ", it.groups())));
    }
    if (progress.seenAt() != null) {
      said.put("seen_at", progress.seenAt().toString());
    }
  }

  private static void answer(ObjectNode said, Progress progress) {
    Decision decision = progress.decision();
    if (decision != null && decision.grant() != null) {
      said.put("grant", decision.grant());
    }
    if (progress.execution() != null) {
      said.set("execution", EventJson.tree(progress.execution()));
    }
    progress.finding().ifPresent(it -> said.set("finding", EventJson.tree(it.finding())));
    if (progress.cancelAskedAt() != null) {
      said.put("cancel_asked_at", progress.cancelAskedAt().toString());
    }
  }

  /// Whether it was not done, or not for certain; false while nobody knows.
  public static boolean isNo(Progress progress) {
    return switch (progress.status()) {
      case RECEIVED, WAITING, UNREACHABLE, APPROVED, SUCCEEDED -> false;
      case FAILED, PRECONDITION_FAILED, REJECTED, DENIED, EXPIRED, CANCELLED, REFUSED -> true;
      case UNKNOWN ->
          progress.finding().filter(it -> it.finding() == Oversight.Finding.TOOK_EFFECT).isEmpty();
    };
  }
}
