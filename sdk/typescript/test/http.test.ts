// What goes over a real connection, and what a service that misbehaves comes to.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {setTimeout as sleep} from 'node:timers/promises';
import {inspect} from 'node:util';
import {
  AlreadyDone, Countersign, NoEffect, NotApproved, NotPermitted, NotReported, Redeemer, runPermitted, type RedeemerOptions,
} from '../src/index.js';
import {serving, type Answer, type Asked} from './serving.js';
import {read} from './vectors.js';

const key = '018f6f3e-9d5c-7c3e-8f4a-0d1f2a3b4c5d';
const done = {
  status: 200,
  body: {actionId: key, status: 'succeeded', sayToUser: 'Done.', execution: {status: 'succeeded'}},
};
const vectors = read('grants.json');
const grant: string = vectors.cases[0].grant;
const yes = {status: 200, body: {actionId: key, receipt: 'r', reportBy: '2026-11-26T12:15:00Z'}};
const problem = (status: number, code: string): Answer => ({
  status,
  body: {type: `urn:countersign:problem:${code}`, detail: 'Do this.'},
});

function redeemer(executor: string, more: RedeemerOptions = {}): Redeemer {
  return new Redeemer(vectors.tool, {executor, keys: vectors.jwks, clock: () => Date.parse(vectors.now), ...more});
}

const refused = (code: string) => (error: unknown) => error instanceof NotPermitted && error.code === code;

test('a proposal carries who calls and survives a broken connection', async () => {
  const broken: Answer[] = [undefined, {status: 503, body: '<html>', headers: {'retry-after': '0'}}, done, done];
  await serving(broken, async (gateway, asked) => {
    const gate = new Countersign({gateway: `${gateway}/`, agent: {id: 'bot'}, token: 'key-1'});
    const answer = await gate.guard('a/b', {n: 1.0, who: 'Zürich'}, {key, intent: {reason: 'due'}});
    assert.equal(answer.status, 'succeeded');
    for (const {line, headers, body} of asked.slice(0, 3)) {
      assert.equal(line, 'POST /v1/actions');
      assert.deepEqual([headers.authorization, headers['idempotency-key']], ['Bearer key-1', key]);
      assert.deepEqual([body.parameters, body.intent], [{n: 1, who: 'Zürich'}, {reason: 'due'}]);
    }
  });
});

test('a key is not carried to where a redirect points', async () => {
  await serving([], async (elsewhere, asked) => {
    await serving([{status: 307, headers: {location: `${elsewhere}/v1/actions`}}], async (gateway) => {
      const gate = new Countersign({gateway, agent: {id: 'bot'}, token: 'key-1'});
      assert.equal((await gate.guard('a/b', {}, {timeout: 0.1})).status, 'away');
    });
    assert.deepEqual(asked, []);
  });
});

test('who stops waiting is told so at once', async () => {
  const waiting = {status: 202, body: {actionId: key, status: 'waiting', sayToUser: 'It waits.'}};
  await serving([waiting], async (gateway) => {
    const gate = new Countersign({gateway, agent: {id: 'bot'}});
    const stop = new AbortController();
    const reason = new Error('the user closed the window');
    const tell = (): void => stop.abort(reason);
    await assert.rejects(gate.guard('a/b', {}, {key, tell, signal: stop.signal}), (error) => error === reason);
  });
});

test('who stops waiting between the approval and the effect stops it, and what was redeemed is run', async () => {
  const reason = new Error('the user closed the window');
  const approved = {
    actionId: key, status: 'approved', sayToUser: 'Approved.', decision: {outcome: 'approved'}, grant,
  };
  const guarded = async (at: 'verified' | 'keys' | 'pending' | 'run', ran: string[]): Promise<string[]> => {
    const stop = new AbortController();
    const answer = ({line}: Asked): Answer => {
      if (line.endsWith('jwks.json')) {
        setTimeout(() => stop.abort(reason), 20);
        return 'never';
      }
      if (line.endsWith('/redeem') && at === 'pending') {
        setTimeout(() => stop.abort(reason), 50);
        return problem(503, 'decision-pending');
      }
      return line === 'POST /v1/actions' ? {status: 202, body: approved} : line.endsWith('/redeem') ? yes : done;
    };
    return serving(answer, async (url, asked) => {
      const gate = new Countersign({gateway: url, agent: {id: 'bot'}});
      const clock = (): number => {
        if (at === 'verified') {
          stop.abort(reason);
        }
        return Date.parse(vectors.now);
      };
      const one = redeemer(url, {clock, ...(at === 'keys' && {keys: `${url}/jwks.json`})});
      const run = (): string => {
        if (at === 'run') {
          stop.abort(reason);
        }
        ran.push(at);
        return 'deployed';
      };
      const call = gate.guarded(one, run, {key: () => key, signal: stop.signal})(vectors.parameters);
      if (at === 'run') {
        assert.equal(await call, 'deployed');
      } else {
        await assert.rejects(call, (error) => error === reason);
      }
      return asked.map(({line}) => line.slice(line.lastIndexOf('/')));
    });
  };
  const ran: string[] = [];
  assert.deepEqual(await guarded('verified', ran), ['/actions']);
  assert.deepEqual(await guarded('keys', ran), ['/actions', '/jwks.json']);
  assert.deepEqual(await guarded('pending', ran), ['/actions', '/redeem']);
  assert.deepEqual(ran, []);
  assert.deepEqual(await guarded('run', ran), ['/actions', '/redeem', '/outcome']);
  assert.deepEqual(ran, ['run']);
});

test('a decision that is on its way is waited for', async () => {
  await serving([problem(503, 'decision-pending'), yes], async (executor, asked) => {
    const permit = await redeemer(executor).verifyAndRedeem(grant, vectors.parameters);
    assert.deepEqual([permit.actionId, permit.parameters, permit.receipt], [key, vectors.parameters, 'r']);
    assert.match(inspect(permit), /reportBy/);
    assert.doesNotMatch(inspect(permit), /receipt|parameters/);
    assert.deepEqual(asked[1]?.body, {grant, parameters: vectors.parameters});
  });
});

test('who does not hear the yes does not run it', async () => {
  await serving([undefined, problem(409, 'used-up')], async (executor) => {
    await assert.rejects(redeemer(executor).verifyAndRedeem(grant, vectors.parameters), refused('used-up'));
  });
  await serving([undefined, {status: 200, body: 'yes'}], async (executor) => {
    const hasty = redeemer(executor, {patience: 0.3});
    await assert.rejects(hasty.verifyAndRedeem(grant, vectors.parameters), refused('executor-away'));
  });
});

test('what is no grant for it never gets to the executor', async () => {
  await serving([], async (executor, asked) => {
    for (const one of vectors.cases) {
      if (one.expected !== 'permitted' && one.at === undefined && one.tool === undefined) {
        const parameters = one.parameters ?? vectors.parameters;
        await assert.rejects(redeemer(executor).verifyAndRedeem(one.grant, parameters), refused(one.expected), one.says);
      }
    }
    assert.deepEqual(asked, []);
  });
});

test('keys are fetched once for many grants, and without them nothing is permitted', async () => {
  await serving([{status: 200, body: vectors.jwks}, yes, yes], async (executor, asked) => {
    const one = redeemer(executor, {keys: `${executor}/.well-known/jwks.json`});
    await one.verifyAndRedeem(grant, vectors.parameters);
    await one.verifyAndRedeem(grant, vectors.parameters);
    assert.deepEqual([asked[0]?.line, asked.length], ['GET /.well-known/jwks.json', 3]);
  });
  for (const answer of [undefined, {status: 503, body: ''}, {status: 200, body: {keys: 1}}]) {
    await serving([answer], async (executor) => {
      const one = redeemer(executor, {keys: `${executor}/jwks.json`});
      await assert.rejects(one.verify(grant, vectors.parameters), refused('keys-away'));
    });
  }
});

test('keys that are away are waited for, and the approval is not thrown away', async () => {
  const jwks = {status: 200, body: vectors.jwks};
  await serving([{status: 503, body: ''}, jwks, yes], async (executor, asked) => {
    const one = redeemer(executor, {keys: `${executor}/jwks.json`});
    assert.equal((await one.verifyAndRedeem(grant, vectors.parameters)).actionId, key);
    assert.equal(asked.length, 3);
  });
  await serving([undefined], async (executor, asked) => {
    const hasty = redeemer(executor, {keys: `${executor}/jwks.json`, patience: 0.3});
    await assert.rejects(hasty.verifyAndRedeem(grant, vectors.parameters), refused('keys-away'));
    assert.equal(asked.length, 1);
  });
});

test('an address of keys has no query', () => {
  for (const keys of ['http://localhost:1/jwks.json?set=2', 'http://localhost:1/#keys']) {
    assert.throws(() => redeemer('http://localhost:1', {keys}), TypeError);
  }
});

test("a stranger's key holds up nobody whose key is known, and a failure is not asked for at once again", async () => {
  const [head = '', ...rest] = grant.split('.');
  const header = JSON.parse(Buffer.from(head, 'base64url').toString());
  const strangers = [Buffer.from(JSON.stringify({...header, kid: 'stranger'})).toString('base64url'), ...rest].join('.');
  let fetches = 0;
  const fetch: typeof globalThis.fetch = async () => {
    const reply = [
      () => new Response('', {status: 503}),
      () => Response.json(vectors.jwks),
      () => new Promise<Response>((resolve) => setTimeout(() => resolve(new Response('', {status: 503})), 500)),
    ][fetches++];
    return reply?.() ?? assert.fail('nobody asks so soon');
  };
  const one = redeemer('http://localhost:9', {keys: 'http://localhost:9/jwks.json', fetch});
  for (let i = 0; i < 2; i++) {
    await assert.rejects(one.verify(grant, vectors.parameters), refused('keys-away'));
    assert.equal(fetches, 1);
  }
  await sleep(1_050);
  await one.verify(grant, vectors.parameters);
  await assert.rejects(one.verify(strangers, vectors.parameters), NotPermitted);
  assert.equal(fetches, 2);
  await sleep(1_050);
  let answered = false;
  const both = [1, 2].map(() => assert.rejects(one.verify(strangers, vectors.parameters), refused('keys-away')));
  const all = Promise.all(both).then(() => (answered = true));
  await one.verify(grant, vectors.parameters);
  assert.equal(answered, false);
  await all;
  assert.equal(fetches, 3, 'one for all of them');
});

test('how it ended is reported, and doubt is not called a failure', async () => {
  for (const [error, status] of [
    [undefined, 'succeeded'],
    [new Error('half way'), 'unknown'],
    [new NoEffect('not begun'), 'failed'],
  ] as const) {
    await serving([yes, problem(503, 'unavailable'), {status: 200, body: {}}], async (executor, asked) => {
      const permit = await redeemer(executor).verifyAndRedeem(grant, vectors.parameters);
      const ran = runPermitted(permit, () => {
        if (error !== undefined) {
          throw error;
        }
        return 1;
      });
      await (error === undefined ? ran.then((it) => assert.equal(it, 1)) : assert.rejects(ran, (it) => it === error));
      assert.equal(asked[2]?.line, `POST /v1/executions/${key}/outcome`);
      assert.deepEqual([asked[2]?.body.receipt, asked[2]?.body.status], ['r', status]);
    });
  }
});

test('what ran and could not be reported is told with its result', async () => {
  await serving([yes, problem(409, 'answered')], async (executor) => {
    const permit = await redeemer(executor).verifyAndRedeem(grant, vectors.parameters);
    await assert.rejects(
      runPermitted(permit, () => 'deployed'),
      (error) => {
        assert.ok(error instanceof NotReported);
        const {code, result, status} = error;
        assert.deepEqual([code, result, status, error.permit], ['answered', 'deployed', 'succeeded', permit]);
        return true;
      },
    );
  });
});

test('what threw and could not be reported is thrown with both', async () => {
  for (const [thrown, status] of [
    [new Error('half way'), 'unknown'], [new NoEffect('not begun'), 'failed'], ['half way', 'unknown'],
  ] as const) {
    await serving([yes, problem(409, 'answered')], async (executor) => {
      const permit = await redeemer(executor).verifyAndRedeem(grant, vectors.parameters);
      const error: any = await runPermitted(permit, () => { throw thrown; }).catch((it) => it);
      const unreported = typeof thrown === 'string' ? error : error.notReported;
      assert.equal(typeof thrown === 'string' ? error.cause : error, thrown);
      assert.ok(unreported instanceof NotReported);
      assert.deepEqual([unreported.code, unreported.status, unreported.permit], ['answered', status, permit]);
    });
  }
});

test('where a grant was used, how that ended is asked for before anything is told', async () => {
  const approved = {
    actionId: key, status: 'approved', sayToUser: 'Approved.', decision: {outcome: 'approved'}, grant,
  };
  const failed = {actionId: key, status: 'failed', sayToUser: 'It failed.', execution: {status: 'failed'}};
  for (const [last, expected] of [[done, AlreadyDone], [{status: 200, body: failed}, NotApproved]] as const) {
    await serving([{status: 202, body: approved}, problem(409, 'used-up'), last], async (url) => {
      const gate = new Countersign({gateway: url, agent: {id: 'bot'}});
      const deploy = gate.guarded(redeemer(url), () => assert.fail('it ran before'), {key: () => key});
      await assert.rejects(deploy(vectors.parameters), expected);
    });
  }
});
