/** An agent's side of the gate. */
import {createHash, randomUUID} from 'node:crypto';
import {isOpen, requireGrant, type Answer} from './answer.js';
import {canonical, copy, type JsonObject} from './canonical.js';
import {Conversation, uuid, type Until, type World} from './conversation.js';
import {Door, pause, type Fetch} from './door.js';
import {NotPermitted} from './grant.js';
import {NoEffect, NotReported, type Permit, type Redeemer} from './redeem.js';

const DEFAULT_TIMEOUT = 900;

/** After a grant was found to be used: how it ended may be on its way to the gateway. Seconds. */
const SETTLES = 10;

export interface Agent {
  readonly id: string;
  readonly platform?: string;
  /** Which run it is. */
  readonly session?: string;
  /** The person or office it acts for, who may not answer. */
  readonly onBehalfOf?: string;
}

/** The agent's own words: shown as such, able to raise the risk, never to lower it. */
export interface Intent {
  readonly summary?: string;
  readonly reason?: string;
  readonly expectedEffect?: string;
  readonly rollbackPlan?: string;
  readonly confidence?: number;
}

export interface FollowOptions {
  /** Seconds. Once they are over the proposal goes on waiting, and the same key asks for it again. Default: 900 */
  timeout?: number;
  /** Default: executed */
  until?: Until;
  /** Hears each change of what the user should know. */
  tell?: (answer: Answer) => void;
  /** Stops the waiting, until a grant is redeemed: after that it is run. It does not withdraw the proposal. */
  signal?: AbortSignal;
}

export interface GuardOptions extends FollowOptions {
  /**
   * The same key is the same proposal, however often it is asked for: give one that outlives a crash, or a retry is a
   * second wish.
   */
  key?: string;
  intent?: Intent;
  annotations?: JsonObject;
  /** ISO 8601 (`PT1H`); shortens the policy's, never lengthens it. */
  deadline?: string;
}

export interface Options {
  /** Default: http://localhost:8080 */
  gateway?: string;
  agent: Agent;
  /** An API key or an access token. */
  token?: string;
  /** With a client certificate, for one. */
  fetch?: Fetch;
}

/**
 * One idempotency key of what names a step of a run: its thread and its tool call, for example. A step that is executed
 * again then finds its own proposal, whatever characters its names have.
 */
export function runKey(...parts: string[]): string {
  return `run:${createHash('sha256').update(canonical(parts), 'utf8').digest('hex')}`;
}

export class Countersign {
  readonly #agent: Agent;
  readonly #gateway: Door;

  constructor(options: Options) {
    if (!options.agent.id) {
      throw new TypeError('agent needs an id');
    }
    this.#agent = copy(options.agent as unknown as JsonObject) as unknown as Agent;
    this.#gateway = new Door(options.gateway ?? 'http://localhost:8080', options.token, options.fetch);
  }

  /** Proposes one tool call and waits for what becomes of it. */
  async guard(tool: string, parameters: JsonObject, options: GuardOptions = {}): Promise<Answer> {
    const match = /^([^/]+)\/(.+)$/.exec(tool);
    if (match === null) {
      throw new TypeError('a tool is named toolset/name, like payments/wire_transfer');
    }
    if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters)) {
      throw new TypeError('parameters are an object');
    }
    const {intent, annotations, deadline} = options;
    const proposal = canonical({
      agent: this.#agent,
      tool: {toolset: match[1], name: match[2]},
      parameters,
      ...(intent === undefined ? {} : {intent}),
      ...(annotations === undefined ? {} : {annotations}),
      ...(deadline === undefined ? {} : {deadline}),
    });
    return this.#conversation(options, checkedKey(options.key), options.key === undefined).propose(proposal);
  }

  /** Waits for what becomes of an action that was proposed before; with `timeout: 0`, says how it stands. */
  async follow(actionId: string, options: FollowOptions = {}): Promise<Answer> {
    return this.#conversation(options).follow(checkedId(actionId));
  }

  /**
   * Asks to take a proposal back, and says how it stands then: once there is an answer, it stays. Follow it to learn
   * whether it came in time. Where there is no answer after a moment, cancel once more: a gateway that was away has not
   * heard it.
   */
  async cancel(actionId: string, reason: string): Promise<Answer> {
    const body = canonical({reason});
    const path = `/v1/actions/${checkedId(actionId)}/cancel`;
    // Whether it was heard, how it stands says.
    await this.#gateway.send('POST', path, body, {'content-type': 'application/json'});
    return this.follow(actionId, {timeout: 0});
  }

  /**
   * Makes a function run only once its call was approved. Its grant is verified and redeemed, it gets exactly what was
   * approved, and how it ended is reported: an exception as `unknown`, NoEffect as `failed`. Throws NotApproved,
   * NotPermitted, or, where this key's call was run before, AlreadyDone.
   */
  guarded<P extends JsonObject, T>(
    redeemer: Redeemer,
    run: (parameters: P) => Promise<T> | T,
    options: Omit<GuardOptions, 'key' | 'until'> & {key?: (parameters: P) => string} = {},
  ): (parameters: P) => Promise<T> {
    const {key, ...rest} = options;
    return async (parameters) => {
      const exact = copy(parameters);
      const answer = await this.guard(redeemer.tool, exact, {
        ...rest,
        until: 'approved',
        ...(key === undefined ? {} : {key: key(exact)}),
      });
      return runPermitted(await this.redeem(redeemer, answer, exact, options), run);
    };
  }

  /**
   * The permit of an approval. Where its grant was used before, and how that ended is on its way, it throws what a later
   * call would: AlreadyDone or NotApproved.
   */
  async redeem<P extends JsonObject>(
    redeemer: Redeemer,
    answer: Answer,
    parameters: P,
    options: FollowOptions = {},
  ): Promise<Permit<P>> {
    const {signal} = options;
    try {
      return await redeemer.verifyAndRedeem(requireGrant(answer), parameters, signal);
    } catch (no) {
      if (no instanceof NotPermitted && no.code === 'used-up' && answer.actionId !== undefined) {
        const timeout = Math.min(options.timeout ?? DEFAULT_TIMEOUT, SETTLES);
        const settled = await this.follow(answer.actionId, {timeout, ...(signal && {signal})});
        if (settled.status !== 'approved' && !isOpen(settled)) {
          requireGrant(settled);
        }
      }
      throw no;
    }
  }

  #conversation(options: FollowOptions, key?: string, drawn = false): Conversation {
    const {timeout = DEFAULT_TIMEOUT, until = 'executed', tell, signal} = options;
    signal?.throwIfAborted();
    const world: World = {
      send: (method, path, body, headers, wait) => this.#gateway.send(method, path, body, headers, wait, signal),
      now: () => performance.now() / 1000,
      pause: (time) => pause(time * 1000, signal),
    };
    return new Conversation(world, key, timeout, until, tell, drawn);
  }
}

/** Runs what a permit permits, and reports how it ended. */
export async function runPermitted<P extends JsonObject, T>(
  permit: Permit<P>,
  run: (parameters: P) => Promise<T> | T,
): Promise<T> {
  let result: T;
  try {
    result = await run(permit.parameters);
  } catch (broken) {
    try {
      if (broken instanceof NoEffect) {
        await permit.report('failed', 'no-effect');
      } else {
        // It may have got half way.
        await permit.report('unknown', broken instanceof Error ? broken.name.slice(0, 64) : 'thrown');
      }
    } catch (unreported) {
      throw both(broken, unreported);
    }
    throw broken;
  }
  try {
    await permit.report('succeeded');
  } catch (unreported) {
    if (unreported instanceof NotReported) {
      unreported.result = result;
    }
    throw unreported;
  }
  return result;
}

/** What was thrown, with why it could not be reported; the other way round where nothing can be put on it. */
function both(broken: unknown, unreported: unknown): unknown {
  if (broken instanceof Error && Object.isExtensible(broken)) {
    return Object.defineProperty(broken, 'notReported', {value: unreported, enumerable: true, configurable: true});
  }
  return unreported instanceof Error ? Object.assign(unreported, {cause: broken}) : unreported;
}

function checkedKey(key: string | undefined): string {
  if (key === undefined) {
    return randomUUID();
  }
  // As the gateway takes it, less what it would strip.
  if (!/^(?:[!#-~]|[!#-~][ -~]{0,253}[!-~])$/.test(key)) {
    throw new TypeError('a key has 1 to 255 printable ASCII characters; runKey makes one of any text');
  }
  return key;
}

function checkedId(actionId: string): string {
  const id = uuid(actionId);
  if (id === undefined) {
    throw new TypeError("an action's id is a UUID of 36 characters");
  }
  return id;
}
