package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.Trust;
import dev.countersign.messaging.Outbox;
import dev.countersign.messaging.Outgoing;
import dev.countersign.ticket.domain.Command;
import dev.countersign.ticket.domain.Electorate;
import dev.countersign.ticket.domain.Outcome;
import dev.countersign.ticket.domain.Question;
import dev.countersign.ticket.domain.SessionTrust;
import dev.countersign.ticket.domain.Ticket;
import dev.countersign.ticket.domain.TicketMachine;
import dev.countersign.ticket.domain.TrustOffer;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;

/// Answers tickets by standing permissions, in the transaction in which they are filed: so a
/// verdict that comes again finds its row and uses nothing.
///
/// The permissions are locked before they are looked at. What one transaction uses the next one
/// sees, and each keeps within what is left.
@ApplicationScoped
public class UseTrust {

  private final Tickets tickets;
  private final Trusts trusts;
  private final DecideTicket decide;
  private final Roster roster;
  private final Outbox outbox;

  @Inject
  UseTrust(Tickets tickets, Trusts trusts, DecideTicket decide, Roster roster, Outbox outbox) {
    this.tickets = tickets;
    this.trusts = trusts;
    this.decide = decide;
    this.roster = roster;
    this.outbox = outbox;
  }

  /// Answers those of these tickets, just filed, that a permission covers, and names them.
  Uni<Set<ActionId>> on(Mutiny.StatelessSession session, Collection<Judgement> filed) {
    Map<ActionId, Agent> asked = new LinkedHashMap<>();
    for (Judgement each : filed) {
      if (each instanceof Judgement.Opens opens && TrustOffer.of(opens.verdict()).isPresent()) {
        asked.put(opens.actionId(), opens.action().agent());
      }
    }
    if (asked.isEmpty()) {
      return Uni.createFrom().item(Set.of());
    }
    return trusts
        .lock(session, asked.values())
        .chain(inForce ->
            inForce.isEmpty()
                ? Uni.createFrom().item(Set.of())
                : tickets
                    .lock(session, asked.keySet())
                    .chain(dockets -> use(session, dockets, inForce)));
  }

  private Uni<Set<ActionId>> use(
      Mutiny.StatelessSession session, List<Docket> dockets, List<SessionTrust> inForce) {
    Map<ActionId, SessionTrust> left = new LinkedHashMap<>();
    inForce.forEach(each -> left.put(each.id(), each));
    List<Tickets.Decided> decided = new ArrayList<>();
    List<Outgoing> events = new ArrayList<>();
    Map<ActionId, SessionTrust> used = new LinkedHashMap<>();
    for (Docket docket : dockets) {
      Question question = Objects.requireNonNull(docket.question(), "a ticket has a question");
      Electorate electorate = roster.electorate(question.action().agent(), docket.now());
      for (SessionTrust trust : List.copyOf(left.values())) {
        Outcome outcome =
            TicketMachine.decide(
                docket.ticket().orElseThrow(),
                new Command.UseTrust(docket.now(), trust, electorate));
        Optional<SessionTrust> after = after(outcome, trust, question);
        if (after.isPresent()) {
          decided.add(new Tickets.Decided(docket, outcome));
          left.put(trust.id(), after.get());
          used.put(trust.id(), after.get());
          events.add(
              new Outgoing(
                  Trusts.event(
                      docket.actionId(), docket.now(), Trust.Change.USED, after.get(), null),
                  docket.traceparent()));
          break;
        }
      }
    }
    return decide
        .settle(session, decided)
        .chain(() -> trusts.use(session, used.values()))
        .chain(() -> outbox.append(session, events))
        .replaceWith(
            decided.stream().map(each -> each.docket().actionId()).collect(Collectors.toSet()));
  }

  private static Optional<SessionTrust> after(
      Outcome outcome, SessionTrust trust, Question question) {
    TrustOffer offer = question.offer();
    return outcome instanceof Outcome.Answered answered
            && answered.ticket() instanceof Ticket.Approved
            && offer != null
        ? Optional.of(trust.after(offer.amount()))
        : Optional.empty();
  }
}
