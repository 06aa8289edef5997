package dev.countersign.notifier.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.Decision;
import dev.countersign.events.Expired;
import dev.countersign.messaging.Received;
import dev.countersign.notifier.domain.Answered;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.hibernate.reactive.mutiny.Mutiny;

/// Takes back what was not sent yet, and has everybody told who was asked how it ended: by {@link
/// DeliverLetters}, when there is time for it. An answer that comes before its question is
/// remembered, so that nobody is asked afterwards.
@ApplicationScoped
public class TellAnswer {

  private final Threads threads;
  private final Notifications notifications;

  @Inject
  TellAnswer(Threads threads, Notifications notifications) {
    this.threads = threads;
    this.notifications = notifications;
  }

  public Uni<Void> ofDecisions(
      Mutiny.StatelessSession session, List<Received<Decision>> decisions) {
    Map<ActionId, Threads.End> ends = new LinkedHashMap<>();
    for (Received<Decision> each : decisions) {
      ActionId id = each.event().actionId();
      Answered.by(each.event())
          .ifPresent(
              answered -> ends.putIfAbsent(id, new Threads.End(id, answered, each.traceparent())));
    }
    return tell(session, ends.values());
  }

  public Uni<Void> ofExpiry(Mutiny.StatelessSession session, List<Received<Expired>> expiries) {
    Map<ActionId, Threads.End> ends = new LinkedHashMap<>();
    for (Received<Expired> each : expiries) {
      ActionId id = each.event().actionId();
      ends.putIfAbsent(id, new Threads.End(id, Answered.EXPIRED, each.traceparent()));
    }
    return tell(session, ends.values());
  }

  private Uni<Void> tell(Mutiny.StatelessSession session, Collection<Threads.End> ends) {
    if (ends.isEmpty()) {
      return Uni.createFrom().voidItem();
    }
    return threads
        .end(session, List.copyOf(ends))
        .chain(changes -> notifications.publish(session, changes));
  }
}
