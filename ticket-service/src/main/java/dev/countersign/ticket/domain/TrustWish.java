package dev.countersign.ticket.domain;

import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// How far an approver wants to trust the session, as they chose it on the page.
///
/// @param sum a decimal string; absent where the policy sums nothing
/// @param same the fields that must show the same again, by their position in the prompt, from 0
public record TrustWish(int calls, Duration window, @Nullable String sum, Set<Integer> same) {
  public TrustWish {
    same = Set.copyOf(same);
  }
}
