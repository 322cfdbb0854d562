import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attackOn, slowness } from './slowness.ts';

const slow: readonly [string, string, string][] = [
  ['^(a+)+$', '', 'exponential'],
  ['^([a-z]+)-([^?]+)([?\\S*]*)$', 'i', 'polynomial'],
  ['^(\\w{44,88})(\\?[\\x21-\\x7e]*)*$', '', 'exponential'],
  ['^(?:\\r\\n|\\n|\\r)+|(?:\\r\\n|\\n|\\r)+$', 'g', 'exponential'],
  ['^(?:(?:\\r\\n)?\\s)*([^:]+)(?:(?:\\r\\n)?\\s)*$', '', 'polynomial'],
  ['\\s*(.*?)\\s*,', '', 'polynomial'],
  ['^rgb\\(\\s*(\\d*\\.?\\d+)\\s*,?\\s*(\\d+)\\)$', 'i', 'polynomial'],
  ['\\s+$', '', 'moving'],
  // The run at the start is taken whole; one behind another sign is not.
  ['^\\s+|\\s+$', 'g', 'moving'],
  ['([^/]+(\\?.*)?)$', '', 'polynomial'],
  ['(\\s+)\\S*$', '', 'moving'],
];

const fast: readonly [string, string][] = [
  ['^\\s+', ''],
  ['^(\\d+)-(\\d+)$', ''],
  // Without `g` the first match, of nothing at the start, ends the search.
  ['^\\s*|\\s*$', ''],
  ['^<\\?(\\S*)\\s*([\\s\\S]*?)\\s*$', ''],
  ['^(\\w+)\\s*=\\s*([\\s\\S]*)$', ''],
  ['^[\\s\\S]{1,20}\\d+', ''],
];

test('an expression is slow where a text proves it', () => {
  for (const [source, flags, kind] of slow) {
    assert.equal(slowness(source, flags), kind, source);
    const attack = attackOn(source, flags);
    assert.ok(attack, source);
    assert.ok(attack.pump.length > 0, source);
  }
});

test('an expression is not slow where no text can be made that shows it', () => {
  for (const [source, flags] of fast) {
    assert.equal(slowness(source, flags), undefined, source);
    assert.equal(attackOn(source, flags), undefined, source);
  }
});

test('what an expression cannot read is no error', () => {
  assert.equal(slowness('(a+', ''), undefined);
  assert.equal(attackOn('[b-a]+', ''), undefined);
});
