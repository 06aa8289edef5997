package dev.countersign.ticket.domain;

import java.util.Locale;

/// Why something about an enrolment is refused. What a person reads then is said by the pages, in
/// their language.
public enum EnrolmentRefusal {
  /// Only admins do this.
  NOT_ADMIN,
  /// An admin does this signed in by a passkey, not by a code.
  NOT_BY_PASSKEY,
  /// Nobody vouches for their own.
  OWN_PASSKEY,
  /// Nobody vouches for what they invited themselves.
  OWN_INVITATION,
  /// There are two admins who can vouch for each other's invitations, so the operator alone cannot.
  OPERATOR_ALONE,
  /// There is no passkey that waits for it, or another one than was looked at.
  NOT_WAITING,
  /// The invitation was used, is over, or was withdrawn.
  INVITATION_OVER,
  /// It is somebody else's.
  NOT_THEIRS,
  /// Nobody of this name is in the operator's file, or they have no mail address there.
  UNKNOWN_PERSON;

  /// The stable code, `own-invitation`.
  public String code() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
