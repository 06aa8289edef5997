package dev.countersign.policy.domain;

import dev.countersign.events.Agent;
import org.jspecify.annotations.Nullable;

/// Whoever has signed a proposal.
///
/// @param platform whose agents alone it speaks for; absent where it speaks for all
public record Signer(@Nullable String platform) {

  public static final Signer OF_ALL = new Signer(null);

  /// Letter for letter: a name that only looks the same is another.
  public boolean speaksFor(Agent agent) {
    return platform == null || platform.equals(agent.platform());
  }
}
