package dev.countersign.gateway.inbound.mcp;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.Decision;
import dev.countersign.events.Execution;
import dev.countersign.events.Expired;
import dev.countersign.events.TicketOpened;
import dev.countersign.gateway.application.CancelAction;
import dev.countersign.gateway.application.FollowActions;
import dev.countersign.gateway.application.ReadResponse;
import dev.countersign.gateway.domain.Progress;
import dev.countersign.gateway.domain.Status;
import dev.countersign.gateway.domain.TargetResponse;
import dev.countersign.gateway.domain.Telling;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Actions as tasks (extension `io.modelcontextprotocol/tasks`, 2026-07-28). A task is the action:
/// it outlives the client and us. While people are asked it is `working` and says for whom it
/// waits, never `input_required`: that would put the question to the person whose agent asks, and
/// who is the one that may not answer it.
@ApplicationScoped
class Tasks {

  static final String EXTENSION = "io.modelcontextprotocol/tasks";
  private static final String CANCELLED = "the agent cancelled its task";

  private final FollowActions followActions;
  private final CancelAction cancelAction;
  private final ReadResponse readResponse;
  private final Tools tools;
  private final Clock clock = Clock.systemUTC();

  @Inject
  Tasks(
      FollowActions followActions,
      CancelAction cancelAction,
      ReadResponse readResponse,
      Tools tools) {
    this.followActions = followActions;
    this.cancelAction = cancelAction;
    this.readResponse = readResponse;
    this.tools = tools;
  }

  /// What a call of this tool comes to, as the client can take it: the result, or the task that
  /// stands for it until there is one.
  Uni<ObjectNode> resultOrTask(McpTool tool, McpCaller caller, Progress progress) {
    Instant now = clock.instant();
    if (caller.tasks() && !tool.hasEnded(progress, now)) {
      ObjectNode task = working(TaskId.of(progress.actionId(), tool.name(), now), progress);
      return Uni.createFrom().item(task.put("resultType", "task"));
    }
    return readResponse.of(progress).map(response -> tool.result(progress, response));
  }

  /// `tasks/get`
  Uni<ObjectNode> get(McpRequest request) {
    return task(request)
        .chain(
            id -> progress(id, request.caller()).chain(it -> describe(id, it, request.caller())));
  }

  /// `tasks/cancel`: takes the question back, which a disconnect does not. Whether it came in time
  /// is for the ticket to say.
  Uni<ObjectNode> cancel(McpRequest request) {
    return task(request)
        .chain(id -> cancelAction.cancel(request.caller().who(), id.actionId(), CANCELLED))
        .chain(outcome ->
            outcome instanceof CancelAction.Outcome.Unknown
                ? noSuchTask()
                : Uni.createFrom().item(JsonNodeFactory.instance.objectNode()));
  }

  /// `tasks/update`: we never ask the client for anything, so there is nothing outstanding to
  /// answer.
  Uni<ObjectNode> update(McpRequest request) {
    return task(request)
        .chain(id -> progress(id, request.caller()))
        .map(_ -> JsonNodeFactory.instance.objectNode());
  }

  private static Uni<TaskId> task(McpRequest request) {
    if (!request.caller().tasks()) {
      return Uni.createFrom().failure(RpcError.needsTasks());
    }
    return TaskId.find(request.params().path("taskId").textValue())
        .map(it -> Uni.createFrom().item(it))
        .orElseGet(Tasks::noSuchTask);
  }

  private static <T> Uni<T> noSuchTask() {
    return Uni.createFrom()
        .failure(RpcError.invalidParams("Task not found; check taskId, or call the tool again"));
  }

  private Uni<Progress> progress(TaskId id, McpCaller caller) {
    return followActions
        .await(caller.who(), id.actionId(), Duration.ZERO)
        .onItem()
        .ifNull()
        .switchTo(Tasks::noSuchTask);
  }

  private Uni<ObjectNode> describe(TaskId id, Progress progress, McpCaller caller) {
    return Uni.combine()
        .all()
        .unis(tools.orOurs(id.tool(), caller), readResponse.of(progress))
        .asTuple()
        .map(it -> describe(id, progress, it.getItem1(), it.getItem2()));
  }

  private ObjectNode describe(
      TaskId id, Progress progress, McpTool tool, Optional<TargetResponse> response) {
    ObjectNode task = working(id, progress);
    if (progress.status() == Status.CANCELLED) {
      return task.put("status", "cancelled");
    }
    if (tool.hasEnded(progress, clock.instant())) {
      task.put("status", "completed").set("result", tool.result(progress, response));
    }
    return task;
  }

  private static ObjectNode working(TaskId id, Progress progress) {
    ObjectNode task =
        JsonNodeFactory.instance
            .objectNode()
            .put("taskId", id.toString())
            .put("status", "working")
            .put("statusMessage", Telling.of(progress))
            .put("createdAt", id.createdAt().toString())
            .put("lastUpdatedAt", lastChange(progress, id.createdAt()).toString())
            .putNull("ttlMs");
    Integer seconds = NextStep.retryAfter(progress);
    if (seconds != null) {
      task.put("pollIntervalMs", Duration.ofSeconds(seconds).toMillis());
    }
    return task;
  }

  private static Instant lastChange(Progress progress, Instant createdAt) {
    TicketOpened ticket = progress.ticket();
    Decision decision = progress.decision();
    Expired expired = progress.expired();
    Execution execution = progress.execution();
    return Stream.of(
            Optional.of(createdAt),
            at(ticket == null ? null : ticket.at()),
            at(progress.seenAt()),
            at(progress.cancelAskedAt()),
            at(decision == null ? null : decision.at()),
            at(expired == null ? null : expired.at()),
            at(execution == null ? null : execution.at()))
        .flatMap(Optional::stream)
        .max(Instant::compareTo)
        .orElse(createdAt);
  }

  private static Optional<Instant> at(@Nullable Instant instant) {
    return Optional.ofNullable(instant);
  }
}
