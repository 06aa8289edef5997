/**
 * For nodes of LangGraph. A node that asks people interrupts its graph, so that nothing is held while they take their
 * time; whoever resumes it executes the node from its start. Everything is keyed by the thread and the call, so the
 * second execution finds the first one's proposal. What the graph is resumed with is never taken for the answer: one
 * value resumes all nodes that were interrupted side by side, and anybody could say yes.
 */
import {interrupt} from '@langchain/langgraph';
import {AlreadyDone, isOpen, type Answer} from './answer.js';
import {canonical, type JsonObject} from './canonical.js';
import {runKey, runPermitted, type Countersign, type GuardOptions} from './client.js';
import type {Redeemer} from './redeem.js';

/** Of what a node gets as its second argument. */
export interface NodeConfig {
  readonly configurable?: {readonly thread_id?: unknown; readonly checkpoint_ns?: unknown} & Record<string, unknown>;
}

export interface NodeCall<P extends JsonObject = JsonObject> {
  /** `toolset/name` */
  readonly tool: string;
  readonly parameters: P;
  /**
   * The tool call's id, as the model gave it. Without one, the execution of the node and the call itself name it: then
   * two calls in one node that are the same to the last parameter are one, and whoever goes back to a past state of the
   * thread asks anew.
   */
  readonly callId?: string;
}

export interface NodeOptions extends Omit<GuardOptions, 'key'> {
  /** How many seconds the node itself waits before it interrupts the graph. Default: 2, for what policy allows. */
  timeout?: number;
}

/** What an interrupt of ours holds: what to tell the user, and by what to follow it. */
export interface Waiting {
  readonly countersign: {
    /** Undefined while the gate does not answer (`away`): resume the graph later, and it is asked again. */
    readonly actionId: string | undefined;
    readonly tool: string;
    readonly status: string;
    readonly sayToUser: string;
    /** The code of why, where there is one: `away` for want of a token stays so. */
    readonly reason: string | undefined;
  };
}

const TIMEOUT = 2;

/**
 * The answer to a node's call, once there is one; until then it interrupts the graph with `Waiting`. Resume the graph
 * with anything, when `gate.follow(actionId)` has an answer or now and then; what is still open interrupts it again.
 */
export async function guardInNode(
  gate: Countersign,
  config: NodeConfig,
  call: NodeCall,
  options: NodeOptions = {},
): Promise<Answer> {
  const key = keyOf(config, call);
  for (;;) {
    const answer = await gate.guard(call.tool, call.parameters, {timeout: TIMEOUT, ...options, key});
    // Approved and not yet told how it ended is no end either, for who waits for that.
    if (!isOpen(answer) && (answer.status !== 'approved' || options.until === 'approved')) {
      return answer;
    }
    const {actionId, status, sayToUser} = answer;
    const reason = answer.reason?.code;
    // In a graph that was resumed the first of these returns, and the next one interrupts.
    interrupt({countersign: {actionId, tool: call.tool, status, sayToUser, reason}} satisfies Waiting);
  }
}

/** What was run here, or that an earlier execution of the node had run it: its result is then lost with that one. */
export type Ran<T> =
  | {readonly ran: true; readonly actionId: string; readonly result: T}
  | {readonly ran: false; readonly answer: Answer};

/**
 * Runs a function in a node once its call was approved, and once in all, however often the node is executed. Throws
 * NotApproved for a no, and NotPermitted (`used-up`) where an earlier execution had begun and not told how it ended.
 */
export async function runInNode<P extends JsonObject, T>(
  gate: Countersign,
  redeemer: Redeemer,
  config: NodeConfig,
  call: Omit<NodeCall<P>, 'tool'>,
  run: (parameters: P) => Promise<T> | T,
  options: Omit<NodeOptions, 'until'> = {},
): Promise<Ran<T>> {
  const answer = await guardInNode(gate, config, {...call, tool: redeemer.tool}, {...options, until: 'approved'});
  try {
    const permit = await gate.redeem(redeemer, answer, call.parameters, options.signal && {signal: options.signal});
    return {ran: true, actionId: permit.actionId, result: await runPermitted(permit, run)};
  } catch (no) {
    if (no instanceof AlreadyDone) {
      return {ran: false, answer: no.answer};
    }
    throw no;
  }
}

function keyOf(config: NodeConfig, call: NodeCall): string {
  const {thread_id: thread, checkpoint_ns: execution} = config.configurable ?? {};
  if (typeof thread !== 'string' || thread === '') {
    throw new TypeError('the graph needs a checkpointer and a thread_id: what is executed again must be known by it');
  }
  if (call.callId !== undefined) {
    return runKey('langgraph', thread, call.callId);
  }
  if (typeof execution !== 'string' || execution === '') {
    throw new TypeError('outside of a node a call needs its callId');
  }
  return runKey('langgraph', thread, execution, call.tool, canonical(call.parameters));
}
