package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.Trust;
import dev.countersign.messaging.Outbox;
import dev.countersign.messaging.Outgoing;
import dev.countersign.messaging.Trace;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;

/// Shows the standing permissions and ends them. Whoever gave one may end it, an admin may, and
/// everybody who could have given it: ending one only means that people are asked again.
@ApplicationScoped
public class RevokeTrust {

  /// How many a page shows.
  public static final int MOST = 50;

  private static final String OPERATOR = "operator";

  /// Those that a person sees, at this time by the database's clock.
  public record Page(List<Trusts.Shown> trusts, Instant now) {
    public Page {
      trusts = List.copyOf(trusts);
    }
  }

  /// What came of it.
  public enum Revocation {
    REVOKED,
    /// It had ended already.
    UNCHANGED,
    NOT_THEIRS,
    NOT_FOUND
  }

  private final Mutiny.SessionFactory sessions;
  private final Tickets tickets;
  private final Trusts trusts;
  private final Roster roster;
  private final Outbox outbox;

  @Inject
  RevokeTrust(
      Mutiny.SessionFactory sessions,
      Tickets tickets,
      Trusts trusts,
      Roster roster,
      Outbox outbox) {
    this.sessions = sessions;
    this.tickets = tickets;
    this.trusts = trusts;
    this.roster = roster;
    this.outbox = outbox;
  }

  /// Those that this person may end, and that they could have ended within the last week.
  public Uni<Page> shownTo(String approver) {
    return sessions.withStatelessSession(session ->
        tickets
            .now(session)
            .chain(now ->
                trusts
                    .find(
                        session,
                        approver,
                        roster.groups(approver, now),
                        roster.isAdmin(approver),
                        MOST)
                    .map(found -> new Page(found, now))));
  }

  /// Ends one at once: what is filed after this commits is asked about.
  public Uni<Revocation> revoke(ActionId id, String by) {
    return sessions.withStatelessTransaction(
        session -> trusts.lock(session, id).chain(found -> revoke(session, found, by)));
  }

  /// Ends one that the operator's putting back a backup would revive.
  Uni<Void> byOperator(Mutiny.StatelessSession session, ActionId id) {
    return trusts
        .lock(session, id)
        .chain(found ->
            found.isEmpty()
                ? Uni.createFrom().voidItem()
                : tickets
                    .now(session)
                    .chain(now -> end(session, found.get(), now, OPERATOR))
                    .replaceWithVoid());
  }

  private Uni<Revocation> revoke(
      Mutiny.StatelessSession session, Optional<Trusts.Shown> found, String by) {
    if (found.isEmpty()) {
      return Uni.createFrom().item(Revocation.NOT_FOUND);
    }
    Trusts.Shown shown = found.get();
    return tickets
        .now(session)
        .chain(now -> {
          if (!shown.trust().vote().approver().equals(by)
              && !roster.isAdmin(by)
              && Collections.disjoint(shown.asks(), roster.groups(by, now))) {
            return Uni.createFrom().item(Revocation.NOT_THEIRS);
          }
          if (!shown.trust().isInForce(now)) {
            return Uni.createFrom().item(Revocation.UNCHANGED);
          }
          return end(session, shown, now, by);
        });
  }

  private Uni<Revocation> end(
      Mutiny.StatelessSession session, Trusts.Shown shown, Instant now, String by) {
    Trust event = Trusts.event(shown.trust().id(), now, Trust.Change.REVOKED, shown.trust(), by);
    return trusts
        .revoke(session, shown.trust().id(), by)
        .chain(() -> outbox.append(session, List.of(new Outgoing(event, Trace.orNew(null)))))
        .replaceWith(Revocation.REVOKED);
  }
}
