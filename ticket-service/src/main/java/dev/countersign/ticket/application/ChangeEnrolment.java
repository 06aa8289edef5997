package dev.countersign.ticket.application;

import dev.countersign.events.Oversight;
import dev.countersign.events.Reason;
import dev.countersign.messaging.Outbox;
import dev.countersign.messaging.Outgoing;
import dev.countersign.ticket.domain.Credential;
import dev.countersign.ticket.domain.Enrolment;
import dev.countersign.ticket.domain.EnrolmentCommand;
import dev.countersign.ticket.domain.EnrolmentMachine;
import dev.countersign.ticket.domain.EnrolmentOutcome;
import dev.countersign.ticket.domain.EnrolmentOutcome.Changed;
import dev.countersign.ticket.domain.EnrolmentOutcome.Refused;
import dev.countersign.ticket.domain.EnrolmentOutcome.Unchanged;
import dev.countersign.ticket.domain.EnrolmentRefusal;
import dev.countersign.ticket.domain.InvitationId;
import dev.countersign.ticket.domain.Party;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Puts a command to an enrolment: lock the row, ask the machine, write what it says and publish
/// it, all in one transaction.
@ApplicationScoped
public class ChangeEnrolment {

  private static final Logger LOG = Logger.getLogger(ChangeEnrolment.class);
  private static final String RESTORED = "The system was put back from a backup.";

  private final Mutiny.SessionFactory database;
  private final Enrolments enrolments;
  private final Roster roster;
  private final Outbox outbox;

  @Inject
  ChangeEnrolment(
      Mutiny.SessionFactory database, Enrolments enrolments, Roster roster, Outbox outbox) {
    this.database = database;
    this.enrolments = enrolments;
    this.roster = roster;
    this.outbox = outbox;
  }

  /// A passkey was made on an invitation.
  Uni<EnrolmentOutcome> make(InvitationId id, Credential credential, String label) {
    return change(id, (at, _) -> new EnrolmentCommand.Make(at, credential, label));
  }

  /// A party vouches for the passkey of this credential id.
  public Uni<EnrolmentOutcome> confirm(InvitationId id, Party by, String credentialId) {
    return change(id, (at, admins) -> new EnrolmentCommand.Confirm(at, by, credentialId, admins));
  }

  /// A party takes a passkey, or an invitation, away.
  public Uni<EnrolmentOutcome> revoke(InvitationId id, Party by, @Nullable String reason) {
    return change(id, (at, _) -> new EnrolmentCommand.Revoke(at, by, reason));
  }

  /// Withdraws, in the session's transaction, every invitation that the operator's putting back a
  /// backup would revive: its code may have been used since, or tried too often.
  Uni<Void> withdrawOpen(Mutiny.StatelessSession session) {
    return enrolments
        .standing(session, Set.of())
        .chain(standing -> {
          Uni<Void> withdrawn = Uni.createFrom().voidItem();
          for (Enrolments.Filed each : standing) {
            if (each.enrolment() instanceof Enrolment.Invited invited) {
              withdrawn = withdrawn.chain(() -> withdraw(session, invited.invitation().id()));
            }
          }
          return withdrawn;
        });
  }

  private Uni<Void> withdraw(Mutiny.StatelessSession session, InvitationId id) {
    return enrolments
        .lock(session, id)
        .map(Optional::orElseThrow)
        .chain(filed ->
            decide(
                session,
                filed,
                new EnrolmentCommand.Revoke(filed.now(), new Party.Operator(), RESTORED)))
        .invoke(outcome -> log(id, outcome))
        .replaceWithVoid();
  }

  private Uni<EnrolmentOutcome> change(
      InvitationId id, BiFunction<Instant, Integer, EnrolmentCommand> command) {
    return database
        .withStatelessTransaction(session ->
            enrolments
                .lock(session, id)
                .chain(filed ->
                    filed.isEmpty()
                        ? refused(EnrolmentRefusal.INVITATION_OVER)
                        : enrolments
                            .withPasskey(session, roster.admins())
                            .chain(admins ->
                                decide(
                                    session,
                                    filed.get(),
                                    command.apply(filed.get().now(), admins)))))
        .invoke(outcome -> log(id, outcome));
  }

  private Uni<EnrolmentOutcome> decide(
      Mutiny.StatelessSession session, Enrolments.Filed filed, EnrolmentCommand command) {
    EnrolmentOutcome outcome = EnrolmentMachine.decide(filed.enrolment(), command);
    return switch (outcome) {
      case Changed changed -> save(session, changed, command);
      case Unchanged _, Refused _ -> Uni.createFrom().item(outcome);
    };
  }

  private Uni<EnrolmentOutcome> save(
      Mutiny.StatelessSession session, Changed changed, EnrolmentCommand command) {
    Enrolment enrolment = changed.enrolment();
    return enrolments
        .save(session, enrolment)
        .chain(saved ->
            saved
                ? endWhatItGave(session, enrolment)
                    .chain(() ->
                        outbox.append(
                            session, List.of(new Outgoing(event(enrolment, command.at()), null))))
                    .replaceWith(changed)
                // The same credential is on file already: a passkey belongs to one enrolment.
                : refused(EnrolmentRefusal.INVITATION_OVER));
  }

  // A session is worth no more than the passkey that began it, nor is a vote that still waits for
  // others: what the passkey signed, and what such a session alone vouched for. Trust that was
  // given so asks for the passkey whenever it is used.
  private Uni<Void> endWhatItGave(Mutiny.StatelessSession session, Enrolment enrolment) {
    if (!(enrolment instanceof Enrolment.Revoked revoked) || revoked.passkey().isEmpty()) {
      return Uni.createFrom().voidItem();
    }
    return enrolments
        .endSessions(session, revoked.invitation().approver())
        .chain(() -> enrolments.lapseVotes(session, revoked.passkey().get().id()))
        .invoke(lapsed -> {
          if (lapsed > 0) {
            LOG.infof("Votes lapsed invitation=%s tickets=%d", revoked.invitation().id(), lapsed);
          }
        })
        .replaceWithVoid();
  }

  private static Oversight event(Enrolment enrolment, Instant at) {
    return switch (enrolment) {
      case Enrolment.Invited _ -> throw new IllegalStateException("no command leads there");
      case Enrolment.Made it ->
          event(it, at, Oversight.Change.PASSKEY_ADDED, it.invitation().approver(), null);
      case Enrolment.Confirmed it ->
          event(it, at, Oversight.Change.PASSKEY_CONFIRMED, it.by(), null);
      case Enrolment.Revoked it ->
          event(it, at, Oversight.Change.PASSKEY_REVOKED, it.by(), it.reason());
    };
  }

  private static Oversight event(
      Enrolment enrolment,
      Instant at,
      Oversight.Change change,
      String by,
      @Nullable String reason) {
    return new Oversight(
        enrolment.invitation().id().asActionId(),
        at,
        change,
        by,
        enrolment.invitation().approver(),
        null,
        enrolment.passkey().map(it -> new Oversight.Passkey(it.id(), it.publicKey())).orElse(null),
        reason == null ? null : new Reason("revoked", reason));
  }

  private static void log(InvitationId id, EnrolmentOutcome outcome) {
    switch (outcome) {
      case Changed it ->
          LOG.infof(
              "Enrolment changed invitation=%s state=%s",
              id, it.enrolment().getClass().getSimpleName());
      case Unchanged _ -> {}
      case Refused it ->
          LOG.warnf("Enrolment refused invitation=%s reason=%s", id, it.refusal().code());
    }
  }

  private static Uni<EnrolmentOutcome> refused(EnrolmentRefusal refusal) {
    return Uni.createFrom().item(new Refused(refusal));
  }
}
