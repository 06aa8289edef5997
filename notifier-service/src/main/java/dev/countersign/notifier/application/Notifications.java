package dev.countersign.notifier.application;

import dev.countersign.events.Notification;
import dev.countersign.events.Notification.Status;
import dev.countersign.messaging.Outbox;
import dev.countersign.messaging.Outgoing;
import dev.countersign.notifier.domain.Failure;
import dev.countersign.notifier.domain.Step;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;

/// Publishes what became of messages, with the transaction that changed them.
@ApplicationScoped
class Notifications {

  private static final Logger LOG = Logger.getLogger(Notifications.class);

  private final Outbox outbox;
  private final MeterRegistry meters;
  private final Clock clock = Clock.systemUTC();

  @Inject
  Notifications(Outbox outbox, MeterRegistry meters) {
    this.outbox = outbox;
    this.meters = meters;
  }

  Uni<Void> publish(Mutiny.StatelessSession session, List<Threads.Change> changes) {
    Instant now = clock.instant();
    changes.forEach(this::record);
    return outbox.append(
        session,
        changes.stream()
            .map(change -> new Outgoing(notification(change, now), change.traceparent()))
            .toList());
  }

  private static Notification notification(Threads.Change change, Instant now) {
    Status status =
        switch (change.state()) {
          case QUEUED ->
              change.step().kind() == Step.Kind.ESCALATION ? Status.ESCALATED : Status.QUEUED;
          case ACCEPTED -> Status.ACCEPTED;
          case FAILED -> Status.FAILED;
          case SENDING -> throw new IllegalStateException("nobody is told that a mail goes out");
        };
    Failure failure = change.failure();
    return new Notification(
        change.actionId(),
        now,
        change.recipient(),
        change.channel(),
        change.step().code(),
        status,
        status == Status.ACCEPTED ? change.messageId() : null,
        failure == null ? null : failure.reason());
  }

  private void record(Threads.Change change) {
    Failure failure = change.failure();
    meters
        .counter(
            "countersign.messages",
            "channel",
            change.channel(),
            "step",
            change.step().code(),
            "state",
            change.state().code(),
            "reason",
            failure == null ? "" : failure.code())
        .increment();
    if (failure != null && failure != Failure.ANSWERED_FIRST) {
      LOG.warnf(
          "Message failed actionId=%s recipient=%s step=%s reason=%s",
          change.actionId(), change.recipient(), change.step().code(), failure.code());
    }
  }
}
