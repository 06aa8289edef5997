// A model that reads that its call waits likes to make it once more.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Countersign} from '../src/index.js';
import {guardedExecute} from '../src/openai-agents.js';
import {serving, type Answer, type Asked} from './serving.js';

const id = '018f6f3e-9d5c-7c3e-8f4a-000000000000';
const call = (callId: string) => ({toolCall: {callId}});

test('what is not over is told as such, and made once however often the model calls', async () => {
  let state: object = {status: 'waiting', sayToUser: 'It waits.'};
  const answer = (): Answer => ({status: 200, body: {actionId: id, ...state}});
  await serving(answer, async (gateway, asked) => {
    const gate = new Countersign({gateway, agent: {id: 'bot'}});
    const execute = guardedExecute(gate, 'a/b', {session: 'run', timeout: 0});
    const keys = (): Set<unknown> =>
      new Set(asked.filter(({line}: Asked) => line.startsWith('POST')).map(({headers}) => headers['idempotency-key']));

    const first = await execute({n: 1, to: 'x'}, undefined, call('call-1'));
    assert.deepEqual([first.status, first.action_id, first.say_to_user], ['waiting', id, 'It waits.']);
    assert.match(first.what_to_do ?? '', new RegExp(`still waits as action ${id}.*not make this call again`));
    await execute({to: 'x', n: 1.0}, undefined, call('call-2'));
    assert.equal(keys().size, 1, 'it is the first one, asked for again');
    await execute({n: 2, to: 'x'}, undefined, call('call-3'));
    assert.equal(keys().size, 2, 'another input is another call');

    state = {status: 'approved', sayToUser: 'Approved.', decision: {outcome: 'approved'}, grant: 'eyJ'};
    assert.match((await execute({n: 1, to: 'x'}, undefined, call('call-4'))).what_to_do ?? '', /not make this call again/);
    state = {status: 'succeeded', sayToUser: 'Done.', execution: {status: 'succeeded'}};
    const over = await execute({n: 1, to: 'x'}, undefined, call('call-5'));
    assert.deepEqual([over.status, over.what_to_do], ['succeeded', undefined]);
    assert.equal(keys().size, 2);
    await execute({n: 1, to: 'x'}, undefined, call('call-6'));
    assert.equal(keys().size, 3, 'what is over may be wished for again');
  });
});

test('a gate that is away leaves the call where it may be', async () => {
  await serving(() => ({status: 403}), async (gateway, asked) => {
    const gate = new Countersign({gateway, agent: {id: 'bot'}});
    const execute = guardedExecute(gate, 'a/b', {session: 'run', timeout: 0});
    for (const callId of ['call-1', 'call-2']) {
      const told = await execute({}, undefined, call(callId));
      assert.deepEqual([told.status, told.action_id], ['away', undefined]);
      assert.match(told.what_to_do ?? '', /may still be done.*not make this call again/);
    }
    assert.equal(asked[0]?.headers['idempotency-key'], asked[1]?.headers['idempotency-key']);
  });
});
