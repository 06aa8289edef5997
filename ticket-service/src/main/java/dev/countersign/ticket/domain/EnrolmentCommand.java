package dev.countersign.ticket.domain;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What can be asked of an enrolment. Time, by the database's clock, comes in it.
public sealed interface EnrolmentCommand {

  Instant at();

  /// The invited person made a passkey; that they hold the code is known.
  record Make(Instant at, Credential credential, String label) implements EnrolmentCommand {}

  /// A party vouches for the passkey, having compared its fingerprint.
  ///
  /// @param credentialId the passkey that they looked at
  /// @param confirmedAdmins how many admins of the operator's file hold a passkey that counts
  record Confirm(Instant at, Party by, String credentialId, int confirmedAdmins)
      implements EnrolmentCommand {}

  /// A party takes it away.
  record Revoke(Instant at, Party by, @Nullable String reason) implements EnrolmentCommand {}
}
