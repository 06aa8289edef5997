/** What became of a proposal, in words that are never mixed up. */

export interface Reason {
  /** Stable. */
  readonly code: string;
  /** A sentence for a person. */
  readonly text: string;
}

/** What a person found at the target. The status stays, and this is what counts of it. */
export interface Reconciled {
  readonly finding: 'took-effect' | 'no-effect' | (string & {});
  /** RFC 3339. */
  readonly at: string;
}

interface Said {
  /** The idempotency key that it was proposed under; undefined where it was followed by its id. */
  readonly key: string | undefined;
  /** The action's and the ticket's id; undefined where the gateway never answered. */
  readonly actionId: string | undefined;
  /** One sentence to pass on to the user as it is. */
  readonly sayToUser: string;
  readonly reason: Reason | undefined;
  /** What a person found, where somebody has looked: a later finding takes its place. */
  readonly reconciled?: Reconciled | undefined;
  /** All that the gateway said (`ActionState` of its OpenAPI): `decision`, `execution`, `response`. */
  readonly state: Readonly<Record<string, unknown>>;
}

/** The answer is yes, and how it ended is not told yet: the grant is for whoever runs the tool. */
export interface Approved extends Said {
  readonly status: 'approved';
  readonly grant: string;
}

/** It was approved and done, unless a person found no effect (`reconciled`). */
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
 * without an effect (`failed`, unless a person found one), was not done as things had changed (`precondition-failed`), or may have taken effect
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

/** It was done: it succeeded and nobody found otherwise, or a person found that it was. */
export function tookEffect(answer: Answer): boolean {
  return answer.reconciled === undefined
    ? answer.status === 'succeeded'
    : answer.reconciled.finding === 'took-effect';
}

/**
 * There is no yes to run on, and this call ran nothing: `answer` says how it stands, and whether it may have taken effect
 * (`unknown`), has (`tookEffect`) or still may (`waiting`, `away`).
 */
export class NotApproved extends Error {
  override readonly name = 'NotApproved';

  constructor(readonly answer: Answer) {
    super(`${answer.reconciled?.finding ?? answer.status}: ${answer.sayToUser}`);
  }
}

/** It was done before under this key, so it was not run again: `answer` has how it ended. */
export class AlreadyDone extends Error {
  override readonly name = 'AlreadyDone';

  constructor(readonly answer: Answer) {
    super(`it was done before under this key: ${answer.sayToUser}`);
  }
}

/**
 * The answer, if it was approved and done; else throws NotApproved. It throws where a person found no effect, and also
 * where what failed or was unknown is found to have taken effect: then how it ended was never told, and `tookEffect`
 * says so.
 */
export function requireSucceeded(answer: Answer): Succeeded {
  if (answer.status !== 'succeeded' || !tookEffect(answer)) {
    throw new NotApproved(answer);
  }
  return answer;
}

/** The grant of a yes that is not used yet; throws for every other answer. */
export function requireGrant(answer: Answer): string {
  if (tookEffect(answer)) {
    throw new AlreadyDone(answer);
  }
  if (answer.status !== 'approved') {
    throw new NotApproved(answer);
  }
  return answer.grant;
}
