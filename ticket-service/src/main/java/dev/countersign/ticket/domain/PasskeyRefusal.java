package dev.countersign.ticket.domain;

import java.util.Locale;

/// Why what a passkey gave is not taken. What a person reads then is said by the pages, in their
/// language.
public enum PasskeyRefusal {
  /// They have none that counts.
  NO_PASSKEY,
  /// It was used before, or took longer than five minutes.
  CEREMONY_OVER,
  /// It is nothing that a passkey gives.
  UNREADABLE,
  /// It is somebody else's, not confirmed yet, or revoked.
  NOT_YOURS,
  /// The device did not check that it is them.
  NOT_VERIFIED,
  /// Its counter went back, as that of a copy would.
  COPIED,
  /// What was signed is not what was asked, or not on a page of ours.
  MISMATCH;

  /// The stable code, `not-yours`.
  public String code() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
