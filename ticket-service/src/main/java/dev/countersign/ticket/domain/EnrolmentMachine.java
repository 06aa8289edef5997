package dev.countersign.ticket.domain;

import dev.countersign.ticket.domain.Enrolment.Confirmed;
import dev.countersign.ticket.domain.Enrolment.Invited;
import dev.countersign.ticket.domain.Enrolment.Made;
import dev.countersign.ticket.domain.Enrolment.Revoked;
import dev.countersign.ticket.domain.EnrolmentOutcome.Changed;
import dev.countersign.ticket.domain.EnrolmentOutcome.Refused;
import dev.countersign.ticket.domain.EnrolmentOutcome.Unchanged;
import java.util.Optional;

/// All moves of an enrolment, as one pure function. A passkey counts when two parties stand behind
/// it besides the person who made it: whoever invited them, and somebody else who vouches for it.
public final class EnrolmentMachine {

  /// From so many admins with a passkey on, the operator is one party among others: two can vouch
  /// for each other's invitations.
  public static final int ADMINS_ENOUGH = 2;

  private EnrolmentMachine() {}

  /// What a command does to an enrolment.
  public static EnrolmentOutcome decide(Enrolment enrolment, EnrolmentCommand command) {
    return switch (command) {
      case EnrolmentCommand.Make make -> make(enrolment, make);
      case EnrolmentCommand.Confirm confirm -> confirm(enrolment, confirm);
      case EnrolmentCommand.Revoke revoke -> revoke(enrolment, revoke);
    };
  }

  private static EnrolmentOutcome make(Enrolment enrolment, EnrolmentCommand.Make make) {
    return switch (enrolment) {
      case Invited invited ->
          invited.isOver(make.at())
              ? new Refused(EnrolmentRefusal.INVITATION_OVER)
              : new Changed(new Made(invited.invitation(), make.credential(), make.label()));
      case Made _, Confirmed _, Revoked _ -> new Refused(EnrolmentRefusal.INVITATION_OVER);
    };
  }

  private static EnrolmentOutcome confirm(Enrolment enrolment, EnrolmentCommand.Confirm confirm) {
    return switch (enrolment) {
      case Made made ->
          mayConfirm(made, confirm)
              .<EnrolmentOutcome>map(Refused::new)
              .orElseGet(() ->
                  new Changed(
                      new Confirmed(
                          made.invitation(), made.credential(), made.label(), confirm.by().id())));
      // A second vouching is none, and no error; but whoever may not vouch is still told so.
      case Confirmed confirmed ->
          asAdmin(confirm.by())
              .<EnrolmentOutcome>map(Refused::new)
              .orElseGet(() -> new Unchanged(confirmed));
      case Invited _, Revoked _ -> new Refused(EnrolmentRefusal.NOT_WAITING);
    };
  }

  private static Optional<EnrolmentRefusal> mayConfirm(
      Made made, EnrolmentCommand.Confirm confirm) {
    Optional<EnrolmentRefusal> noAdmin = asAdmin(confirm.by());
    if (noAdmin.isPresent()) {
      return noAdmin;
    }
    if (!made.credential().id().equals(confirm.credentialId())) {
      return Optional.of(EnrolmentRefusal.NOT_WAITING);
    }
    boolean invitedIt = made.invitation().by().equals(confirm.by().id());
    return switch (confirm.by()) {
      case Party.Person person -> {
        if (made.invitation().approver().equals(person.id())) {
          yield Optional.of(EnrolmentRefusal.OWN_PASSKEY);
        }
        // Four eyes: one admin alone would be a whole way in.
        yield invitedIt ? Optional.of(EnrolmentRefusal.OWN_INVITATION) : Optional.empty();
      }
      case Party.Operator _ ->
          // Somebody must be the first; then the machine's owner is all there is.
          invitedIt && confirm.confirmedAdmins() >= ADMINS_ENOUGH
              ? Optional.of(EnrolmentRefusal.OPERATOR_ALONE)
              : Optional.empty();
    };
  }

  private static EnrolmentOutcome revoke(Enrolment enrolment, EnrolmentCommand.Revoke revoke) {
    if (enrolment instanceof Revoked revoked) {
      return new Unchanged(revoked);
    }
    // Taking power away needs one party only, and no strong one where it is their own.
    boolean theirs = enrolment.invitation().approver().equals(revoke.by().id());
    Optional<EnrolmentRefusal> noAdmin = asAdmin(revoke.by());
    if (!theirs && noAdmin.isPresent()) {
      return new Refused(
          noAdmin.get() == EnrolmentRefusal.NOT_ADMIN
              ? EnrolmentRefusal.NOT_THEIRS
              : noAdmin.get());
    }
    return new Changed(
        new Revoked(
            enrolment.invitation(),
            enrolment.passkey().orElse(null),
            revoke.by().id(),
            revoke.reason()));
  }

  /// Whether this party may not do what is an admin's; empty where it may.
  public static Optional<EnrolmentRefusal> asAdmin(Party by) {
    return switch (by) {
      case Party.Operator _ -> Optional.empty();
      case Party.Person person -> {
        if (!person.admin()) {
          yield Optional.of(EnrolmentRefusal.NOT_ADMIN);
        }
        yield person.byPasskey() ? Optional.empty() : Optional.of(EnrolmentRefusal.NOT_BY_PASSKEY);
      }
    };
  }
}
