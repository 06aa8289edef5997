package dev.countersign.ticket.domain;

import dev.countersign.events.Answer;
import dev.countersign.events.Assurance;
import dev.countersign.events.StandingPermission;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// One approver's answer, as it counts.
///
/// @param proof absent where the assurance is none that leaves one, and on votes that are on file
/// @param trust what they permitted along with it for the rest of the session, where they did
public record Vote(
    String approver,
    Answer answer,
    Assurance assurance,
    Instant at,
    @Nullable Proof proof,
    @Nullable StandingPermission trust) {

  /// A vote that is for one action alone.
  public Vote(
      String approver, Answer answer, Assurance assurance, Instant at, @Nullable Proof proof) {
    this(approver, answer, assurance, at, proof, null);
  }
}
