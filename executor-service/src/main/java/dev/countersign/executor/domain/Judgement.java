package dev.countersign.executor.domain;

import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import dev.countersign.events.Decision;
import dev.countersign.events.Digest;

/// What a decision with an authentic grant is worth.
///
/// Time is not judged here: the database's clock does that when the action is claimed, so that a
/// grant that expired in the queue ends as an `execution` that says so and not as a dead letter.
public sealed interface Judgement {

  /// The grant permits exactly this action.
  record Permitted(Grant grant, ActionId actionId, Action action) implements Judgement {}

  /// The grant is for this action id and for other parameters, agent or tool than the record says:
  /// the record was changed on its way. It has no effect, and it must not use up the grant either,
  /// or whoever can write to the topic could stop any action by copying its decision with one byte
  /// changed.
  record Tampered(Grant grant) implements Judgement {}

  /// The grant is not for this action at all.
  record Forged(String reason, String detail) implements Judgement {}

  /// Holds an approved decision against its grant.
  static Judgement of(Decision decision, Grant grant, String issuer) {
    Action action = decision.action();
    if (action == null) {
      return new Forged("grant-without-action", "an approved decision carries the action");
    }
    if (!grant.issuer().equals(issuer)) {
      return new Forged("grant-issuer", "the grant's iss is not " + issuer);
    }
    if (!grant.actionId().equals(decision.actionId())) {
      return new Forged("grant-action", "the grant's jti is another action's id");
    }
    if (!grant.type().equals(Grant.TOOL_CALL)
        || !grant.identifier().equals(grant.actionId().toString())) {
      return new Forged("grant-details", "the grant's authorization_details are not of this call");
    }
    Digest digest = action.digest(decision.actionId());
    if (!digest.equals(grant.actionDigest()) || !digest.equals(decision.actionDigest())) {
      return new Tampered(grant);
    }
    if (!grant.audience().equals(action.tool().toolset())) {
      return new Forged("grant-audience", "the grant's aud is not the action's toolset");
    }
    if (!grant.subject().equals(action.agent().id())) {
      return new Forged("grant-subject", "the grant's sub is not the action's agent");
    }
    if (grant.actions().size() != 1
        || !grant.actions().getFirst().equals(action.tool().toString())) {
      return new Forged("grant-details", "the grant's actions are not the action's tool");
    }
    return new Permitted(grant, decision.actionId(), action);
  }
}
