package dev.countersign.ticket.application;

import dev.countersign.events.ActionCancelled;
import dev.countersign.events.ActionId;
import dev.countersign.messaging.Handler;
import dev.countersign.messaging.Received;
import dev.countersign.ticket.domain.Command;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.hibernate.reactive.mutiny.Mutiny;

/// Takes in cancellations. One that comes before its verdict is remembered in the row that the
/// verdict would add, so that whichever comes first, neither overlooks the other. One that comes
/// after the answer changes nothing.
@ApplicationScoped
public class CancelTickets implements Handler<ActionCancelled> {

  private final Tickets tickets;
  private final DecideTicket decide;

  @Inject
  CancelTickets(Tickets tickets, DecideTicket decide) {
    this.tickets = tickets;
    this.decide = decide;
  }

  @Override
  public Uni<Void> handle(Mutiny.StatelessSession session, List<Received<ActionCancelled>> events) {
    Map<ActionId, Received<ActionCancelled>> first = new LinkedHashMap<>();
    for (Received<ActionCancelled> each : events) {
      first.putIfAbsent(each.event().actionId(), each);
    }
    return tickets
        .remember(session, List.copyOf(first.values()))
        .chain(remembered -> {
          Map<ActionId, Function<Docket, Command>> commands = new HashMap<>();
          first.forEach((id, each) -> {
            if (!remembered.contains(id)) {
              commands.put(id, docket -> cancel(docket, each.event()));
            }
          });
          return decide.decide(session, commands).replaceWithVoid();
        });
  }

  private static Command cancel(Docket docket, ActionCancelled event) {
    return new Command.Cancel(docket.now(), event.by(), event.reason());
  }
}
