package dev.countersign.ticket.domain;

import dev.countersign.events.Action;
import dev.countersign.events.Canonical;
import dev.countersign.events.Card;
import dev.countersign.events.Digest;
import dev.countersign.events.Prompt;
import dev.countersign.events.Requirement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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

  /// The positions in the prompt, from 0, of what must be typed and was not typed as it stands
  /// there.
  public Set<Integer> unconfirmed(Map<Integer, String> typed) {
    List<Prompt.Field> fields = prompt.fields();
    return IntStream.range(0, fields.size())
        .filter(i -> fields.get(i).confirm())
        .filter(i -> {
          String said = typed.get(i);
          return said == null || !Precedents.isTyped(said, fields.get(i).value());
        })
        .boxed()
        .collect(Collectors.toUnmodifiableSet());
  }

  /// The digest of what is asked, whatever its id: SHA-256 over the RFC 8785 form of `{agent: {id,
  /// platform, session, onBehalfOf, owner}, parameters, tool}`, absent members left out. Two
  /// tickets that share it ask the same question.
  public static Digest digestOf(Action action) {
    return Canonical.digest(action);
  }
}
