package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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

  /// The set that this pending ticket can be answered in; empty where it is asked about alone.
  /// Nothing is noted.
  public Uni<Optional<ReviewSet>> find(Docket ticket) {
    if (ticket.batch() == null && ticket.standing() != Standing.PENDING) {
      return Uni.createFrom().item(Optional.empty());
    }
    return sessions.withStatelessSession(session -> set(session, ticket, Set.of()));
  }

  /// The set of this ticket as this approver gets to see it: members that do not concern them are
  /// left out. Nothing is noted: so a page asks by itself, and what was shown before is found
  /// again.
  ///
  /// @param also what they looked at together with it: shown with the set where it asks the same,
  ///   whatever became of it since
  public Uni<Optional<ReviewSet>> find(ActionId id, String approver, Set<ActionId> also) {
    return sessions.withStatelessSession(session -> find(session, id, approver, also));
  }

  /// The same, before the eyes of this approver. Their first look at each member is published.
  public Uni<Optional<ReviewSet>> show(ActionId id, String approver, Set<ActionId> also) {
    return sessions.withStatelessTransaction(session ->
        find(session, id, approver, also)
            .call(found ->
                find.see(session, found.map(ReviewSet::members).orElse(List.of()), approver)));
  }

  private Uni<Optional<ReviewSet>> find(
      Mutiny.StatelessSession session, ActionId id, String approver, Set<ActionId> also) {
    return tickets
        .find(session, id)
        .chain(found ->
            found
                .filter(ticket -> find.mayRead(ticket, approver))
                .map(ticket -> set(session, ticket, also))
                .orElseGet(() -> Uni.createFrom().item(Optional.empty())))
        .map(found -> found.map(set -> set.only(each -> find.mayRead(each, approver))));
  }

  private Uni<Optional<ReviewSet>> set(
      Mutiny.StatelessSession session, Docket ticket, Set<ActionId> also) {
    return ticket.batch() == null
        ? sets.alike(session, ticket.actionId(), also)
        : sets.batch(session, ticket);
  }
}
