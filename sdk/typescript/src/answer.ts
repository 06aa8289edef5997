/** What became of a proposal, in words that are never mixed up. */

export interface Reason {
  /** Stable. */
  readonly code: string;
  /** A sentence for a person. */
  readonly text: string;
}

interface Said {
  /** The idempotency key that it was proposed under; undefined where it was followed by its id. */
  readonly key: string | undefined;
  /** The action's and the ticket's id; undefined where the gateway never answered. */
  readonly actionId: string | undefined;
  /** One sentence to pass on to the user as it is. */
  readonly sayToUser: string;
  readonly reason: Reason | undefined;
  /** All that the gateway said (`ActionState` of its OpenAPI): `decision`, `execution`, `response`. */
  readonly state: Readonly<Record<string, unknown>>;
}

/** The answer is yes, and how it ended is not told yet: the grant is for whoever runs the tool. */
export interface Approved extends Said {
  readonly status: 'approved';
  readonly grant: string;
}

/** It was approved and done. */
export interface Succeeded extends Said {
  readonly status: 'succeeded';
  /** How it ended, as it was published. */
  readonly execution: Readonly<Record<string, unknown>>;
  /** What the target answered, where the operator lets agents have it. */
  readonly response: Readonly<Record<string, unknown>> | undefined;
}

/**
 * A no, or none that is certain: an approver said no (`rejected`), the policy did (`denied`), nobody answered in time
 * (`expired`), it was taken back (`cancelled`), the system did not take it (`refused`); it was approved and failed
 * without an effect (`failed`), was not done as things had changed (`precondition-failed`), or may have taken effect
 * (`unknown`: never repeat it blindly).
 */
export interface NotDone extends Said {
  readonly status:
    | 'rejected' | 'denied' | 'expired' | 'cancelled' | 'refused' | 'failed' | 'precondition-failed' | 'unknown';
}

/**
 * The caller's time is over. `waiting`: there is no answer yet. `unreachable`: no approver could be reached so far, and
 * an answer still counts. `away`: the gateway did not say; ask again under the same key.
 */
export interface Open extends Said {
  readonly status: 'waiting' | 'unreachable' | 'away';
}

export type Answer = Approved | Succeeded | NotDone | Open;
export type Status = Answer['status'];

const OPEN: readonly string[] = ['waiting', 'unreachable', 'away'];

/** An answer may still come. */
export function isOpen(answer: Answer): answer is Open {
  return OPEN.includes(answer.status);
}

/**
 * There is no yes to run on, and this call ran nothing: `answer` says how it stands, and whether it may have taken effect
 * (`unknown`) or still may (`waiting`, `away`).
 */
export class NotApproved extends Error {
  override readonly name = 'NotApproved';

  constructor(readonly answer: Answer) {
    super(`${answer.status}: ${answer.sayToUser}`);
  }
}

/** It was done before under this key, so it was not run again: `answer` has how it ended. */
export class AlreadyDone extends Error {
  override readonly name = 'AlreadyDone';

  constructor(readonly answer: Succeeded) {
    super(`it was done before under this key: ${answer.sayToUser}`);
  }
}

/** The answer, if it was approved and done; else throws NotApproved. */
export function requireSucceeded(answer: Answer): Succeeded {
  if (answer.status !== 'succeeded') {
    throw new NotApproved(answer);
  }
  return answer;
}

/** The grant of a yes that is not used yet; throws for every other answer. */
export function requireGrant(answer: Answer): string {
  if (answer.status === 'succeeded') {
    throw new AlreadyDone(answer);
  }
  if (answer.status !== 'approved') {
    throw new NotApproved(answer);
  }
  return answer.grant;
}
