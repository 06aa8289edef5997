package dev.countersign.notifier.application;

import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;
import java.util.Set;

/// Where people are reached, when they would rather not be, and in which groups they stand. The
/// address is read at each sending, so that a corrected one helps what waits.
public interface People {

  /// A mail address, and the time zone in which its owner reads a clock.
  record Address(String mail, ZoneId zone) {}

  /// The approver's mail address, where the operator gave one.
  Optional<Address> findMail(String approver);

  /// The end of the approver's quiet hours, where `at` lies within them.
  Optional<Instant> quietUntil(String approver, Instant at);

  /// The groups in which the approver may answer then; none where the operator does not know them.
  Set<String> groupsOf(String approver, Instant at);
}
