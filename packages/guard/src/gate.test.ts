import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ActionOf, AuditRecord, Decision, Effect } from '@ambit/core/schema';
import { type Answer, type GatePorts, perform, spendGrant } from './index.ts';

const run = { id: 'r', kind: 'chat' as const, depth: 0 };
const action: ActionOf<'write'> = {
  id: 'a1',
  run,
  labels: ['human'],
  kind: 'write',
  path: 'a.txt',
  content: 'secret content',
  encoding: 'utf8',
};

function decided(effect: Effect): Decision {
  const because = { rule: 'test.rule', effect, source: 'test', reason: 'because' };
  return { effect, because, rules: [because], classes: ['write'] };
}

function ports(effect: Effect, more: Partial<GatePorts> = {}) {
  const order: string[] = [];
  const records: { kind: string; data: Record<string, unknown> }[] = [];
  const made: GatePorts = {
    resolve: async () => {
      order.push('resolve');
      const path = { requested: 'a.txt', relative: 'a.txt', absolute: '/w/a.txt', exists: true, type: 'file' as const };
      return { kind: 'write', action, path };
    },
    decide: () => {
      order.push('decide');
      return decided(effect);
    },
    record: async (kind, _run, data) => {
      order.push(`record ${kind}`);
      records.push({ kind, data });
      return {} as AuditRecord;
    },
    checkpoint: async () => void order.push('checkpoint'),
    redact: (text) => ({
      text: text.replaceAll('hunter2', '[redacted]'),
      redactions: text.includes('hunter2') ? 1 : 0,
    }),
    ...more,
  };
  let executed = 0;
  const execute = async () => {
    executed += 1;
    order.push('execute');
    return { status: 'done' as const, text: 'wrote hunter2', labels: [], detail: { line: 'hunter2' } };
  };
  return { made, order, records, execute, count: () => executed };
}

const yes: Answer = { allowed: true, scope: 'once', channel: 'terminal' };

test('an allowed action goes through every step in order, and its result is redacted', async () => {
  const { made, order, execute, records } = ports('allow');
  const outcome = await perform(action, execute, made);
  assert.deepEqual(order, ['resolve', 'decide', 'record intent', 'checkpoint', 'execute', 'record outcome']);
  assert.equal(outcome.text, 'wrote [redacted]');
  assert.deepEqual(outcome.detail, { line: '[redacted]' });
  assert.ok(!JSON.stringify(records).includes('secret content'));
});

test('a denied action is recorded and never executed', async () => {
  const { made, order, execute, count } = ports('deny');
  const outcome = await perform(action, execute, made);
  assert.equal(outcome.status, 'denied');
  assert.equal(count(), 0);
  assert.deepEqual(order, ['resolve', 'decide', 'record intent', 'record outcome']);
});

test('a question nobody can answer is a denial', async () => {
  const { made, execute, count } = ports('ask');
  const outcome = await perform(action, execute, made);
  assert.equal(outcome.status, 'denied');
  assert.match(outcome.text, /nobody is here to answer/);
  assert.equal(count(), 0);
});

const fail = () => {
  throw new Error('broken');
};
const broken: [name: string, more: Partial<GatePorts>][] = [
  ['resolve', { resolve: async () => fail() }],
  ['decide', { decide: fail }],
  ['record', { record: async () => fail() }],
  ['checkpoint', { checkpoint: async () => fail() }],
];
for (const [name, more] of broken) {
  test(`a failing ${name} means nothing is executed`, async () => {
    const { made, execute, count } = ports('allow', more);
    const outcome = await perform(action, execute, made);
    assert.notEqual(outcome.status, 'done');
    assert.equal(count(), 0);
  });
}

test('a failing question or its record denies', async () => {
  const { made, execute, count } = ports('ask', { ask: async () => fail() });
  assert.equal((await perform(action, execute, made)).decision.because.rule, 'gate.unrecorded');
  assert.equal(count(), 0);
});

test('a failing redaction keeps the text back', async () => {
  const { made, execute } = ports('allow', { redact: fail });
  const outcome = await perform(action, execute, made);
  assert.match(outcome.text, /^\(kept back/);
});

test('a yes at a terminal executes once, with the answer and the effect on record', async () => {
  const { made, execute, count, records } = ports('ask', { ask: async () => yes });
  assert.equal((await perform(action, execute, made)).status, 'done');
  assert.equal(count(), 1);
  const answer = records.find((record) => record.kind === 'answer');
  assert.match(String(answer?.data['effect']), /^[0-9a-f]{64}$/);
});

test('an answer from a pipe does not count', async () => {
  for (const channel of ['stdin', 'pipe', '']) {
    const { made, execute, count } = ports('ask', { ask: async () => ({ ...yes, channel }) });
    assert.equal((await perform(action, execute, made)).status, 'denied');
    assert.equal(count(), 0);
  }
});

test('an answer to another effect does not count', async () => {
  const { made, execute, count } = ports('ask', { ask: async () => ({ ...yes, effect: '0'.repeat(64) }) });
  assert.equal((await perform(action, execute, made)).status, 'denied');
  assert.equal(count(), 0);
});

test('what cannot be undone needs the name typed', async () => {
  const confirm = () => ({ type: 'prod-db' });
  for (const [typed, expected] of [
    [undefined, 0],
    ['yes', 0],
    ['prod-db', 1],
  ] as const) {
    const answer = typed === undefined ? yes : { ...yes, typed };
    const { made, execute, count } = ports('ask', { ask: async () => answer, confirm });
    await perform(action, execute, made);
    assert.equal(count(), expected, String(typed));
  }
});

test('a link swapped while the question stood makes the answer void', async () => {
  let asked = false;
  const resolve: GatePorts['resolve'] = async () => {
    const absolute = asked ? '/home/someone/.bashrc' : '/w/a.txt';
    return {
      kind: 'write',
      action,
      path: { requested: 'a.txt', relative: 'a.txt', absolute, exists: true, type: 'file' },
    };
  };
  const ask = async () => {
    asked = true;
    return yes;
  };
  const { made, execute, count } = ports('ask', { resolve, ask });
  const outcome = await perform(action, execute, made);
  assert.equal(outcome.decision.because.rule, 'gate.changed');
  assert.equal(count(), 0);
});

test('a broken listener changes nothing', async () => {
  const { made, execute, count } = ports('allow', { notice: fail });
  assert.equal((await perform(action, execute, made)).status, 'done');
  assert.equal(count(), 1);
});

test('a grant is spent once, and nobody else can make one', async () => {
  const { made } = ports('allow');
  const spent: boolean[] = [];
  await perform(
    action,
    async (grant) => {
      spent.push(spendGrant(grant), spendGrant(grant), spendGrant({ ...grant }));
      return { status: 'done', text: '', labels: [] };
    },
    made,
  );
  assert.deepEqual(spent, [true, false, false]);
});

test('labels of what came back are joined, never dropped', async () => {
  const fetched: ActionOf<'fetch'> = {
    id: 'f',
    run,
    labels: [],
    kind: 'fetch',
    url: 'https://a.example/',
    method: 'GET',
  };
  const resolve: GatePorts['resolve'] = async () => ({
    kind: 'fetch',
    action: fetched,
    url: fetched.url,
    host: 'a.example',
  });
  const { made } = ports('allow', { resolve });
  const outcome = await perform(fetched, async () => ({ status: 'done', text: '', labels: ['human'] }), made);
  assert.deepEqual(outcome.labels, ['human', 'web']);
});
