package dev.countersign.ticket.domain;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An invitation and what became of it, in one of its states.
///
/// ```
/// Invited ── the person makes a passkey ──► Made ── a second party vouches ──► Confirmed
///    │                                       │                                    │
///    └───────────── withdrawn ───────────────┴───────────── revoked ──────────────┴──► Revoked
/// ```
///
/// Only a confirmed passkey counts for anything. What is revoked never changes.
public sealed interface Enrolment {

  Invitation invitation();

  /// The passkey, where one was made.
  Optional<Credential> passkey();

  /// The person has not made a passkey yet.
  record Invited(Invitation invitation) implements Enrolment {
    boolean isOver(Instant at) {
      return !at.isBefore(invitation.until());
    }

    @Override
    public Optional<Credential> passkey() {
      return Optional.empty();
    }
  }

  /// There is one, and nobody has vouched for it.
  record Made(Invitation invitation, Credential credential, String label) implements Enrolment {
    @Override
    public Optional<Credential> passkey() {
      return Optional.of(credential);
    }
  }

  /// It counts.
  record Confirmed(Invitation invitation, Credential credential, String label, String by)
      implements Enrolment {
    @Override
    public Optional<Credential> passkey() {
      return Optional.of(credential);
    }
  }

  /// It counts no more, or never will.
  record Revoked(
      Invitation invitation, @Nullable Credential credential, String by, @Nullable String reason)
      implements Enrolment {
    @Override
    public Optional<Credential> passkey() {
      return Optional.ofNullable(credential);
    }
  }
}
