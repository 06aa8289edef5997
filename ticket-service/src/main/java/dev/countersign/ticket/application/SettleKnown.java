package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.Decision;
import dev.countersign.events.Digest;
import dev.countersign.messaging.DeadLetter;
import dev.countersign.messaging.Outbox;
import dev.countersign.messaging.Outgoing;
import dev.countersign.messaging.Received;
import dev.countersign.ticket.domain.TicketMachine;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;

/// Settles verdicts about actions that are on file already: what was taken back beforehand gets its
/// answer, a retry nothing, and another action under a name that is taken a dead letter.
@ApplicationScoped
class SettleKnown {

  private final Tickets tickets;
  private final Outbox outbox;

  @Inject
  SettleKnown(Tickets tickets, Outbox outbox) {
    this.tickets = tickets;
    this.outbox = outbox;
  }

  /// @param events all that came, some of them perhaps of one action
  /// @param once the first of each action
  /// @param filed those that were new
  Uni<Void> settle(
      Mutiny.StatelessSession session,
      List<Received<Judgement>> events,
      List<Received<Judgement>> once,
      Map<ActionId, Tickets.Filed> filed) {
    List<Received<Judgement>> known =
        once.stream().filter(each -> !filed.containsKey(each.event().actionId())).toList();
    if (known.isEmpty() && events.size() == once.size()) {
      return Uni.createFrom().voidItem();
    }
    return tickets
        .settleTakenBack(session, known)
        .chain(takenBack -> publishTakenBack(session, known, takenBack))
        .chain(() ->
            tickets.digests(session, events.stream().map(each -> each.event().actionId()).toList()))
        .chain(digests -> outbox.deadLetter(session, conflicts(events, digests)));
  }

  private Uni<Void> publishTakenBack(
      Mutiny.StatelessSession session,
      List<Received<Judgement>> known,
      Map<ActionId, Tickets.TakenBack> takenBack) {
    List<Outgoing> decisions = new ArrayList<>();
    for (Received<Judgement> each : known) {
      Tickets.TakenBack answer = takenBack.get(each.event().actionId());
      if (answer != null) {
        decisions.add(
            new Outgoing(
                new Decision(
                    each.event().actionId(),
                    answer.at(),
                    Decision.Outcome.CANCELLED,
                    null,
                    TicketMachine.cancellation(answer.said()),
                    each.event().actionDigest(),
                    null,
                    null,
                    List.of()),
                each.traceparent()));
      }
    }
    return outbox.append(session, decisions);
  }

  /// Same id and same digest is a retry, and the answer stands. Another digest is another action
  /// under a name that is taken.
  private static List<DeadLetter> conflicts(
      List<Received<Judgement>> events, Map<ActionId, Optional<Digest>> digests) {
    List<DeadLetter> letters = new ArrayList<>();
    for (Received<Judgement> each : events) {
      Optional<Digest> onFile = digests.getOrDefault(each.event().actionId(), Optional.empty());
      if (!onFile.equals(Optional.ofNullable(each.event().actionDigest()))) {
        letters.add(
            new DeadLetter(
                each.raw(),
                "conflict",
                "this actionId stands for another action already; use a new id"));
      }
    }
    return letters;
  }
}
