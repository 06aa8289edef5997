package dev.countersign.executor.application;

import dev.countersign.executor.domain.Outcome;
import io.smallrye.mutiny.Uni;
import java.util.Optional;

/// The last moment before an effect. Between the claim and here may lie names to look up, tokens to
/// fetch, connections to make and sessions to open: time enough for a grant to end, a lease to
/// lapse or a freeze to come. Whatever has an effect asks once more, when nothing but its bytes is
/// left.
@FunctionalInterface
public interface LastLook {

  /// For requests that have no effect.
  LastLook NONE = () -> Uni.createFrom().item(Optional.empty());

  /// Empty where the bytes may leave now; else what came of it instead, and then nothing may be
  /// sent. It never fails.
  Uni<Optional<Outcome>> now();
}
