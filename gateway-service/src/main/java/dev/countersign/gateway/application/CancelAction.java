package dev.countersign.gateway.application;

import dev.countersign.events.ActionCancelled;
import dev.countersign.events.ActionId;
import dev.countersign.gateway.domain.Caller;
import dev.countersign.gateway.domain.Progress;
import dev.countersign.messaging.Failures;
import dev.countersign.messaging.Outbox;
import dev.countersign.messaging.Outgoing;
import dev.countersign.messaging.Unavailable;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// The proposer takes its question back: `action-cancelled` is published once, and the ticket
/// service says whether it came in time.
@ApplicationScoped
public class CancelAction {

  /// What the proposer is told.
  public sealed interface Outcome {

    /// It is on its way, now or since an earlier request.
    record Asked(Progress progress) implements Outcome {}

    /// There is an answer already, and it stands.
    record TooLate(Progress progress) implements Outcome {}

    /// Nobody has heard of this action, or it is another agent's.
    record Unknown() implements Outcome {}
  }

  private final Mutiny.SessionFactory sessions;
  private final Actions actions;
  private final Outbox outbox;
  private final Clock clock = Clock.systemUTC();

  @Inject
  CancelAction(Mutiny.SessionFactory sessions, Actions actions, Outbox outbox) {
    this.sessions = sessions;
    this.actions = actions;
    this.outbox = outbox;
  }

  public Uni<Outcome> cancel(Caller caller, ActionId actionId, @Nullable String reason) {
    return sessions
        .withStatelessTransaction(session ->
            find(session, actionId)
                .chain(found ->
                    found.filter(it -> caller.maySee(it.origin())).isEmpty()
                        ? Uni.createFrom().item(new Outcome.Unknown())
                        : ask(session, caller, actionId, reason)))
        .onFailure(Failures::isAway)
        .transform(it -> new Unavailable("whether it is cancelled is not certain", it));
  }

  private Uni<Outcome> ask(
      Mutiny.StatelessSession session, Caller caller, ActionId actionId, @Nullable String reason) {
    return actions
        .askToCancel(session, actionId)
        .chain(traceparent ->
            outbox.append(
                session,
                traceparent
                    .map(it -> new Outgoing(cancelled(caller, actionId, reason), it))
                    .map(List::of)
                    .orElse(List.of())))
        .chain(() -> find(session, actionId))
        .map(found -> outcome(found.orElseThrow()));
  }

  private Uni<Optional<Progress>> find(Mutiny.StatelessSession session, ActionId actionId) {
    return actions.find(session, Map.of(actionId, 0L)).map(found -> found.stream().findFirst());
  }

  // Whoever did not prove a name stays without one: a name that nobody has checked is worse than
  // none.
  private ActionCancelled cancelled(Caller caller, ActionId actionId, @Nullable String reason) {
    return new ActionCancelled(actionId, clock.instant(), caller.agentId(), reason);
  }

  private static Outcome outcome(Progress progress) {
    return progress.isAnswered() ? new Outcome.TooLate(progress) : new Outcome.Asked(progress);
  }
}
