/** Asks Countersign before a tool call that can't be undone, and checks its grant where the call is run. */
export {
  AlreadyDone, isOpen, NotApproved, requireGrant, requireSucceeded, tookEffect,
  type Answer, type Approved, type NotDone, type Open, type Reason, type Reconciled, type Status, type Succeeded,
} from './answer.js';
export {canonical, digest, type Json, type JsonObject} from './canonical.js';
export {
  Countersign, runKey, runPermitted,
  type Agent, type FollowOptions, type GuardOptions, type Intent, type Options,
} from './client.js';
export type {Until} from './conversation.js';
export {NotPermitted, type Approval, type Grant} from './grant.js';
export {NoEffect, NotReported, Redeemer, type Outcome, type Permit, type RedeemerOptions} from './redeem.js';
