import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entropy, longestRun, shapeOf, wordShare, wordsOf } from './value.ts';

test('words are split at separators, digits and capitals', () => {
  assert.deepEqual(wordsOf('dbPassword_2ForHTTPServer'), ['db', 'password', 'for', 'http', 'server']);
});

test('identifiers read like words and generated values do not', () => {
  for (const text of ['user-password-field', 'tokenExpiryDate', 'database_credentials'])
    assert.ok(wordShare(text) > 0.6, text);
  for (const text of ['q8Zt1vX0bLw3Rk', '9f86d081884c7d65', 'xkqzvjwp']) assert.ok(wordShare(text) < 0.35, text);
});

test('entropy, runs and shape', () => {
  assert.equal(entropy('aaaa'), 0);
  assert.equal(entropy('abcd'), 2);
  assert.equal(longestRun('xx1234yz'), 4);
  assert.equal(longestRun('dcba'), 4);
  assert.deepEqual(shapeOf('aB1-'), { length: 4, lower: 1, upper: 1, digit: 1, symbol: 1, distinct: 4, turns: 3 });
});
