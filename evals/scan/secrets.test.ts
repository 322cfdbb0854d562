import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { readLines, scoreBatches, shippedScanner } from './cases.ts';

const { scanner, secrets } = await shippedScanner();
const folder = join(import.meta.dirname, 'secrets');
const scores = scoreBatches(scanner, readLines(folder), (rule) => secrets.has(rule));

for (const [batch, { precision, recall, f1, missed, wrong }] of scores)
  test(`secrets, ${batch}: F1 at least 85 %, precision at least 95 %`, () => {
    const shown = [...missed.map((line) => `missed: ${line}`), ...wrong.map((line) => `wrong: ${line}`)].join('\n');
    assert.ok(precision >= 0.95, `precision ${precision}\n${shown}`);
    assert.ok(f1 >= 0.85, `recall ${recall}\n${shown}`);
  });
