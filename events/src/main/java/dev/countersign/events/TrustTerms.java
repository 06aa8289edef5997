package dev.countersign.events;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Within what the policy lets an approver trust a session: what stands in {@link
/// Requirement#trust}.
///
/// @param calls how many further calls at most, from 1
/// @param window for how long at most, from the vote by the database's clock
/// @param sum the most that the fact `of` may come to over all further calls, a decimal string
/// @param of the fact that is summed, by its name in the catalogue; there if, and only if, `sum` is
/// @param condition the policy's own, as the operator wrote it; it held for this action, or there
///   would be no terms
public record TrustTerms(
    int calls,
    Duration window,
    @Nullable String sum,
    @Nullable String of,
    @Nullable String condition) {

  public TrustTerms {
    if (calls < 1 || !window.isPositive() || (sum == null) != (of == null)) {
      throw new IllegalArgumentException(
          "trust takes at least one call, some time, and a sum of a fact or none");
    }
  }

  /// The terms of this requirement; empty where it has none that are whole, so that what was
  /// published before they were defined permits nothing.
  public static Optional<TrustTerms> of(Requirement requirement) {
    JsonNode trust = requirement.trust();
    if (trust == null || !trust.hasNonNull("calls") || !trust.hasNonNull("window")) {
      return Optional.empty();
    }
    try {
      return Optional.of(EventJson.read(trust, TrustTerms.class));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
