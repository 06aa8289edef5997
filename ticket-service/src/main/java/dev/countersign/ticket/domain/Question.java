package dev.countersign.ticket.domain;

import dev.countersign.events.Action;
import dev.countersign.events.Canonical;
import dev.countersign.events.Card;
import dev.countersign.events.Digest;
import dev.countersign.events.Prompt;
import dev.countersign.events.Requirement;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What a ticket asks: fixed when it opens, and the same for everybody who looks.
///
/// @param offer what an approver may permit for the session; absent where each call is asked about
public record Question(
    Action action,
    Digest actionDigest,
    Prompt prompt,
    Digest promptDigest,
    Card card,
    Requirement requirement,
    Instant openedAt,
    Instant expiresAt,
    @Nullable TrustOffer offer) {

  /// The digest of what is asked, whatever its id: SHA-256 over the RFC 8785 form of `{agent: {id,
  /// platform, session, onBehalfOf, owner}, parameters, tool}`, absent members left out. Two
  /// tickets that share it ask the same question.
  public static Digest digestOf(Action action) {
    return Canonical.digest(action);
  }
}
