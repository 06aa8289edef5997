package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.Oversight;
import dev.countersign.messaging.Outbox;
import dev.countersign.messaging.Outgoing;
import dev.countersign.ticket.domain.EnrolmentMachine;
import dev.countersign.ticket.domain.EnrolmentRefusal;
import dev.countersign.ticket.domain.Party;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.hibernate.reactive.mutiny.Mutiny;

/// Signs a person out wherever they are signed in: themself, or an admin, and the log has it.
@ApplicationScoped
public class EndSessions {

  private final Mutiny.SessionFactory database;
  private final Sessions sessions;
  private final Tickets tickets;
  private final Roster roster;
  private final Outbox outbox;

  @Inject
  EndSessions(
      Mutiny.SessionFactory database,
      Sessions sessions,
      Tickets tickets,
      Roster roster,
      Outbox outbox) {
    this.database = database;
    this.sessions = sessions;
    this.tickets = tickets;
    this.roster = roster;
    this.outbox = outbox;
  }

  /// Why it is not done; empty where it is.
  public Uni<Optional<EnrolmentRefusal>> of(String approver, Party by) {
    Optional<EnrolmentRefusal> refusal = refusal(approver, by);
    return refusal.isPresent()
        ? Uni.createFrom().item(refusal)
        : database.withStatelessTransaction(session ->
            sessions
                .endAllOf(session, approver)
                .chain(
                    ended -> ended == 0 ? Uni.createFrom().voidItem() : tell(session, approver, by))
                .replaceWith(Optional.empty()));
  }

  private Optional<EnrolmentRefusal> refusal(String approver, Party by) {
    if (approver.equals(by.id())) {
      return Optional.empty();
    }
    return EnrolmentMachine.asAdmin(by)
        .or(() ->
            roster.find(approver).isEmpty()
                ? Optional.of(EnrolmentRefusal.UNKNOWN_PERSON)
                : Optional.empty());
  }

  private Uni<Void> tell(Mutiny.StatelessSession session, String approver, Party by) {
    return tickets
        .now(session)
        .chain(now ->
            outbox.append(
                session,
                List.of(
                    new Outgoing(
                        new Oversight(
                            new ActionId(UUID.randomUUID()),
                            now,
                            Oversight.Change.SIGNED_OUT,
                            by.id(),
                            approver,
                            null,
                            null,
                            null),
                        null))));
  }
}
