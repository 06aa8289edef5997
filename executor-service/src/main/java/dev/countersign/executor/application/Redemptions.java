package dev.countersign.executor.application;

import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import dev.countersign.executor.domain.DelegatedConnector;
import dev.countersign.executor.domain.Outcome;
import dev.countersign.verifier.Grant;
import io.smallrye.mutiny.Uni;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Grants that are used by others than the executor: each once.
public interface Redemptions {

  /// What came of using a grant.
  sealed interface Use {
    /// @param reportBy until when whoever redeemed it may say how it ended
    record Yours(Instant reportBy) implements Use {}

    /// The decision that proves it has not come here yet, or its time has not begun.
    record NotYet() implements Use {}

    /// Fewer were proven to have approved it than its connector asks for.
    ///
    /// @param areKnown false where an earlier version took it in, which did not write them down
    record TooFew(boolean areKnown) implements Use {}

    /// Nothing of this is executed for now.
    record Frozen() implements Use {}

    /// It was given before the database was put back from a backup: whether it was used since that
    /// backup is not known any more.
    record Restored() implements Use {}

    /// It is used up, or its time is over.
    record None() implements Use {}
  }

  /// Uses the grant up, if nobody has, by the database's clock. When this returns, the transaction
  /// is committed.
  ///
  /// @param connector what leaves its tool to others, as it is now
  /// @param receipt what only the redeemer knows
  Uni<Use> redeem(
      Grant grant,
      Action action,
      DelegatedConnector connector,
      Receipt receipt,
      @Nullable String traceparent);

  /// Whether its action is under way or over, by whomever.
  Uni<Boolean> isUsedUp(ActionId actionId);

  /// Writes how it ended, if it is under way and this is its receipt. What is said after another
  /// answer stood already is kept beside it, for people to see.
  Uni<Void> report(ActionId actionId, Receipt receipt, Outcome outcome);

  /// Whether this action's grant was redeemed, and this receipt was given for it.
  Uni<Boolean> knows(ActionId actionId, Receipt receipt);
}
