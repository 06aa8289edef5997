// A node is executed again from its start, and what resumes a graph resumes all of its nodes.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Annotation, Command, END, MemorySaver, START, StateGraph} from '@langchain/langgraph';
import {release, releaseGraph} from '../examples/langgraph.js';
import {Countersign, NotApproved, Redeemer} from '../src/index.js';
import {guardInNode, type NodeConfig} from '../src/langgraph.js';
import {serving, type Asked} from './serving.js';

const State = Annotation.Root({done: Annotation<string[]>({reducer: (a, b) => [...a, ...b], default: () => []})});

test('a resume value is no answer, and each node finds its own proposal again', async () => {
  const ids = new Map<string, string>();
  const approved = new Set<string>();
  const idOf = (key: string): string => {
    const id = ids.get(key) ?? `018f6f3e-9d5c-7c3e-8f4a-00000000000${ids.size}`;
    ids.set(key, id);
    return id;
  };
  const answer = ({line, headers}: Asked) => {
    const actionId = line.startsWith('POST') ? idOf(String(headers['idempotency-key'])) : line.slice(16, 52);
    const body = approved.has(actionId)
      ? {actionId, status: 'succeeded', sayToUser: 'Done.', execution: {status: 'succeeded'}}
      : {actionId, status: 'waiting', sayToUser: 'It waits.'};
    return {status: 200, body};
  };
  await serving(answer, async (gateway, asked) => {
    const gate = new Countersign({gateway, agent: {id: 'bot'}});
    const node = (name: string) => async (_: unknown, config: NodeConfig) => {
      const {status} = await guardInNode(gate, config, {tool: 'a/b', parameters: {name}}, {timeout: 0});
      return {done: [`${name} ${status}`]};
    };
    const graph = new StateGraph(State)
      .addNode('one', node('one'))
      .addNode('two', node('two'))
      .addEdge(START, 'one')
      .addEdge(START, 'two')
      .addEdge('one', END)
      .addEdge('two', END)
      .compile({checkpointer: new MemorySaver()});
    const config = {configurable: {thread_id: 'thread'}};

    await graph.invoke({}, config);
    await graph.invoke(new Command({resume: 'approved'}), config);
    assert.equal(ids.size, 2, 'two proposals, however often they were made');
    assert.ok(asked.filter(({line}) => line.startsWith('POST')).length > 2, 'and they were made again');
    assert.deepEqual((await graph.getState(config)).values.done, []);

    approved.add([...ids.values()][1] ?? '');
    await graph.invoke(new Command({resume: 'approved'}), config);
    approved.add([...ids.values()][0] ?? '');
    const state = await graph.invoke(new Command({resume: 'rejected'}), config);
    assert.deepEqual([...state.done].sort(), ['one succeeded', 'two succeeded']);
    assert.equal(ids.size, 2);
  });
});

test('a gate that is away is asked again, and its silence is not taken for the end', async () => {
  let away = true;
  const id = '018f6f3e-9d5c-7c3e-8f4a-000000000000';
  const answer = () => away ? undefined : {status: 200, body: {actionId: id, status: 'denied', sayToUser: 'No.'}};
  await serving(answer, async (gateway) => {
    const gate = new Countersign({gateway, agent: {id: 'bot'}});
    let entered = 0;
    const never = () => assert.fail('nobody has approved');
    const graph = releaseGraph(gate, new Redeemer('releases/deploy'), never, () => away = ++entered < 2);
    const began = performance.now();
    await assert.rejects(release(graph, gate, 'thread', '5.0.0', never, 300), NotApproved);
    assert.equal(entered, 2);
    assert.ok(performance.now() - began >= 295, 'after a pause');
  });
});

test('a gate that does not know who asks is not asked for ever', async () => {
  for (const body of ['', {type: 'urn:countersign:problem:not-authenticated', detail: 'Send a token.'}]) {
    await serving(() => ({status: 401, body}), async (gateway) => {
      const gate = new Countersign({gateway, agent: {id: 'bot'}});
      let entered = 0;
      const never = () => assert.fail('nobody has approved');
      const graph = releaseGraph(gate, new Redeemer('releases/deploy'), never, () => assert.ok(++entered < 2));
      await assert.rejects(release(graph, gate, 'thread', '5.0.0', never, 1), /does not say how it stands/);
    });
  }
});

test('a call that could not be known again is not made', async () => {
  const gate = new Countersign({agent: {id: 'bot'}, fetch: () => assert.fail('nothing is sent')});
  for (const config of [{}, {configurable: {}}, {configurable: {thread_id: 'thread'}}]) {
    await assert.rejects(guardInNode(gate, config, {tool: 'a/b', parameters: {}}), TypeError);
  }
});
