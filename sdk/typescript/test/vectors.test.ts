import assert from 'node:assert/strict';
import {test} from 'node:test';
import {inspect} from 'node:util';
import type {Answer} from '../src/answer.js';
import {canonical, type JsonObject} from '../src/canonical.js';
import {Conversation} from '../src/conversation.js';
import {keysOf, NotPermitted, verify} from '../src/grant.js';
import {AlreadyDone, Countersign, NotApproved, requireGrant, requireSucceeded, runKey} from '../src/index.js';
import {read} from './vectors.js';

test('numbers are written as ECMAScript does', () => {
  for (const {bits, canonical: expected} of read('canonical.json').numbers) {
    assert.equal(canonical(Buffer.from(bits, 'hex').readDoubleBE()), expected);
  }
});

test('a value has one spelling', () => {
  for (const {json, canonical: expected} of read('canonical.json').values) {
    assert.equal(canonical(JSON.parse(json)), expected);
  }
});

test('what has no canonical form is refused', () => {
  for (const {json, says} of read('canonical.json').refused) {
    assert.throws(() => canonical(JSON.parse(json)), TypeError, says);
  }
});

test('what is not JSON is not bent into it', () => {
  for (const value of [undefined, NaN, -Infinity, 1n, new Date(), new Map(), () => 1, Symbol('x'), [, 1]]) {
    assert.throws(() => canonical({value}), TypeError);
  }
});

test('a grant permits its call and nothing else', async () => {
  const vectors = read('grants.json');
  const keys = keysOf(vectors.jwks);
  assert.ok(vectors.cases.length > 40);
  for (const {says, grant, expected, at, tool, parameters} of vectors.cases) {
    const now = Date.parse(at ?? vectors.now) / 1000;
    const find = async (kid: string) => {
      const key = keys.get(kid);
      return key === undefined || (key.until !== undefined && now > key.until) ? undefined : key.key;
    };
    const judged = await verify(grant, tool ?? vectors.tool, parameters ?? vectors.parameters, find, now).then(
      () => 'permitted',
      (no: unknown) => (no instanceof NotPermitted ? no.code : String(no)),
    );
    assert.equal(judged, expected, says);
  }
});

test('a key set that is none is refused', () => {
  const good = read('grants.json').jwks.keys[0];
  for (const jwks of [
    null,
    [],
    {keys: {}},
    {keys: [good, good]},
    {keys: [{...good, crv: 'X25519'}]},
    {keys: [{...good, x: good.x.slice(0, -2)}]},
    {keys: [{...good, validFor: {until: 'soon'}}]},
  ]) {
    assert.throws(() => keysOf(jwks));
  }
});

test('every conversation goes as it is written', async (t) => {
  const vectors = read('conversations.json');
  assert.ok(vectors.conversations.length > 25);
  for (const one of vectors.conversations) {
    await t.test(one.says, async () => {
      const steps = [...one.steps];
      const told: string[] = [];
      const bodies = new Set<string | undefined>();
      let now = 1000;
      const world = {
        now: () => now,
        pause: async (time: number) => {
          const step = steps.shift();
          assert.ok(step !== undefined && Math.abs(step.pause - time) < 1e-6, `${JSON.stringify(step)}: paused ${time}`);
          now += time;
        },
        send: async (method: string, path: string, body: string | undefined, headers: Record<string, string>) => {
          const step = steps.shift();
          assert.equal(`${method} ${path}`, step?.send);
          if (method === 'POST') {
            assert.equal(headers['idempotency-key'], vectors.key);
            bodies.add(body);
          }
          now += step.takes;
          return 'unheard' in step.reply ? step.reply : {json: undefined, retryAfter: undefined, ...step.reply};
        },
      };
      const tell = (answer: Answer) => void told.push(answer.sayToUser);
      const {timeout, until, drawn} = one;
      const answer = await new Conversation(world, vectors.key, timeout, until, tell, drawn).propose('{}');
      assert.deepEqual(steps, []);
      assert.equal(bodies.size, 1, 'a retry is the same proposal');
      assert.equal(answer.status, one.answer.status);
      if ('grant' in one.answer) {
        assert.equal(answer.status === 'approved' ? answer.grant : null, one.answer.grant);
      }
      if ('reason' in one.answer) {
        assert.equal(answer.reason?.code, one.answer.reason);
      }
      const printed = inspect({answer}, {depth: null});
      assert.ok(printed.includes(answer.sayToUser.slice(0, 10)), printed);
      assert.doesNotMatch(printed, /grant|execution|response|decision/);
      if ('sayToUser' in one.answer) {
        assert.equal(answer.sayToUser, one.answer.sayToUser);
      }
      if ('reconciled' in one.answer) {
        assert.equal(answer.reconciled?.finding, one.answer.reconciled);
      }
      const {succeeded = answer.status === 'succeeded', done = answer.status === 'succeeded'} = one.answer;
      if (succeeded) {
        requireSucceeded(answer);
      } else {
        assert.throws(
          () => requireSucceeded(answer),
          (no) => no instanceof NotApproved && no.message.includes(answer.sayToUser),
        );
      }
      if (answer.status === 'approved' && !done) {
        assert.equal(requireGrant(answer), answer.grant);
      } else {
        assert.throws(() => requireGrant(answer), done ? AlreadyDone : NotApproved);
      }
      if ('told' in one) {
        assert.deepEqual(told, one.told);
      }
    });
  }
});

test('bad input is told before anything is sent', async () => {
  const gate = new Countersign({agent: {id: 'bot'}, fetch: () => assert.fail('nothing is sent')});
  for (const [tool, parameters] of [['deploy', {}], ['a/', {}], ['a/b', []], ['a/b', {at: new Date()}]] as const) {
    await assert.rejects(gate.guard(tool, parameters as unknown as JsonObject), TypeError);
  }
  for (const key of ['', ' a', 'a ', '"a"', 'ü', 'a\n', 'x'.repeat(256)]) {
    await assert.rejects(gate.guard('a/b', {}, {key}), TypeError);
  }
  assert.notEqual(runKey('a', 'bc'), runKey('ab', 'c'));
  const known = read('conversations.json').runKey;
  assert.equal(runKey(...known.parts), known.key);
});
