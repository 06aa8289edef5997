package dev.countersign.ticket.domain;

import dev.countersign.events.Answer;
import dev.countersign.events.Assurance;
import dev.countersign.events.StandingPermission;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// One approver's answer, as it counts.
///
/// @param proof absent where the assurance is none that leaves one, and on votes that are on file
/// @param passkey the credential id of what it stands and falls with while others are waited for:
///   what signed it, or began the session that alone vouched for it, whatever the assurance; absent
///   where no passkey is behind it, and on votes that are on file
/// @param trust what they permitted along with it for the rest of the session, where they did
/// @param lapsedAt when it ceased to count, as the passkey that it was given by was revoked while
///   the ticket was pending; absent on what counts
public record Vote(
    String approver,
    Answer answer,
    Assurance assurance,
    Instant at,
    @Nullable Proof proof,
    @Nullable String passkey,
    @Nullable StandingPermission trust,
    @Nullable Instant lapsedAt) {

  /// Whether it counts. Whose vote does not may vote anew.
  public boolean stands() {
    return lapsedAt == null;
  }
}
