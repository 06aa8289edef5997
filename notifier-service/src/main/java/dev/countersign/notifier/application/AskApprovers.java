package dev.countersign.notifier.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.TicketOpened;
import dev.countersign.messaging.Received;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.hibernate.reactive.mutiny.Mutiny;

/// Queues one ask for each approver whom a ticket is to reach. A ticket that comes again changes
/// nothing; one whose answer came first is not asked about.
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
    Map<ActionId, Threads.Ask> asks = new LinkedHashMap<>();
    for (Received<TicketOpened> ticket : tickets) {
      asks.putIfAbsent(ticket.event().actionId(), ask(ticket));
    }
    return threads
        .open(session, List.copyOf(asks.values()))
        .chain(changes -> notifications.publish(session, changes));
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
