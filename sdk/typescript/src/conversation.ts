/** How a proposal is made, as often as it takes, and followed until it is answered or the caller's time is over. */
import type {Answer, Reason, Reconciled} from './answer.js';
import {isOpen} from './answer.js';
import {unprinted} from './inspect.js';
import {isNo, problem, seconds, type Reply, type Unheard} from './door.js';

const SOON = 0.2;
const SELDOM = 5;

/** While people are asked the gateway holds the request, and nobody else does: seconds. */
const HOLD = 30;

/**
 * Whoever waits for a grant, which lives for a minute or two, and asks the very moment that it is given misses the change:
 * they learn of it so many seconds later.
 */
const HOLD_FOR_A_GRANT = 10;

/** Until it was run, for tools that the executor runs; until there is a grant, for tools that are run elsewhere. */
export type Until = 'executed' | 'approved';

/** What a conversation needs of the world. */
export interface World {
  send(method: string, path: string, body: string | undefined, headers: Record<string, string>, wait: number):
    Promise<Reply | Unheard>;
  /** Seconds since whenever; never goes back. */
  now(): number;
  pause(seconds: number): Promise<void>;
}

type State = Readonly<Record<string, unknown>> & {actionId: string; status: string; sayToUser: string};

export class Conversation {
  readonly #end: number;
  #backoff = SOON;
  #told: string | undefined;

  /** @param drawn whether the key was made for this call alone, so that nothing stands under it from before */
  constructor(
    private readonly world: World,
    private readonly key: string | undefined,
    timeout: number,
    private readonly until: Until,
    private readonly tell: ((answer: Answer) => void) | undefined,
    private readonly drawn = false,
  ) {
    if (!(timeout >= 0)) {
      throw new TypeError('timeout is a number of seconds, 0 or more');
    }
    this.#end = world.now() + timeout;
  }

  /** @param stands whether it may have been proposed before: then a no is no answer to what stands */
  async propose(proposal: string, stands = false): Promise<Answer> {
    const headers = {'content-type': 'application/json', 'idempotency-key': this.key ?? ''};
    for (;;) {
      const reply = await this.world.send('POST', '/v1/actions', proposal, headers, 0);
      if ('status' in reply) {
        if (reply.status === 200 || reply.status === 202) {
          // Under a UUID as key the answer is about that id, or it is none.
          const state = stateOf(reply.json, uuid(this.key));
          if (state !== undefined) {
            return this.follow(state.actionId, state, proposal);
          }
        } else if (isNo(reply)) {
          return !stands && this.#settles(reply)
            ? this.#refused(reply, uuid(this.key))
            : this.#untold(reply, uuid(this.key));
        }
      }
      stands ||= !('status' in reply) || reply.status !== 429;
      if (!(await this.#pause(reply))) {
        return this.#away(reply, uuid(this.key));
      }
    }
  }

  /** @param proposal undefined where it was made before, by whomever */
  async follow(actionId: string, state?: State, proposal?: string): Promise<Answer> {
    // What the target answered comes with GET alone, so a final answer is asked for once.
    let asked = false;
    for (;;) {
      const answer = state === undefined ? undefined : this.#answer(state);
      if (answer !== undefined) {
        if (this.#isEnough(answer) && (asked || answer.status === 'approved')) {
          return answer;
        }
        if (isOpen(answer)) {
          this.#tell(answer);
        }
        if (asked && this.#left() <= 0) {
          return answer;
        }
      }
      const wait = answer === undefined || this.#isLast(answer) || this.#left() <= 0 ? 0 : this.#hold();
      const began = this.world.now();
      const reply = await this.world.send('GET', `/v1/actions/${actionId}?wait=${wait}`, undefined, {}, wait);
      const heard = 'status' in reply && reply.status === 200 ? stateOf(reply.json, actionId) : undefined;
      if (heard !== undefined) {
        this.#backoff = SOON;
        // Whoever does not hold the request is not asked more often than they said.
        if (wait > 0 && heard.status === state?.status) {
          await this.#rest((seconds(heard['retryAfter']) ?? 0) - (this.world.now() - began));
        }
        state = heard;
        asked = true;
        continue;
      }
      const lost = proposal !== undefined && 'status' in reply && reply.status === 404;
      if ('status' in reply && isNo(reply) && !lost) {
        return this.#untold(reply, actionId);
      }
      if (!(await this.#pause(reply))) {
        return this.#away(reply, actionId);
      }
      if (lost && proposal !== undefined) {
        // It was put back from a backup, or is another: the same proposal is the same action.
        return this.propose(proposal, true);
      }
    }
  }

  #hold(): number {
    // At least a second: it ends no later than the caller's time by more than that.
    const most = this.until === 'approved' ? HOLD_FOR_A_GRANT : HOLD;
    return Math.max(1, Math.floor(Math.min(most, this.#left())));
  }

  /** Waits before the same is sent again; false where there is no time for that. */
  async #pause(reply: Reply | Unheard): Promise<boolean> {
    const asked = 'status' in reply ? (reply.retryAfter ?? 0) : 0;
    const pause = Math.max(this.#backoff, asked);
    this.#backoff = Math.min(this.#backoff * 2, SELDOM);
    if (this.#left() <= pause) {
      return false;
    }
    await this.#rest(pause);
    return true;
  }

  async #rest(pause: number): Promise<void> {
    const time = Math.min(pause, this.#left());
    if (time > 0) {
      await this.world.pause(time);
    }
  }

  #left(): number {
    return this.#end - this.world.now();
  }

  #isLast(answer: Answer): boolean {
    return answer.status !== 'approved' && !isOpen(answer);
  }

  #isEnough(answer: Answer): boolean {
    return answer.status === 'approved' ? this.until === 'approved' : this.#isLast(answer);
  }

  #tell(answer: Answer): void {
    if (answer.sayToUser !== this.#told) {
      this.#told = answer.sayToUser;
      this.tell?.(answer);
    }
  }

  #answer(state: State): Answer {
    return unprinted(this.#read(state), 'grant', 'execution', 'response', 'state');
  }

  #read(state: State): Answer {
    const said = {
      key: this.key,
      actionId: state.actionId,
      sayToUser: state.sayToUser,
      reason: reasonOf(state['reason']),
      reconciled: reconciledOf(state['reconciled']),
      state,
    };
    const status = WORDS[state.status] as Answer['status'];
    switch (status) {
      case 'approved':
        return {...said, status, grant: state['grant'] as string};
      case 'succeeded':
        return {
          ...said,
          status,
          execution: state['execution'] as Record<string, unknown>,
          response: state['response'] as Record<string, unknown> | undefined,
        };
      case 'waiting':
      case 'unreachable':
      case 'away':
        return {...said, status};
      case 'rejected':
      case 'denied':
      case 'expired':
      case 'cancelled':
      case 'refused':
      case 'failed':
      case 'precondition-failed':
      case 'unknown':
        return {...said, status};
    }
  }

  /**
   * Whether this no is the gateway's own, and is to the proposal and not to whoever asks. Under a key that the caller
   * gave, an earlier proposal may stand, and who may not ask is told nothing of it.
   */
  #settles(reply: Reply): boolean {
    const type = reply.json?.['type'];
    if (typeof type !== 'string' || !type.startsWith(OURS) || reply.status === 401) {
      return false;
    }
    return this.drawn || [400, 413, 422].includes(reply.status) || isConflict(reply);
  }

  #refused(reply: Reply, actionId: string | undefined): Answer {
    const reason = problem(reply);
    const said = isConflict(reply)
      ? 'It was not taken, and what was proposed under its key before may still be done'
      : 'It was refused and not done';
    return {
      status: 'refused',
      key: this.key,
      actionId,
      sayToUser: `${said}: ${reason.text}`,
      reason,
      state: reply.json ?? {},
    };
  }

  /** A no to the question and not to the action, which goes on without whoever asked. */
  #untold(reply: Reply, actionId: string | undefined): Answer {
    const reason = problem(reply);
    return {
      status: 'away',
      key: this.key,
      actionId,
      sayToUser: `The approval gate does not say how it stands, and it may still be done: ${reason.text}`,
      reason,
      state: {},
    };
  }

  #away(reply: Reply | Unheard, actionId: string | undefined): Answer {
    const text =
      'unheard' in reply
        ? reply.unheard
        : `its answer was HTTP ${reply.status} and told nothing of the action`;
    return {
      status: 'away',
      key: this.key,
      actionId,
      sayToUser: 'The approval gate could not be asked; whether it was proposed is not known yet.',
      reason: {code: 'gateway-away', text},
      state: {},
    };
  }
}

/** The gateway's own problems; a proxy has others. */
const OURS = 'urn:countersign:problem:';

/** The key stands for another action. */
function isConflict(reply: Reply): boolean {
  return reply.status === 409 && reply.json?.['type'] === `${OURS}conflict`;
}

/** What the gateway's words mean: being checked, and being carried out, are no answers yet. */
const WORDS: Readonly<Record<string, Answer['status']>> = Object.assign(Object.create(null), {
  received: 'waiting',
  executing: 'waiting',
  waiting: 'waiting',
  unreachable: 'unreachable',
  approved: 'approved',
  succeeded: 'succeeded',
  failed: 'failed',
  'precondition-failed': 'precondition-failed',
  unknown: 'unknown',
  rejected: 'rejected',
  denied: 'denied',
  expired: 'expired',
  cancelled: 'cancelled',
  refused: 'refused',
});

/** The state, if it is one: of this action, in a word that we know, and a yes only with its proof. */
function stateOf(state: Reply['json'], actionId: string | undefined): State | undefined {
  const actual = uuid(state?.['actionId']);
  const status = state?.['status'];
  if (
    state === undefined || actual === undefined || (actionId !== undefined && actual !== actionId.toLowerCase()) ||
    typeof state['sayToUser'] !== 'string' || typeof status !== 'string' || WORDS[status] === undefined
  ) {
    return undefined;
  }
  const {decision, execution, grant} = state as Record<string, {outcome?: unknown; status?: unknown} | undefined>;
  if (status === 'approved' && (decision?.outcome !== 'approved' || typeof grant !== 'string' || grant === '')) {
    return undefined;
  }
  if (status === 'succeeded' && execution?.status !== 'succeeded') {
    return undefined;
  }
  return state as State;
}

export function uuid(text: unknown): string | undefined {
  return typeof text === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)
    ? text.toLowerCase()
    : undefined;
}

function reconciledOf(value: unknown): Reconciled | undefined {
  if (value === undefined || value === null) {
    return undefined;
  }
  const {finding = '', at = ''} = value as Record<string, unknown>;
  return {finding: String(finding), at: String(at)};
}

function reasonOf(value: unknown): Reason | undefined {
  if (typeof value !== 'object' || value === null) {
    return undefined;
  }
  const {code, text} = value as Record<string, unknown>;
  return {code: String(code), text: String(text)};
}
