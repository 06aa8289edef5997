package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;

/// Shows a ticket together with what it belongs to, to those who may see it.
@ApplicationScoped
public class FindSets {

  private final Mutiny.SessionFactory sessions;
  private final Tickets tickets;
  private final Sets sets;
  private final FindTickets find;

  @Inject
  FindSets(Mutiny.SessionFactory sessions, Tickets tickets, Sets sets, FindTickets find) {
    this.sessions = sessions;
    this.tickets = tickets;
    this.sets = sets;
    this.find = find;
  }

  /// The set of this ticket; empty where it is asked about alone. Nothing is noted.
  public Uni<Optional<ReviewSet>> find(Docket ticket) {
    return ticket.batch() == null
        ? Uni.createFrom().item(Optional.empty())
        : sessions.withStatelessSession(session -> sets.batch(session, ticket));
  }

  /// The set of this ticket as this approver gets to see it: members that do not concern them are
  /// left out. Their first look at each is published.
  public Uni<Optional<ReviewSet>> show(ActionId id, String approver) {
    return sessions.withStatelessTransaction(session ->
        tickets
            .find(session, id)
            .chain(found ->
                found
                    .filter(ticket -> find.mayRead(ticket, approver))
                    .map(ticket -> sets.batch(session, ticket))
                    .orElseGet(() -> Uni.createFrom().item(Optional.empty())))
            .map(found -> found.map(set -> forEyesOf(set, approver)))
            .call(found ->
                Multi.createFrom()
                    .iterable(found.map(ReviewSet::members).orElse(List.of()))
                    .onItem()
                    .transformToUniAndConcatenate(each -> find.see(session, each, approver))
                    .collect()
                    .asList()));
  }

  private ReviewSet forEyesOf(ReviewSet set, String approver) {
    return new ReviewSet(
        set.announced(),
        set.arrived(),
        set.members().stream().filter(each -> find.mayRead(each, approver)).toList());
  }
}
