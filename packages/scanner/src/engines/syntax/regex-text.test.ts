import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slowRegexes } from './regex-text.ts';

test('slow literals are found in the text; divisions, comments of slashes and fast ones are not', () => {
  const text = [
    'const a = /^(\\w+\\s?)+$/;',
    'const b = total / count / (x + y) + z * 2 / 3;',
    "const c = s.replace(/[/+*]+/g, '').split(/,/);",
    'const d = /^((?:\\d+)?\\.?\\d+) *ms$/.exec(s);',
  ].join('\n');
  assert.deepEqual(
    slowRegexes(text).map(({ at, slowness }) => [text.slice(0, at).split('\n').length, slowness]),
    [
      [1, 'exponential'],
      [4, 'polynomial'],
    ],
  );
});
