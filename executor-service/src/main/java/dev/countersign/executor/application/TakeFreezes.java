package dev.countersign.executor.application;

import dev.countersign.events.Oversight;
import dev.countersign.messaging.Handler;
import dev.countersign.messaging.Received;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import org.hibernate.reactive.mutiny.Mutiny;

/// Freezes what it is told to. Whoever can write to the topic can stop things, and cannot start
/// any: a freeze is lifted by a grant that two admins stand behind, and by nothing on this topic.
@ApplicationScoped
public class TakeFreezes implements Handler<Oversight> {

  private final Freezes freezes;

  @Inject
  TakeFreezes(Freezes freezes) {
    this.freezes = freezes;
  }

  @Override
  public Uni<Void> handle(Mutiny.StatelessSession session, List<Received<Oversight>> events) {
    List<Freeze> taken = new ArrayList<>();
    for (Received<Oversight> each : events) {
      Oversight event = each.event();
      if (event.change() == Oversight.Change.FROZEN && event.frozen() != null) {
        taken.add(
            new Freeze(
                event.actionId(),
                event.frozen(),
                event.by(),
                event.reason() == null ? "" : event.reason().text(),
                event.at()));
      }
    }
    return freezes.enter(session, taken);
  }
}
