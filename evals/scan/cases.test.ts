import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scoreAll, shippedScanner } from './cases.ts';

const shipped = await shippedScanner();
const known = JSON.parse(readFileSync(join(import.meta.dirname, 'misses.json'), 'utf8')) as string[];
const scores = scoreAll(shipped);

for (const { name, precision, recall, missed, wrong } of scores)
  test(`${name}: 19 of 20 bad cases found, 1 of 20 good ones flagged at most`, () => {
    assert.ok(recall >= 0.95, missed.join('\n'));
    assert.ok(precision >= 0.95, wrong.join('\n'));
  });

test('every miss is listed, and no listed miss is out of date', () => {
  const misses = scores.flatMap(({ name, missed, wrong }) => [
    ...missed.map((title) => `${name}: missed: ${title}`),
    ...wrong.map((title) => `${name}: flagged: ${title}`),
  ]);
  assert.deepEqual(misses.sort(), [...known].sort());
});
