import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseScript } from '../parse.ts';
import { findPollution } from './find.ts';

function shapes(code: string): string[] {
  const parsed = parseScript('sample.js', code);
  assert.ok(parsed);
  return findPollution(parsed.program, code).map(({ shape, node }) => `${shape}: ${code.slice(node.start, node.end)}`);
}

test('a walk down a path is told where the value is set', () => {
  assert.deepEqual(
    shapes(`function set(o, path, v) {
      const keys = path.split('.');
      while (keys.length > 1) { const k = keys.shift(); o = o[k] = o[k] || {}; }
      o[keys[0]] = v;
    }`),
    ['path: o[keys[0]] = v'],
  );
});

test('a merge through two functions that call each other is one', () => {
  assert.deepEqual(
    shapes(`function mixin(target, source) { forIn(source, copy, target); }
    function copy(value, key) {
      const own = this[key];
      if (isObject(value)) mixin(own, value);
      else this[key] = value;
    }`),
    ['merge: this[key] = value'],
  );
});

test('counting, copying one level and changing in place are none', () => {
  assert.deepEqual(
    shapes(`function count(words) { const n = {}; for (const w of words) n[w] = (n[w] || 0) + 1; return n; }
    function shallow(a, b) { for (const k in b) a[k] = b[k]; return a; }
    function fill(m, v) { for (let i = 0; i < 9; i++) for (let j = 0; j < 9; j++) m[i][j] = v; }
    function clean(o) { for (const k in o) if (typeof o[k] === 'object') o[k] = clean(o[k]); return o; }`),
    [],
  );
});

test('a list of forbidden keys guards only the functions that use it', () => {
  const body = (name: string, check: string) => `function ${name}(o, path, v) {
      const keys = path.split('.');
      for (const k of keys.slice(0, -1)) { ${check} o = o[k] = o[k] || {}; }
      o[keys[keys.length - 1]] = v;
    }`;
  const list = "const BAD = ['__proto__', 'constructor', 'prototype'];";
  const safe = body('safe', 'if (BAD.includes(k)) return;');
  assert.deepEqual(shapes(`${list}\n${safe}`), []);
  assert.equal(shapes(`${list}\n${safe}\n${body('open', '')}`).length, 1);
});
