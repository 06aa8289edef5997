package dev.countersign.executor.application;

import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import dev.countersign.verifier.Grant;

/// What a record on `decision` is to us.
public sealed interface Incoming {

  /// Not an approval: somebody else's business.
  record Ignored() implements Incoming {}

  /// To be run, once.
  ///
  /// @param token the grant as it came
  record Permitted(Grant grant, ActionId actionId, Action action, String token, boolean byTrust)
      implements Incoming {}

  /// It was permitted, and the key that says so is over since: to be answered, so that its id is
  /// taken, and never to be run.
  record Outlived(Grant grant, ActionId actionId, Action action) implements Incoming {}

  /// Changed on the way; see `Judgement.Tampered`.
  record Tampered(Grant grant, String reason, String detail) implements Incoming {}

  /// An approval without a grant that holds.
  record Forged(String reason, String detail) implements Incoming {}
}
