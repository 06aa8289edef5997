/** The tool's side: verify the grant, redeem it once, run, report. */
import type {KeyObject} from 'node:crypto';
import {canonical, copy, type JsonObject} from './canonical.js';
import {Door, isNo, pause as rest, problem, type Fetch, type Reply, type Unheard} from './door.js';
import {unprinted} from './inspect.js';
import {ISSUER, keysOf, NotPermitted, verify, type Grant, type Key} from './grant.js';

const SOON = 200;
const SELDOM = 2_000;
const FRESH = 300_000;
const AGAIN = 1_000;
const JSON_BODY = {'content-type': 'application/json'};

/** To be thrown by what is guarded where it certainly had no effect: reported as `failed`. */
export class NoEffect extends Error {
  override readonly name = 'NoEffect';
}

/**
 * It was run, and the executor could not be told how it ended: people will have to look. Where the guarded function threw,
 * what it threw is thrown, with this as its `notReported`.
 */
export class NotReported extends Error {
  override readonly name = 'NotReported';
  /** What the guarded function returned. */
  result: unknown;

  constructor(
    readonly code: string,
    detail: string,
    readonly permit: Permit,
    /** What was to be reported. */
    readonly status: Outcome,
  ) {
    super(`${code}: ${detail}`);
  }
}

/** `succeeded`, `failed` (certainly without an effect) or `unknown`. */
export type Outcome = 'succeeded' | 'failed' | 'unknown';

/** Run it, once, with exactly these parameters, and report how it ended. Nobody else may. */
export interface Permit<P extends JsonObject = JsonObject> {
  readonly actionId: string;
  readonly grant: Grant;
  /** What was approved: use these. */
  readonly parameters: P;
  readonly receipt: string;
  /** Until when the outcome is waited for (RFC 3339); after that it is `unknown`. */
  readonly reportBy: string;
  /**
   * Says how it ended; the same again changes nothing. `code` and `summary`, of at most 64 and 500 characters, hold
   * nothing sensitive. Throws NotReported where it can't be told or another answer stands.
   */
  report(outcome: Outcome, code?: string, summary?: string): Promise<void>;
}

export interface RedeemerOptions {
  /** Default: http://localhost:8084 */
  executor?: string;
  /** The address of the ticket service's key set, or the set itself. */
  keys?: string | {keys: unknown[]};
  /** For the executor, where it asks for one. */
  token?: string;
  issuer?: string;
  /** For how many seconds it is tried to reach the key set and the executor. Default: 30 */
  patience?: number;
  /** What the grant's times are held against: milliseconds since 1970. Default: Date.now */
  clock?: () => number;
  fetch?: Fetch;
}

/** Of one tool that is run here: the operator's `connectors.yaml` says `type: delegated`. */
export class Redeemer {
  readonly #executor: Door;
  readonly #keys: Keys;
  readonly #issuer: string;
  readonly #patience: number;
  readonly #clock: () => number;

  constructor(
    readonly tool: string,
    options: RedeemerOptions = {},
  ) {
    if (!/^[^/]+\/./.test(tool)) {
      throw new TypeError('a tool is named toolset/name, like releases/deploy');
    }
    this.#executor = new Door(options.executor ?? 'http://localhost:8084', options.token, options.fetch);
    this.#clock = options.clock ?? Date.now;
    this.#keys = new Keys(options.keys ?? 'http://localhost:8082/.well-known/jwks.json', this.#clock, options.fetch);
    this.#issuer = options.issuer ?? ISSUER;
    this.#patience = (options.patience ?? 30) * 1000;
  }

  /**
   * The grant, if it permits this tool with these parameters now; else throws NotPermitted. It proves the permission,
   * and not that nobody else uses it: nothing may be run on it alone.
   */
  async verify(grant: string, parameters: JsonObject): Promise<Grant> {
    const now = this.#clock() / 1000;
    return verify(grant, this.tool, copy(parameters), (kid) => this.#keys.find(kid), now, this.#issuer);
  }

  /**
   * Uses the grant up for exactly these parameters: of all who ask, one gets a permit. Throws NotPermitted for
   * everybody else, and where the answer could not be heard: the call must then not be run, as the answer may have been
   * yes and it may have been to somebody else.
   *
   * @param signal stops it; once it was sent, the grant may be used up without an effect
   */
  async verifyAndRedeem<P extends JsonObject>(grant: string, parameters: P, signal?: AbortSignal): Promise<Permit<P>> {
    signal?.throwIfAborted();
    const exact = copy(parameters);
    const end = performance.now() + this.#patience;
    // A stranger's grant waits for its key no less: not for all of the time, nor in the way of others.
    const verified = await this.#verified(grant, exact, performance.now() + this.#patience / 3, signal);
    const body = canonical({grant, parameters: exact});
    for (let pause = SOON; ; pause = Math.min(pause * 2, SELDOM)) {
      const reply = await this.#executor.send('POST', '/v1/grants/redeem', body, JSON_BODY, 0, signal);
      const permit = this.#permit(reply, verified, exact);
      if (permit !== undefined) {
        return permit;
      }
      // An answer that is none may have used it up: whoever asks again learns that.
      const late = performance.now() + pause > end;
      if ('status' in reply && (isNo(reply) || (late && reply.status === 503))) {
        const {code, text} = problem(reply);
        throw new NotPermitted(code, text);
      }
      if (late) {
        throw new NotPermitted('executor-away', 'it did not answer, so the call must not be run');
      }
      await rest(pause, signal);
    }
  }

  /** Asks for the keys until they are there: no approval is thrown away for want of them. */
  async #verified(grant: string, exact: JsonObject, end: number, signal?: AbortSignal): Promise<Grant> {
    for (let pause = SOON; ; pause = Math.min(pause * 2, SELDOM)) {
      try {
        const verified = await unlessAborted(this.verify(grant, exact), signal);
        signal?.throwIfAborted();
        return verified;
      } catch (no) {
        if (!(no instanceof NotPermitted) || no.code !== 'keys-away' || performance.now() + pause > end) {
          throw no;
        }
      }
      await rest(pause, signal);
    }
  }

  #permit<P extends JsonObject>(reply: Reply | Unheard, verified: Grant, exact: P): Permit<P> | undefined {
    if (!('status' in reply) || reply.status !== 200 || reply.json?.['actionId'] !== verified.actionId) {
      return undefined;
    }
    const {receipt, reportBy} = reply.json;
    if (typeof receipt !== 'string' || typeof reportBy !== 'string') {
      return undefined;
    }
    const permit: Permit<P> = {
      actionId: verified.actionId,
      grant: verified,
      parameters: exact,
      receipt,
      reportBy,
      report: (outcome, code = 'done', summary) =>
        this.#report(permit, outcome, {receipt, status: outcome, code, ...(summary === undefined ? {} : {summary})}),
    };
    return unprinted(permit, 'parameters', 'receipt');
  }

  async #report(permit: Permit, status: Outcome, report: JsonObject): Promise<void> {
    const body = canonical(report);
    const end = performance.now() + this.#patience;
    for (let pause = SOON; ; pause = Math.min(pause * 2, SELDOM)) {
      const reply = await this.#executor.send(
        'POST', `/v1/executions/${encodeURIComponent(permit.actionId)}/outcome`, body, JSON_BODY);
      if ('status' in reply) {
        if (reply.status === 200) {
          return;
        }
        if (isNo(reply)) {
          const {code, text} = problem(reply);
          throw new NotReported(code, text, permit, status);
        }
      }
      if (performance.now() + pause > end) {
        throw new NotReported('executor-away', 'the executor does not answer', permit, status);
      }
      await rest(pause);
    }
  }
}

/** What comes of it, or the signal's reason once that is aborted; the work is others' too and goes on. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) {
    return work;
  }
  let stop = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop);
    if (signal.aborted) {
      stop();
    }
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** The ticket service's keys that sign grants, fetched when they are needed and kept a while. */
class Keys {
  readonly #door: Door | undefined;
  readonly #path: string;
  #keys = new Map<string, Key>();
  #fetched = -Infinity;
  #attempted = -Infinity;
  /** Why the last attempt failed, if it did. */
  #broken: string | undefined;
  #fetching: Promise<void> | undefined;

  constructor(
    source: string | {keys: unknown[]},
    private readonly clock: () => number,
    fetch?: Fetch,
  ) {
    if (typeof source === 'string') {
      const {origin, pathname, search, hash} = new URL(source);
      if (search !== '' || hash !== '') {
        throw new TypeError(`${source} is no address of a key set: it has a query or a fragment; leave that out`);
      }
      this.#door = new Door(origin, undefined, fetch);
      this.#path = pathname;
    } else {
      this.#path = '';
      this.#keys = keysOf(source);
    }
  }

  async find(kid: string): Promise<KeyObject | undefined> {
    if (this.#door !== undefined && (this.#isStale() || !this.#keys.has(kid))) {
      // A key that is not known may be new; strangers' tokens must not make it a flood.
      if (this.#fetching === undefined && performance.now() - this.#attempted > AGAIN) {
        this.#fetching = this.#fetch(this.#door).finally(() => (this.#fetching = undefined));
      }
      await this.#fetching;
      if (this.#isStale() || (!this.#keys.has(kid) && this.#broken !== undefined)) {
        throw new NotPermitted('keys-away', this.#broken ?? 'there are none');
      }
    }
    const found = this.#keys.get(kid);
    return found === undefined || (found.until !== undefined && this.clock() / 1000 > found.until)
      ? undefined
      : found.key;
  }

  #isStale(): boolean {
    return performance.now() - this.#fetched > FRESH;
  }

  /** For all who wait for it: what became of it is in the fields. */
  async #fetch(door: Door): Promise<void> {
    const reply = await door.send('GET', this.#path);
    this.#attempted = performance.now();
    if (!('status' in reply) || reply.status !== 200) {
      const why = 'status' in reply ? `HTTP ${reply.status}` : reply.unheard;
      this.#broken = `the ticket service's keys can't be had: ${why}`;
      return;
    }
    try {
      this.#keys = keysOf(reply.json);
      this.#fetched = this.#attempted;
      this.#broken = undefined;
    } catch (noSet) {
      this.#broken = `no key set: ${String(noSet)}`;
    }
  }
}
