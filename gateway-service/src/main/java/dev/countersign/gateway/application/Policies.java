package dev.countersign.gateway.application;

import dev.countersign.events.ActionProposed;
import dev.countersign.events.Reason;
import dev.countersign.events.Verdict;
import io.smallrye.mutiny.Uni;

/// What the policy would say of a proposal. Nothing happens by asking.
@FunctionalInterface
public interface Policies {

  sealed interface Evaluated {
    record Judged(Verdict verdict) implements Evaluated {}

    /// The policy service does not take it for a proposal.
    record Invalid(Reason reason) implements Evaluated {}

    /// Nobody can say now.
    record Away() implements Evaluated {}
  }

  /// It never fails.
  Uni<Evaluated> evaluate(ActionProposed proposal);
}
