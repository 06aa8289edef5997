package dev.countersign.notifier.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.TicketOpened;
import dev.countersign.messaging.Received;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;

/// Queues one ask for each approver whom a ticket is to reach. The same ticket again changes
/// nothing; one that names others reaches those, too. What has its answer is not asked about.
@ApplicationScoped
public class AskApprovers {

  private static final String MAIL = "mail";

  private final Threads threads;
  private final Notifications notifications;

  @Inject
  AskApprovers(Threads threads, Notifications notifications) {
    this.threads = threads;
    this.notifications = notifications;
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

  private static Threads.Ask ask(Received<TicketOpened> ticket) {
    List<String> channels = ticket.event().requirement().channels();
    if (channels.isEmpty() || channels.contains(MAIL)) {
      return new Threads.Ask(ticket, MAIL, true);
    }
    // Fail closed: over another channel than the policy named nobody is asked, and the ticket
    // expires.
    return new Threads.Ask(ticket, channels.getFirst(), false);
  }
}
