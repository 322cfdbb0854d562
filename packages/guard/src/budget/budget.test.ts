import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Resolved } from '../grant.ts';
import { createSpending, spent } from './index.ts';

const run = { id: 'r', kind: 'task' as const, depth: 0 };
const write = (name: string, content: string): Resolved => ({
  kind: 'write',
  action: { id: 'a', run, labels: [], kind: 'write', path: name, content, encoding: 'utf8' },
  path: { requested: name, relative: name, absolute: `/w/${name}`, exists: false, type: 'absent' },
});

test('a run writes no more bytes and files than its budget', () => {
  const budget = { bytesWritten: 10, filesTouched: 2 };
  const spending = createSpending(budget);
  const go = (resolved: Resolved) => {
    const [verdict] = spending.judge(resolved);
    if (!verdict) spending.count(resolved, { status: 'done' });
    return verdict?.rule ?? 'done';
  };
  assert.equal(go(write('a', '1234')), 'done');
  assert.equal(go(write('a', '1234')), 'done');
  assert.equal(go(write('a', '123')), 'budget.bytes');
  assert.equal(go(write('b', 'é')), 'done');
  assert.equal(go(write('c', '')), 'budget.files');
  assert.equal(go(write('b', '')), 'done');
  assert.deepEqual(spent(budget, spending), ['2 of 2 files', '10 of 10 bytes']);
});

test('judging alone uses nothing up, and no limit means none', () => {
  const spending = createSpending({ filesTouched: 1 });
  for (let i = 0; i < 5; i += 1) assert.deepEqual(spending.judge(write('a', 'x'.repeat(1_000))), []);
  assert.deepEqual(createSpending({}).judge(write('a', 'x'.repeat(1_000))), []);
});
