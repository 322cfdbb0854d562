import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod/mini';
import { action, decision, event, record } from './index.ts';

const run = { id: 'r1', kind: 'chat', depth: 0 };

test('an action of each kind needs its own fields', () => {
  const read = { id: 'a1', run, labels: ['human'], kind: 'read', path: 'src/a.ts', mode: 'content' };
  assert.equal(action.safeParse(read).success, true);
  assert.equal(action.safeParse({ ...read, kind: 'write' }).success, false);
  assert.equal(action.safeParse({ ...read, labels: ['owner'] }).success, false);
});

test('the five nouns become JSON Schemas', () => {
  for (const schema of [action, decision, event, record]) assert.ok(Object.keys(z.toJSONSchema(schema)).length > 0);
});
