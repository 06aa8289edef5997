package dev.countersign.notifier.application;

import dev.countersign.notifier.application.Escalations.Call;
import dev.countersign.notifier.application.Escalations.Due;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.hibernate.reactive.mutiny.Mutiny;

/// Tells people once more of what still waits when so much of its time is over, as the policy's
/// ladder says. It reaches those in the step's groups whom the question was to reach: a budget that
/// left somebody out still does. It wakes who sleeps, and it adds nobody who may answer.
@ApplicationScoped
class ClimbLadders {

  private static final int MOST = 200;

  private final Escalations escalations;
  private final People people;
  private final Notifications notifications;
  // In which groups people stand is a matter of days: this machine's clock will do.
  private final Clock clock = Clock.systemUTC();

  @Inject
  ClimbLadders(Escalations escalations, People people, Notifications notifications) {
    this.escalations = escalations;
    this.people = people;
    this.notifications = notifications;
  }

  /// Takes the steps that are due, some at a time. Returns whether there may be more.
  Uni<Boolean> climb(Mutiny.StatelessSession session) {
    return escalations
        .takeDue(session, MOST)
        .call(due -> due.isEmpty() ? Uni.createFrom().voidItem() : call(session, due))
        .map(due -> !due.isEmpty());
  }

  private Uni<Void> call(Mutiny.StatelessSession session, List<Due> due) {
    Instant now = clock.instant();
    return escalations
        .call(session, due.stream().map(step -> new Call(step, recipients(step, now))).toList())
        .chain(changes -> notifications.publish(session, changes));
  }

  private List<String> recipients(Due step, Instant now) {
    return step.groups().isEmpty()
        ? step.asked()
        : step.asked().stream()
            .filter(id -> people.groupsOf(id, now).stream().anyMatch(step.groups()::contains))
            .toList();
  }
}
