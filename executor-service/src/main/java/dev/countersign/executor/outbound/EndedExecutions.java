package dev.countersign.executor.outbound;

import dev.countersign.events.ActionId;
import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import dev.countersign.events.Execution;
import dev.countersign.events.Reason;
import dev.countersign.executor.application.Begun;
import dev.countersign.messaging.Outbox;
import dev.countersign.messaging.Outgoing;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// The one way into `done`: whichever statement ends executions, their events stand in its
/// transaction.
@ApplicationScoped
class EndedExecutions {

  /// What such a statement returns of its common table expression `finished`.
  static final String FINISHED =
      """
      select cast(row_to_json(f) as text) from (
        select action_id as "actionId", attempt, started_at as "startedAt",
               finished_at as "finishedAt", action_digest as "actionDigest", status,
               result_code as "resultCode", result_digest as "resultDigest",
               result_summary as "resultSummary", reason_code as "reasonCode",
               reason_text as "reasonText", traceparent,
               case instance when 'reported' then 'tool' end as "reportedBy"
        from finished) as f
      """;

  record Ended(
      ActionId actionId,
      int attempt,
      @Nullable Instant startedAt,
      Instant finishedAt,
      Digest actionDigest,
      Execution.Status status,
      @Nullable String resultCode,
      @Nullable Digest resultDigest,
      @Nullable String resultSummary,
      @Nullable String reasonCode,
      @Nullable String reasonText,
      @Nullable String traceparent,
      Execution.@Nullable Reporter reportedBy) {

    Outgoing event() {
      Execution execution =
          new Execution(
              actionId,
              finishedAt,
              status,
              attempt,
              startedAt,
              finishedAt,
              actionDigest,
              resultCode == null
                  ? null
                  : new Execution.Result(resultCode, resultDigest, resultSummary),
              reasonCode == null || reasonText == null ? null : new Reason(reasonCode, reasonText),
              reportedBy);
      return new Outgoing(execution, traceparent);
    }
  }

  /// Which attempts ended these.
  static Set<Begun.Attempt> keys(List<Ended> written) {
    return written.stream()
        .map(each -> new Begun.Attempt(each.actionId, each.attempt))
        .collect(Collectors.toUnmodifiableSet());
  }

  private final Outbox outbox;
  private final MeterRegistry meters;

  @Inject
  EndedExecutions(Outbox outbox, MeterRegistry meters) {
    this.outbox = outbox;
    this.meters = meters;
  }

  /// Runs a statement that ends executions, and appends their events to its transaction.
  Uni<List<Ended>> publish(
      Mutiny.StatelessSession session, Mutiny.SelectionQuery<String> statement) {
    return statement
        .getResultList()
        .map(rows ->
            rows.stream()
                .map(json -> EventJson.read(json.getBytes(StandardCharsets.UTF_8), Ended.class))
                .toList())
        .call(rows -> outbox.append(session, rows.stream().map(Ended::event).toList()))
        .invoke(rows ->
            rows.forEach(row ->
                meters.counter("countersign.executions", "status", row.status.name()).increment()));
  }
}
