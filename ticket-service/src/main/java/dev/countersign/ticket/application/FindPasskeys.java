package dev.countersign.ticket.application;

import dev.countersign.ticket.application.Enrolments.Filed;
import dev.countersign.ticket.domain.Enrolment;
import dev.countersign.ticket.domain.EnrolmentMachine;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;

/// Who has which passkeys, and who is invited.
@ApplicationScoped
public class FindPasskeys {

  private final Mutiny.SessionFactory database;
  private final Enrolments enrolments;
  private final Roster roster;

  @Inject
  FindPasskeys(Mutiny.SessionFactory database, Enrolments enrolments, Roster roster) {
    this.database = database;
    this.enrolments = enrolments;
    this.roster = roster;
  }

  /// One person's, the oldest first: what counts, what waits, what they are invited to.
  public Uni<List<Filed>> of(String approver) {
    return database.withStatelessSession(session -> enrolments.standing(session, Set.of(approver)));
  }

  /// Everybody's, also of those who are not in the operator's file any more: what counts for
  /// nothing meanwhile counts again when they are back in it.
  public Uni<List<Filed>> all() {
    return database.withStatelessSession(session -> enrolments.standing(session, Set.of()));
  }

  /// Those of this person's that wait for somebody to vouch for them.
  public Uni<List<Enrolment.Made>> waiting(String approver) {
    return of(approver)
        .map(all ->
            all.stream()
                .map(Filed::enrolment)
                .filter(Enrolment.Made.class::isInstance)
                .map(Enrolment.Made.class::cast)
                .toList());
  }

  /// Whether there are admins enough to vouch for each other's invitations, so that the operator
  /// alone no longer can.
  public Uni<Boolean> adminsEnough() {
    return database
        .withStatelessSession(session -> enrolments.withPasskey(session, roster.admins()))
        .map(admins -> admins >= EnrolmentMachine.ADMINS_ENOUGH);
  }
}
