package dev.countersign.ticket.application;

import dev.countersign.events.LateOutcome;
import dev.countersign.messaging.DeadLetter;
import dev.countersign.messaging.Handler;
import dev.countersign.messaging.Outbox;
import dev.countersign.messaging.Received;
import dev.countersign.ticket.application.Executions.Misfit;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import org.hibernate.reactive.mutiny.Mutiny;

/// Takes in what was said too late: a hint for those who find out how an action ended. It answers
/// nothing by itself, since whoever says one thing and then another is no proof of either.
@ApplicationScoped
public class RecordLateOutcomes implements Handler<LateOutcome> {

  private final LateOutcomes late;
  private final Outbox outbox;

  @Inject
  RecordLateOutcomes(LateOutcomes late, Outbox outbox) {
    this.late = late;
    this.outbox = outbox;
  }

  @Override
  public Uni<Void> handle(Mutiny.StatelessSession session, List<Received<LateOutcome>> events) {
    return late.record(session, events.stream().map(Received::event).toList())
        .chain(misfits -> {
          List<DeadLetter> letters = new ArrayList<>();
          for (Received<LateOutcome> each : events) {
            Misfit misfit = misfits.get(each.event().actionId());
            if (misfit != null) {
              letters.add(RecordExecutions.letter(each, misfit));
            }
          }
          return outbox.deadLetter(session, letters);
        });
  }
}
