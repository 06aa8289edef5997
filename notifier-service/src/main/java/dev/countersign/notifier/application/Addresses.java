package dev.countersign.notifier.application;

import java.time.ZoneId;
import java.util.Optional;

/// Where people are reached. Read at each sending, so that a corrected address helps what waits.
public interface Addresses {

  /// A mail address, and the time zone in which its owner reads a clock.
  record Address(String mail, ZoneId zone) {}

  /// The approver's mail address, where the operator gave one.
  Optional<Address> findMail(String approver);
}
