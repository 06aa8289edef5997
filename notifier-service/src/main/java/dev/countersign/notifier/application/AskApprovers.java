package dev.countersign.notifier.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.TicketOpened;
import dev.countersign.messaging.Received;
import dev.countersign.notifier.domain.QuietHours;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;

/// Queues one ask for each approver whom a ticket is to reach. The same ticket again changes
/// nothing; one that names others reaches those, too. What has its answer is not asked about, and
/// whoever sleeps is not woken while others can answer.
@ApplicationScoped
public class AskApprovers {

  private final Threads threads;
  private final Notifications notifications;
  private final People people;
  // When people sleep is theirs to say, and not a ticket's deadline: this machine's clock will do.
  private final Clock clock = Clock.systemUTC();

  @Inject
  AskApprovers(Threads threads, Notifications notifications, People people) {
    this.threads = threads;
    this.notifications = notifications;
    this.people = people;
  }

  public Uni<Void> about(Mutiny.StatelessSession session, List<Received<TicketOpened>> tickets) {
    Set<TicketOpened> seen = new HashSet<>();
    return inTurn(session, tickets.stream().filter(ticket -> seen.add(ticket.event())).toList());
  }

  /// Of each ticket one at a time: what comes again may name others whom it is to reach.
  private Uni<Void> inTurn(Mutiny.StatelessSession session, List<Received<TicketOpened>> tickets) {
    Map<ActionId, Threads.Ask> asks = new LinkedHashMap<>();
    List<Received<TicketOpened>> again = new ArrayList<>();
    for (Received<TicketOpened> ticket : tickets) {
      if (asks.putIfAbsent(ticket.event().actionId(), ask(ticket)) != null) {
        again.add(ticket);
      }
    }
    return threads
        .open(session, List.copyOf(asks.values()))
        .chain(changes -> notifications.publish(session, changes))
        .chain(() -> again.isEmpty() ? Uni.createFrom().voidItem() : inTurn(session, again));
  }

  private Threads.Ask ask(Received<TicketOpened> ticket) {
    Channel channel = Channel.of(ticket.event().requirement().channels());
    // Of what belongs together one mail asks, and whom the rest of it needs is not known yet.
    return new Threads.Ask(
        ticket,
        channel,
        ticket.event().set() == null ? notBefore(ticket.event(), clock.instant()) : Map.of());
  }

  private Map<String, Instant> notBefore(TicketOpened ticket, Instant now) {
    List<String> recipients = ticket.recipients();
    if (recipients.stream().allMatch(id -> people.quietUntil(id, now).isEmpty())) {
      return Map.of();
    }
    List<QuietHours.Person> reached =
        recipients.stream()
            .map(id ->
                new QuietHours.Person(
                    id,
                    people.groupsOf(id, now),
                    people.findMail(id).isPresent(),
                    people.quietUntil(id, now).orElse(null)))
            .toList();
    return QuietHours.notBefore(reached, ticket.requirement(), ticket.expiresAt());
  }
}
