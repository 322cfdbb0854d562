import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCases, scoreBatches, shippedScanner } from './cases.ts';

// What small projects lack by nature, and what is true of any old version.
const beside = new Set(['no-lockfile', 'package-with-known-flaw']);
const { scanner } = await shippedScanner();

for (const kind of ['config', 'agent-config', 'deps']) {
  const scores = scoreBatches(scanner, readCases(join(import.meta.dirname, kind)), (rule) => !beside.has(rule));
  for (const [batch, { precision, recall, missed, wrong }] of scores)
    test(`${kind}, ${batch}: 19 of 20 bad cases found, 1 of 20 good ones flagged at most`, () => {
      assert.ok(recall >= 0.95, missed.join('\n'));
      assert.ok(precision >= 0.95, wrong.join('\n'));
    });
}
