package dev.countersign.executor.outbound;

import dev.countersign.events.ActionId;
import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import dev.countersign.events.Execution;
import dev.countersign.events.LateOutcome;
import dev.countersign.messaging.Outbox;
import dev.countersign.messaging.Outgoing;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// The one way into `late_outcome`: whichever statement notes what was said too late, its event
/// stands in the same transaction.
@ApplicationScoped
class LateOutcomes {

  private static final Logger LOG = Logger.getLogger(LateOutcomes.class);

  /// Such a statement, from what its common table expression `said` has: the action, and what was
  /// said of it.
  ///
  /// @param about which execution `e` a row `r` of `said` is about, and that it may speak of it
  /// @param reportedBy whose word it is, as an SQL expression
  static String noting(String about, String reportedBy) {
    return """
    late as (
      insert into late_outcome (action_id, status, code, summary)
      select r.action_id, r.status, r.result_code, coalesce(r.result_summary, r.reason_text)
      from said r join execution e on %s
      where e.state = 'done' and e.status <> r.status
        and r.status in ('succeeded', 'failed', 'unknown')
      on conflict do nothing
      returning *)
    select cast(row_to_json(l) as text) from (
      select late.action_id as "actionId", late.came_at as at, late.status, late.code, late.summary,
             e.action_digest as "actionDigest", e.traceparent, %s as "reportedBy"
      from late join execution e on e.action_id = late.action_id) as l
    """
        .formatted(about, reportedBy);
  }

  private record Late(
      ActionId actionId,
      Instant at,
      Execution.Status status,
      Digest actionDigest,
      @Nullable String code,
      @Nullable String summary,
      Execution.@Nullable Reporter reportedBy,
      @Nullable String traceparent) {

    Outgoing event() {
      return new Outgoing(
          new LateOutcome(actionId, at, status, actionDigest, code, summary, reportedBy),
          traceparent);
    }
  }

  private final Outbox outbox;
  private final MeterRegistry meters;

  @Inject
  LateOutcomes(Outbox outbox, MeterRegistry meters) {
    this.outbox = outbox;
    this.meters = meters;
  }

  /// Runs a statement that notes late outcomes, and appends their events to its transaction.
  Uni<Void> publish(Mutiny.StatelessSession session, Mutiny.SelectionQuery<String> statement) {
    return statement
        .getResultList()
        .map(rows ->
            rows.stream()
                .map(json -> EventJson.read(json.getBytes(StandardCharsets.UTF_8), Late.class))
                .toList())
        .call(rows -> outbox.append(session, rows.stream().map(Late::event).toList()))
        .invoke(rows -> rows.forEach(this::report))
        .replaceWithVoid();
  }

  private void report(Late late) {
    meters.counter("countersign.executor.late.outcomes").increment();
    LOG.warnf(
        "An outcome came after another answer stood; people should look actionId=%s status=%s",
        late.actionId, late.status);
  }
}
