package dev.countersign.executor.application;

import dev.countersign.events.ActionId;
import dev.countersign.messaging.DeadLetter;
import dev.countersign.messaging.Handler;
import dev.countersign.messaging.Outbox;
import dev.countersign.messaging.Received;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.hibernate.reactive.mutiny.Mutiny;

/// Puts what is permitted in line, once for each action id however often it comes; and puts aside,
/// with an alarm, what pretends to be permitted.
@ApplicationScoped
public class TakeDecisions implements Handler<Incoming> {

  private final Executions executions;
  private final OpenConnectors connectors;
  private final Outbox outbox;
  private final Alarms alarms;

  @Inject
  TakeDecisions(Executions executions, OpenConnectors connectors, Outbox outbox, Alarms alarms) {
    this.executions = executions;
    this.connectors = connectors;
    this.outbox = outbox;
    this.alarms = alarms;
  }

  @Override
  public Uni<Void> handle(Mutiny.StatelessSession session, List<Received<Incoming>> batch) {
    // One statement can't touch a row twice, and of two records about one action the true one wins.
    Map<ActionId, Executions.Entry> entries = new LinkedHashMap<>();
    List<DeadLetter> letters = new ArrayList<>();
    for (Received<Incoming> received : batch) {
      switch (received.event()) {
        case Incoming.Ignored _ -> {}
        case Incoming.Permitted it -> {
          Executions.Entry entry =
              connectors.current().find(it.action().tool()).isPresent()
                  ? new Executions.Entry.Ready(
                      it.grant(), it.actionId(), it.action(), received.traceparent())
                  : new Executions.Entry.Unconnected(
                      it.grant(), it.actionId(), it.action(), received.traceparent());
          entries.merge(
              it.actionId(),
              entry,
              (known, now) -> known instanceof Executions.Entry.Suspect ? now : known);
        }
        case Incoming.Tampered it -> {
          letters.add(
              aside(
                  received,
                  "digest-mismatch",
                  "the action is not the one that the grant was given for; it was changed on the"
                      + " way and has no effect"));
          entries.putIfAbsent(
              it.grant().actionId(),
              new Executions.Entry.Suspect(it.grant(), received.traceparent()));
        }
        case Incoming.Forged it -> letters.add(aside(received, it.reason(), it.detail()));
      }
    }
    return executions
        .enter(session, List.copyOf(entries.values()))
        .chain(() -> outbox.deadLetter(session, letters));
  }

  private DeadLetter aside(Received<Incoming> received, String reason, String detail) {
    alarms.raise(reason, received.raw());
    return new DeadLetter(received.raw(), reason, detail);
  }
}
