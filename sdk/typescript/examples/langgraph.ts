// A graph whose node deploys once people have approved, and once in all. It is interrupted while they think; whoever
// resumes it executes the node again, from its start.
import {setTimeout as sleep} from 'node:timers/promises';
import {Annotation, Command, END, MemorySaver, START, StateGraph} from '@langchain/langgraph';
import type {Countersign, Redeemer} from '../src/index.js';
import {runInNode, type NodeConfig, type Waiting} from '../src/langgraph.js';

const State = Annotation.Root({version: Annotation<string>, deployed: Annotation<string>});

/** @param deploy what takes effect @param entered called each time that the node is executed */
export function releaseGraph(
  gate: Countersign,
  deploys: Redeemer,
  deploy: (version: string) => string,
  entered: () => void,
) {
  const release = async ({version}: typeof State.State, config: NodeConfig) => {
    entered();
    const parameters = {service: 'checkout', version, environment: 'production'};
    // Here a version is released once in a thread; with a model, this is its tool call's id.
    const call = {parameters, callId: `release ${version}`};
    const done = await runInNode(gate, deploys, config, call, (approved) => deploy(approved.version));
    return {deployed: done.ran ? done.result : done.answer.sayToUser};
  };
  return new StateGraph(State)
    .addNode('release', release)
    .addEdge(START, 'release')
    .addEdge('release', END)
    .compile({checkpointer: new MemorySaver()});
}

/** What an invocation says that its graph waits for; undefined where it has come to its end. */
export function waitingOf(state: object): Waiting['countersign'] | undefined {
  return (state as {__interrupt__?: {value?: Waiting}[]}).__interrupt__?.[0]?.value?.countersign;
}

/** To a caller whom the gate does not know it stays away. */
const UNKNOWN = ['not-authenticated', 'http-401'];

/**
 * Runs it until it has deployed; `waits` is told what the graph waits for, and need not hold anything.
 *
 * @param pause milliseconds before a gate that is away is asked again
 */
export async function release(
  graph: ReturnType<typeof releaseGraph>,
  gate: Countersign,
  thread: string,
  version: string,
  waits: (waiting: Waiting['countersign']) => void,
  pause = 5_000,
): Promise<string> {
  const config = {configurable: {thread_id: thread}};
  let state = await graph.invoke({version}, config);
  for (;;) {
    const waiting = waitingOf(state);
    if (waiting === undefined) {
      return state.deployed;
    }
    if (UNKNOWN.includes(waiting.reason ?? '')) {
      throw new Error(waiting.sayToUser);
    }
    // The gate did not answer: the node, executed again, asks it again.
    if (waiting.status === 'away' || waiting.actionId === undefined) {
      await sleep(pause);
    } else {
      waits(waiting);
      await gate.follow(waiting.actionId, {until: 'approved'});
    }
    // What it is resumed with decides nothing.
    state = await graph.invoke(new Command({resume: 'approved, says whoever resumes it'}), config);
  }
}
