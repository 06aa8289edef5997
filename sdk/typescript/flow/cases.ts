// The TypeScript SDK against a whole system: what SdkTest runs.
//
// It says on its output whom it waits for, one JSON object a line: {"ask": "approve" | "reject" | "approve-after-kill",
// "actionId"}; and in the end {"effects"}: what the target must have seen once.
import assert from 'node:assert/strict';
import {randomUUID} from 'node:crypto';
import {Command} from '@langchain/langgraph';
import {Runner, Usage, type Model, type ModelResponse} from '@openai/agents';
import {release, releaseGraph, waitingOf} from '../examples/langgraph.js';
import {cleaner} from '../examples/openai-agents.js';
import {
  AlreadyDone, Countersign, isOpen, NotApproved, NotPermitted, Redeemer, requireGrant, requireSucceeded, runKey,
  type Answer, type JsonObject,
} from '../src/index.js';

const env = (name: string): string => process.env[name] ?? assert.fail(`${name} is not set`);
const run = randomUUID();
const gate = new Countersign({gateway: env('GATEWAY'), agent: {id: `typescript-${run}`, session: run}});
const deploys = new Redeemer('releases/deploy', {executor: env('EXECUTOR'), keys: env('KEYS')});
const timeout = 600;
const aMoment = 5;
const effects: string[] = [];

const say = (line: object): void => console.log(JSON.stringify(line));

function asking(what: string): (waiting: {actionId: string | undefined}) => void {
  const asked = new Set<string>();
  return ({actionId}) => {
    if (actionId !== undefined && !asked.has(actionId)) {
      asked.add(actionId);
      say({ask: what, actionId});
    }
  };
}

const cases: Record<string, () => Promise<void>> = {
  async 'an allowed action is done once under its key'() {
    const key = runKey(run, 'allowed');
    const guard = async (n: string): Promise<Answer> => gate.guard('demo/noop', {n}, {key, timeout});
    const answer = requireSucceeded(await guard(`Zürich 🚀 ${run}`));
    assert.equal(requireSucceeded(await guard(`Zürich 🚀 ${run}`)).actionId, answer.actionId);
    effects.push(String(answer.actionId));
    const other = await guard('another');
    assert.deepEqual([other.status, other.reason?.code], ['refused', 'conflict']);
  },

  async 'what the policy or the system says no to is told apart'() {
    const recipient = {name: 'ACME GmbH', iban: 'DE89370400440532013000'};
    const transfer = {recipient, amount: '0.00', currency: 'EUR'};
    const denied = await gate.guard('payments/wire_transfer', transfer, {timeout});
    assert.equal(denied.status, 'denied');
    assert.throws(() => requireSucceeded(denied), NotApproved);
    let deep: JsonObject = {};
    for (let level = 0; level < 40; level++) {
      deep = {deeper: deep};
    }
    const refused = await gate.guard('demo/noop', deep, {timeout});
    assert.deepEqual([refused.status, refused.reason?.code], ['refused', 'too-deep']);
  },

  async 'an approved action is done once however often it is asked for'() {
    const key = runKey(run, 'approved');
    const parameters = {folder: run, paths: ['old']};
    const guard = async () => gate.guard('files/delete_files', parameters, {key, timeout, tell: asking('approve')});
    const answer = requireSucceeded(await guard());
    assert.equal(requireSucceeded(await guard()).actionId, answer.actionId);
    effects.push(String(answer.actionId));
  },

  async 'a rejected action is not done'() {
    const answer = await gate.guard('files/delete_files', {paths: ['all']}, {timeout, tell: asking('reject')});
    assert.equal(answer.status, 'rejected');
    assert.throws(() => requireGrant(answer), NotApproved);
  },

  async 'what waits can be left and found and taken back'() {
    const answer = await gate.guard('files/delete_files', {paths: ['some']}, {timeout: 0});
    assert.equal(answer.status, 'waiting');
    let ended: Answer = answer;
    while (isOpen(ended)) {
      // A gateway that is away has not heard it.
      await gate.cancel(String(answer.actionId), 'not wanted any more');
      ended = await gate.follow(String(answer.actionId), {timeout: aMoment});
    }
    assert.equal(ended.status, 'cancelled');
  },

  async 'a grant is used once and for its parameters alone'() {
    const key = runKey(run, 'delegated');
    const parameters = {service: 'checkout', version: '4.2.0-rc1', environment: 'staging'};
    const grant = requireGrant(await gate.guard('releases/deploy', parameters, {key, timeout, until: 'approved'}));
    const no = (code: string) => (error: unknown) => error instanceof NotPermitted && error.code === code;
    const changed = {...parameters, version: '4.2.0-rc2'};
    await assert.rejects(deploys.verifyAndRedeem(grant, changed), no('grant-digest'));
    const permit = await deploys.verifyAndRedeem(grant, parameters);
    assert.deepEqual(permit.parameters, parameters);
    await assert.rejects(deploys.verifyAndRedeem(grant, parameters), no('used-up'));
    await permit.report('succeeded', 'deployed', 'checkout is in staging');
    const done = requireSucceeded(await gate.guard('releases/deploy', parameters, {key, timeout}));
    assert.equal(done.execution['reportedBy'], 'tool');
  },

  async 'a guarded function runs once though the gateway died meanwhile'() {
    const ran: string[] = [];
    const deploy = gate.guarded(
      deploys,
      ({version}: {service: string; version: string; environment: string}) => ran.push(version),
      {key: () => runKey(run, 'killed'), timeout, tell: asking('approve-after-kill')},
    );
    const parameters = {service: 'checkout', version: '4.2.0', environment: 'production'};
    assert.equal(await deploy(parameters), 1);
    // How it ended comes to the gateway a moment later.
    requireSucceeded(await gate.guard('releases/deploy', parameters, {key: runKey(run, 'killed'), timeout}));
    await assert.rejects(deploy(parameters), AlreadyDone);
    assert.deepEqual(ran, ['4.2.0']);
  },

  async 'a node of LangGraph that is executed again asks once and runs once'() {
    const ran: string[] = [];
    let entered = 0;
    const graph = releaseGraph(gate, deploys, (version) => `${ran.push(version)}: ${version}`, () => entered++);
    const config = {configurable: {thread_id: randomUUID()}};
    type State = Awaited<ReturnType<typeof graph.invoke>>;
    // The gateway is killed at some moment of this case or of another: while it is away, the node says so.
    const end = Date.now() + timeout * 1000;
    const heard = async (state: State): Promise<State> => {
      while (waitingOf(state)?.status === 'away') {
        assert.ok(Date.now() < end, 'the gateway stayed away');
        state = await graph.invoke(new Command({resume: 'try again'}), config);
      }
      return state;
    };

    const actionId = waitingOf(await heard(await graph.invoke({version: '5.0.0'}, config)))?.actionId;
    assert.ok(actionId !== undefined, 'people are asked');
    // Nobody has approved: that somebody resumes it says nothing.
    const still = waitingOf(await heard(await graph.invoke(new Command({resume: 'yes'}), config)));
    assert.deepEqual([ran, still?.actionId], [[], actionId]);
    asking('approve')({actionId});
    await gate.follow(actionId, {timeout, until: 'approved'});
    const state = await heard(await graph.invoke(new Command({resume: 'no'}), config));
    assert.equal(state.deployed, '1: 5.0.0');
    assert.ok(entered >= 3, `entered ${entered} times`);

    // Taken up again from before the node, it finds that it was done, once the gateway has heard of it.
    requireSucceeded(await gate.follow(actionId, {timeout}));
    for await (const past of graph.getStateHistory(config)) {
      if (past.next.includes('release')) {
        assert.match((await heard(await graph.invoke(null, past.config))).deployed, /approved and done/);
      }
    }
    assert.deepEqual(ran, ['5.0.0']);
  },

  async 'the example for LangGraph releases'() {
    const ran: string[] = [];
    const graph = releaseGraph(gate, deploys, (version) => `${ran.push(version)}`, () => undefined);
    assert.equal(await release(graph, gate, randomUUID(), '5.1.0', asking('approve')), '1');
    assert.deepEqual(ran, ['5.1.0']);
  },

  async 'a tool of the OpenAI Agents SDK that is called again asks once and is run once'() {
    const read: unknown[] = [];
    // In the model's place: it calls the tool, and then repeats what it was told.
    const model: Model = {
      async getResponse({input}): Promise<ModelResponse> {
        const last = Array.isArray(input) ? input.at(-1) : undefined;
        if (last?.type === 'function_call_result') {
          read.push(last.output);
          return {usage: new Usage(), output: [{
            type: 'message', role: 'assistant', status: 'completed',
            content: [{type: 'output_text', text: JSON.stringify(last.output)}],
          }]};
        }
        return {usage: new Usage(), output: [{
          type: 'function_call', callId: 'call_1', name: 'delete_files', status: 'completed',
          arguments: JSON.stringify({paths: ['cache']}),
        }]};
      },
      getStreamedResponse() {
        return assert.fail('nobody streams here');
      },
    };
    const runner = new Runner({modelProvider: {getModel: () => model}, tracingDisabled: true});
    const actionIds = new Set<unknown>();
    const ask = asking('approve');
    const tell = (answer: Answer): void => {
      actionIds.add(answer.actionId);
      ask(answer);
    };
    for (let time = 0; time < 2; time++) {
      const result = await runner.run(cleaner(gate, run, tell), 'Delete the cache.');
      assert.match(String(result.finalOutput), /succeeded/);
    }
    assert.equal(read.length, 2);
    assert.equal(actionIds.size, 1);
    effects.push(...[...actionIds].map(String));
  },
};

const ended = await Promise.allSettled(Object.values(cases).map((each) => each()));
const failed = Object.keys(cases).filter((name, index) => {
  const end = ended[index];
  if (end?.status === 'rejected') {
    console.error(name, end.reason);
  }
  return end?.status !== 'fulfilled';
});
say({effects, failed: failed.length});
process.exitCode = failed.length === 0 ? 0 : 1;
