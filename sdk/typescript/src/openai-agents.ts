/**
 * For tools of the OpenAI Agents SDK. It needs nothing of that package: `guardedExecute` makes what its `tool()` takes
 * as `execute`.
 */
import {isOpen, tookEffect, type Answer} from './answer.js';
import {canonical, type JsonObject} from './canonical.js';
import {runKey, type Countersign, type GuardOptions} from './client.js';

export interface ExecuteOptions extends Omit<GuardOptions, 'key' | 'until' | 'signal'> {
  /** Names the run, so that one which is taken up again from its saved state finds what it proposed before. */
  session: string;
}

/** Of what the Agents SDK tells a tool beside its input. */
export interface CallDetails {
  readonly toolCall?: {readonly callId?: string};
  readonly signal?: AbortSignal;
}

/** What the model reads: never an answer without its status. */
export interface Told {
  readonly status: Answer['status'];
  readonly action_id: string | undefined;
  readonly say_to_user: string;
  /** For the model, where it is not over: it would make the call again. */
  readonly what_to_do?: string;
  readonly reason?: {readonly code: string; readonly text: string};
  /** What a person found, where somebody has looked: it counts, and not the status. */
  readonly finding?: string;
  /** What the target answered, where the operator lets agents have it. */
  readonly response?: Readonly<Record<string, unknown>>;
}

/**
 * A tool's `execute` that has Countersign run `toolset/name` with exactly the model's input, and tells the model how it
 * ended. The same call of the same run is one proposal, however often it is executed. Ask for `strict` parameters: what
 * the schema lets through is what an approver sees.
 *
 * While the answer is open, another call with the same input is that proposal and no second one: a model that reads
 * "waiting" likes to try once more. That is known in this process alone.
 */
export function guardedExecute(
  gate: Countersign,
  tool: string,
  options: ExecuteOptions,
): (input: unknown, context?: unknown, details?: CallDetails) => Promise<Told> {
  const {session, ...rest} = options;
  // The key of what is not over, by its input.
  const open = new Map<string, string>();
  return async (input, _context, details) => {
    const callId = details?.toolCall?.callId;
    if (!callId) {
      throw new TypeError('the call has no id, so that a second execution could not be told from a second wish');
    }
    const parameters = canonical(input as JsonObject);
    const key = open.get(parameters) ?? runKey('openai-agents', session, callId);
    const answer = await gate.guard(tool, input as JsonObject, {
      ...rest,
      key,
      ...(details?.signal === undefined ? {} : {signal: details.signal}),
    });
    if (isOver(answer)) {
      open.delete(parameters);
    } else {
      open.set(parameters, key);
    }
    return told(answer);
  };
}

function isOver(answer: Answer): boolean {
  return !isOpen(answer) && answer.status !== 'approved';
}

function whatToDo({actionId}: Answer): string {
  const where = actionId === undefined ? 'It may still wait, and may still be done' : `It still waits as action ${actionId}`;
  return `${where}. Do not make this call again: that would ask for it twice.`;
}

/** Without the grant: it is for systems, and a model may repeat it to anybody. */
function told(answer: Answer): Told {
  return {
    status: answer.status,
    action_id: answer.actionId,
    say_to_user: answer.sayToUser,
    ...(isOver(answer) ? {} : {what_to_do: whatToDo(answer)}),
    ...(answer.reason === undefined ? {} : {reason: answer.reason}),
    ...(answer.reconciled === undefined ? {} : {finding: answer.reconciled.finding}),
    ...(answer.status === 'succeeded' && tookEffect(answer) && answer.response !== undefined ? {response: answer.response} : {}),
  };
}
