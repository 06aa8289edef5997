package dev.countersign.ticket.application;

import dev.countersign.events.Decision;
import dev.countersign.messaging.Received;
import dev.countersign.ticket.domain.TicketMachine;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.List;
import org.hibernate.reactive.mutiny.Mutiny;

/// Answers what was judged before the database was put back from a backup: it may have been asked,
/// answered and run since that backup, and only the answer is lost.
@ApplicationScoped
class CancelRestored {

  private final Tickets tickets;

  @Inject
  CancelRestored(Tickets tickets) {
    this.tickets = tickets;
  }

  /// The same judgements, but a no to those of an epoch before.
  Uni<List<Received<Judgement>>> among(
      Mutiny.StatelessSession session, List<Received<Judgement>> judgements) {
    return tickets
        .voidsBefore(session)
        .map(before ->
            before
                .map(time -> judgements.stream().map(each -> cancelled(each, time)).toList())
                .orElse(judgements));
  }

  private static Received<Judgement> cancelled(Received<Judgement> received, Instant before) {
    return switch (received.event()) {
      case Judgement.Opens opens when opens.verdict().at().isBefore(before) -> no(received);
      case Judgement.Allows allows when allows.verdict().at().isBefore(before) -> no(received);
      case Judgement.Opens _, Judgement.Allows _, Judgement.SaysNo _ -> received;
    };
  }

  private static Received<Judgement> no(Received<Judgement> received) {
    Judgement judgement = received.event();
    return new Received<>(
        new Judgement.SaysNo(
            judgement.actionId(),
            judgement.actionDigest(),
            judgement.action(),
            Decision.Outcome.CANCELLED,
            TicketMachine.RESTORED,
            judgement.batch()),
        received.traceparent(),
        received.raw());
  }
}
