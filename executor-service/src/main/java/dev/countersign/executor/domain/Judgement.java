package dev.countersign.executor.domain;

import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import dev.countersign.events.Decision;
import dev.countersign.verifier.DecisionVerifier;
import dev.countersign.verifier.Grant;
import dev.countersign.verifier.InvalidGrant;

/// What a decision with an authentic grant is worth.
///
/// Time is not judged here: the database's clock does that when the action is claimed, so that a
/// grant that expired in the queue ends as an `execution` that says so and not as a dead letter.
public sealed interface Judgement {

  /// The grant permits exactly this action.
  record Permitted(Grant grant, ActionId actionId, Action action) implements Judgement {}

  /// The grant is for this action id, and the record does not fit it: it has other parameters,
  /// agent or tool, or not the attestations of those who approved. It was changed on its way. It
  /// has no effect, and it must not use up the grant either, or whoever can write to the topic
  /// could stop any action by copying its decision with one byte changed.
  record Tampered(Grant grant, String reason, String detail) implements Judgement {}

  /// The grant is not for this action at all.
  record Forged(String reason, String detail) implements Judgement {}

  /// Holds an approved decision against its grant, and the grant's approvals against their proofs.
  static Judgement of(Decision decision, Grant grant, String issuer, DecisionVerifier approvals) {
    Action action = decision.action();
    if (action == null) {
      return new Forged("grant-without-action", "an approved decision carries the action");
    }
    try {
      grant.mustPermit(decision.actionId(), action, issuer);
      approvals.mustProve(decision, grant);
    } catch (InvalidGrant e) {
      return switch (e.reason()) {
        case InvalidGrant.DIGEST -> changed(grant);
        case InvalidGrant.UNPROVEN -> new Tampered(grant, "approvals-unproven", e.detail());
        default -> new Forged(e.reason(), e.detail());
      };
    }
    if (!grant.actionDigest().equals(decision.actionDigest())) {
      return changed(grant);
    }
    return new Permitted(grant, decision.actionId(), action);
  }

  private static Tampered changed(Grant grant) {
    return new Tampered(
        grant,
        "digest-mismatch",
        "the action is not the one that the grant was given for; it was changed on the way and has"
            + " no effect");
  }
}
