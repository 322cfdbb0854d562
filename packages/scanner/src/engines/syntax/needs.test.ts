import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clause } from './match-schema.ts';
import { requiredOf } from './needs.ts';

const nothing = { names: [], texts: [] };
const expected: [what: string, clause: Clause, required: { names: string[][]; texts: string[][] }][] = [
  ['a word as constant', { jsx: 'a.target', value: { literal: '^_blank$' } }, { names: [], texts: [['_blank']] }],
  ['`!0` is true', { call: 'f', value: { literal: '^true$' } }, nothing],
  ['a constant put together', { call: 'f', value: { literal: '^aes-\\d+-ecb$' } }, nothing],
  ['a property', { call: 'f', value: { has: { shell: { present: true } } } }, { names: [['shell']], texts: [] }],
  ['a property that must be absent', { call: 'f', value: { has: { root: { present: false } } } }, nothing],
  ['an element', { call: 'f', value: { has: { '0': { dynamic: true } } } }, nothing],
  ['what is refused', { call: 'f', value: { not: { has: { shell: { present: true } } } } }, nothing],
  [
    'a reference',
    { prop: 'mode', value: { ref: ['*.mode.ECB', 'lib.{A,B}()'] } },
    { names: [['ECB', 'A', 'B']], texts: [] },
  ],
  ['a reference with an open end', { prop: 'x', value: { ref: ['*Loader'] } }, nothing],
  ['what `catch` caught', { call: 'f', value: { ref: 'error' } }, nothing],
  [
    'one of two',
    { call: 'f', value: { any: [{ has: { a: { dynamic: true } } }, { has: { b: { dynamic: true } } }] } },
    { names: [['a', 'b']], texts: [] },
  ],
  [
    'one of two, the other open',
    { call: 'f', value: { any: [{ has: { a: { dynamic: true } } }, { tainted: true }] } },
    nothing,
  ],
  ['the line around', { call: 'Math.random', line: 'token|secret' }, { names: [], texts: [['token', 'secret']] }],
  ['the line with the name before it', { call: 'f', line: 'token secret' }, nothing],
];

test('what a clause needs beside its name', () => {
  for (const [what, clause, required] of expected) assert.deepEqual(requiredOf(clause), required, what);
});
