package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.Execution;
import dev.countersign.messaging.DeadLetter;
import dev.countersign.messaging.Handler;
import dev.countersign.messaging.Outbox;
import dev.countersign.messaging.Received;
import dev.countersign.ticket.application.Executions.Misfit;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.hibernate.reactive.mutiny.Mutiny;

/// Takes in how approved actions ended, so that those who were asked see what came of their answer.
/// It changes no ticket. What does not fit what is on file is put aside, since somebody ran what
/// nobody approved, or says so.
@ApplicationScoped
public class RecordExecutions implements Handler<Execution> {

  private final Executions executions;
  private final Outbox outbox;

  @Inject
  RecordExecutions(Executions executions, Outbox outbox) {
    this.executions = executions;
    this.outbox = outbox;
  }

  @Override
  public Uni<Void> handle(Mutiny.StatelessSession session, List<Received<Execution>> events) {
    Map<ActionId, Execution> first = new LinkedHashMap<>();
    for (Received<Execution> each : events) {
      first.putIfAbsent(each.event().actionId(), each.event());
    }
    return executions
        .record(session, first.values())
        .chain(misfits -> outbox.deadLetter(session, letters(events, first, misfits)));
  }

  private static List<DeadLetter> letters(
      List<Received<Execution>> events,
      Map<ActionId, Execution> first,
      Map<ActionId, Misfit> misfits) {
    List<DeadLetter> letters = new ArrayList<>();
    for (Received<Execution> each : events) {
      ActionId id = each.event().actionId();
      boolean again = each.event().equals(first.get(id));
      Misfit misfit = misfits.get(id);
      if (misfit != null || !again) {
        letters.add(letter(each, misfit == null ? Misfit.CONFLICT : misfit));
      }
    }
    return letters;
  }

  static DeadLetter letter(Received<?> event, Misfit misfit) {
    return switch (misfit) {
      case UNKNOWN_ACTION ->
          new DeadLetter(
              event.raw(), "unknown-action", "no action is on file under this id; who ran it?");
      case NOT_APPROVED ->
          new DeadLetter(
              event.raw(), "not-approved", "this action was not approved; find out who ran it");
      case DIGEST_MISMATCH ->
          new DeadLetter(
              event.raw(),
              "digest-mismatch",
              "another action was approved under this id; find out what ran");
      case CONFLICT ->
          new DeadLetter(
              event.raw(), "conflict", "this action ended otherwise already, and that stands");
    };
  }
}
