package dev.countersign.flow;

import java.util.Optional;

/// What can be planted, each with the invariant that it must be seen to break.
enum Defect {
  NONE(Optional.empty()),
  RELAY_DELETES_BEFORE_THE_BROKER_HAS_IT(Optional.of(Invariants.Name.IN_THE_LOG_ONCE)),
  OFFSET_IS_COMMITTED_BEFORE_THE_STATE(Optional.of(Invariants.Name.ONE_ANSWER)),
  POLICY_FORGETS_WHAT_IT_JUDGED(Optional.of(Invariants.Name.SAME_ID_SAME_ACTION)),
  TICKET_OPENS_AGAIN_ON_REDELIVERY(Optional.of(Invariants.Name.NEVER_CHANGES)),
  TICKET_TELLS_BEFORE_IT_COMMITS(Optional.of(Invariants.Name.DURABLE_BEFORE_EFFECT)),
  CANCEL_BEFORE_VERDICT_IS_DROPPED(Optional.of(Invariants.Name.CANCEL_IS_HEARD)),
  VOTES_BRING_THEIR_OWN_TIME(Optional.of(Invariants.Name.TIME_IS_NO_APPROVAL)),
  OWN_REQUEST_IS_NOT_SEEN(Optional.of(Invariants.Name.QUORUM_OF_OTHERS)),
  GROUPS_ARE_READ_ONCE(Optional.of(Invariants.Name.QUORUM_OF_OTHERS)),
  ENOUGH_VOTES_ARE_NOT_NOTICED(Optional.of(Invariants.Name.ENOUGH_VOTES_ARE_AN_ANSWER)),
  VOTE_IS_NOT_BOUND_TO_WHAT_WAS_SHOWN(Optional.of(Invariants.Name.BOUND_TO_WHAT_WAS_SHOWN)),
  EXECUTOR_BELIEVES_THE_TOPIC(Optional.of(Invariants.Name.DURABLE_BEFORE_EFFECT)),
  EXECUTOR_FORGETS_WHAT_IT_TOOK(Optional.of(Invariants.Name.AT_MOST_ONE_EFFECT)),
  EXECUTOR_ACTS_BEFORE_ITS_INTENT(Optional.of(Invariants.Name.AT_MOST_ONE_EFFECT)),
  EXECUTOR_RETRIES_WHAT_WAS_BEGUN(Optional.of(Invariants.Name.AT_MOST_ONE_EFFECT)),
  EXECUTOR_FORGETS_AN_EARLIER_ATTEMPT(Optional.of(Invariants.Name.HONEST_OUTCOME)),
  GRANT_IS_REDEEMED_AGAIN(Optional.of(Invariants.Name.AT_MOST_ONE_EFFECT)),
  FREEZE_IS_NOT_SEEN(Optional.of(Invariants.Name.NOTHING_BEGINS_WHILE_FROZEN)),
  RESTORE_BEGINS_NO_EPOCH(Optional.of(Invariants.Name.AT_MOST_ONE_EFFECT)),
  EPOCH_HONOURS_GRANTS_OF_BEFORE(Optional.of(Invariants.Name.AT_MOST_ONE_EFFECT)),
  EPOCH_READS_NOTHING_AGAIN(Optional.of(Invariants.Name.ONE_EXECUTION)),
  EXECUTOR_LEAVES_WHAT_WAS_BEGUN(Optional.of(Invariants.Name.ONE_EXECUTION)),
  TRUST_IS_NOT_USED_UP(Optional.of(Invariants.Name.TRUST_WITHIN_ITS_BOUNDS)),
  TRUST_SUMS_NOTHING(Optional.of(Invariants.Name.TRUST_WITHIN_ITS_BOUNDS)),
  TRUST_HAS_NO_END(Optional.of(Invariants.Name.TRUST_WITHIN_ITS_BOUNDS)),
  TRUST_OUTLIVES_ITS_REVOCATION(Optional.of(Invariants.Name.TRUST_WITHIN_ITS_BOUNDS)),
  TRUST_IS_GOOD_IN_EVERY_SESSION(Optional.of(Invariants.Name.TRUST_WITHIN_ITS_BOUNDS)),
  TRUST_IS_USED_AND_NOT_TOLD(Optional.of(Invariants.Name.USE_OF_TRUST_IS_TOLD)),
  HOLD_IS_NOT_SEEN_BY_VOTES(Optional.of(Invariants.Name.NOTHING_OF_A_HELD_SESSION)),
  HOLD_IS_NOT_SEEN_BY_VERDICTS(Optional.of(Invariants.Name.NOTHING_OF_A_HELD_SESSION));

  final Optional<Invariants.Name> breaks;

  Defect(Optional<Invariants.Name> breaks) {
    this.breaks = breaks;
  }
}
