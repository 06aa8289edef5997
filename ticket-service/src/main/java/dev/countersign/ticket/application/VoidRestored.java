package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import dev.countersign.messaging.NewEpoch;
import dev.countersign.ticket.domain.Command;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import org.hibernate.reactive.mutiny.Mutiny;

/// The database was put back from a backup: what waited in it for people is not asked again, what
/// they permitted for later is over, nobody enrols by an invitation of before, and everybody signs
/// in anew. All in one transaction.
@ApplicationScoped
class VoidRestored implements NewEpoch {

  private static final int BATCH = 500;

  private final Tickets tickets;
  private final DecideTicket decide;
  private final Trusts trusts;
  private final RevokeTrust revokeTrust;
  private final ChangeEnrolment enrolments;
  private final Sessions sessions;
  private final Ceremonies ceremonies;

  @Inject
  VoidRestored(
      Tickets tickets,
      DecideTicket decide,
      Trusts trusts,
      RevokeTrust revokeTrust,
      ChangeEnrolment enrolments,
      Sessions sessions,
      Ceremonies ceremonies) {
    this.tickets = tickets;
    this.decide = decide;
    this.trusts = trusts;
    this.revokeTrust = revokeTrust;
    this.enrolments = enrolments;
    this.sessions = sessions;
    this.ceremonies = ceremonies;
  }

  @Override
  public Uni<Void> begins(Mutiny.StatelessSession session) {
    return trusts
        .inForce(session)
        .chain(given -> revoke(session, given))
        .chain(() -> cancelPending(session))
        .chain(() -> enrolments.withdrawOpen(session))
        .chain(() -> sessions.endAll(session))
        .chain(() -> ceremonies.dropAll(session));
  }

  private Uni<Void> revoke(Mutiny.StatelessSession session, List<ActionId> given) {
    Uni<Void> revoked = Uni.createFrom().voidItem();
    for (ActionId each : given) {
      revoked = revoked.chain(() -> revokeTrust.byOperator(session, each));
    }
    return revoked;
  }

  /// Every command ends its ticket, overdue or not: so this ends.
  private Uni<Void> cancelPending(Mutiny.StatelessSession session) {
    return tickets
        .pending(session, BATCH)
        .chain(ids ->
            ids.isEmpty()
                ? Uni.createFrom().voidItem()
                : decide
                    .end(session, ids, docket -> new Command.Restore(docket.now()))
                    .chain(() -> cancelPending(session)));
  }

  /// A verdict that is read again could open or approve what was answered since the backup.
  @Override
  public boolean readsAgain() {
    return false;
  }
}
