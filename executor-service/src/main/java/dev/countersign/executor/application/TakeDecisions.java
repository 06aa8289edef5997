package dev.countersign.executor.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.Reason;
import dev.countersign.executor.domain.Approvers;
import dev.countersign.executor.domain.Connector;
import dev.countersign.executor.domain.Floor;
import dev.countersign.executor.domain.KafkaConnector;
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
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// Puts what is permitted in line, once for each action id however often it comes; and puts aside,
/// with an alarm, what pretends to be permitted.
@ApplicationScoped
public class TakeDecisions implements Handler<Incoming> {

  // A key stays for as long as what it signed can live, and minutes more.
  private static final Reason OVER =
      new Reason(
          "grant-expired",
          "The grant ended before the action could be run. Nothing was run; propose it anew.");

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
        case Incoming.Permitted it ->
            entries.merge(
                it.actionId(), entry(it, received.traceparent()), TakeDecisions::theTrueOne);
        case Incoming.Outlived it ->
            entries.merge(
                it.actionId(),
                new Executions.Entry.Refused(
                    it.grant(), it.actionId(), it.action(), OVER, received.traceparent()),
                TakeDecisions::theTrueOne);
        case Incoming.Tampered it -> {
          letters.add(aside(received, it.reason(), it.detail()));
          entries.putIfAbsent(
              it.grant().actionId(),
              new Executions.Entry.Suspect(it.grant(), it.reason(), received.traceparent()));
        }
        case Incoming.Forged it -> letters.add(aside(received, it.reason(), it.detail()));
      }
    }
    return executions
        .enter(session, List.copyOf(entries.values()))
        .chain(() -> outbox.deadLetter(session, letters));
  }

  private static Executions.Entry theTrueOne(Executions.Entry known, Executions.Entry now) {
    return known instanceof Executions.Entry.Suspect ? now : known;
  }

  private Executions.Entry entry(Incoming.Permitted it, @Nullable String traceparent) {
    Optional<Connector> connector = connectors.current().find(it.action().tool());
    if (connector.isEmpty()) {
      return refused(
          it,
          new Reason(
              "no-connector",
              "No connector runs "
                  + it.action().tool()
                  + ". Nothing was run; add it to connectors.yaml and propose the action anew."),
          traceparent);
    }
    Floor floor = connector.get().requires();
    // A session's trust is a vote about another action.
    Approvers approvers = it.byTrust() ? Approvers.NONE : Approvers.of(it.grant().approvals());
    if (!floor.isReachedBy(approvers)) {
      // Either a policy slipped, or somebody forged what led here: people should look.
      Reason reason = floor.tooFew();
      alarms.raise(reason.code(), it.actionId());
      return refused(it, reason, traceparent);
    }
    String token = connector.get() instanceof KafkaConnector ? it.token() : null;
    return new Executions.Entry.Ready(
        it.grant(), it.actionId(), it.action(), approvers, token, traceparent);
  }

  private static Executions.Entry refused(
      Incoming.Permitted it, Reason reason, @Nullable String traceparent) {
    return new Executions.Entry.Refused(
        it.grant(), it.actionId(), it.action(), reason, traceparent);
  }

  private DeadLetter aside(Received<Incoming> received, String reason, String detail) {
    alarms.raise(reason, received.raw());
    return new DeadLetter(received.raw(), reason, detail);
  }
}
