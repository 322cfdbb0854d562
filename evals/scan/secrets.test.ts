import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scoreSecrets } from './secrets/score.ts';

test('secrets on samples of our own: F1 at least 85 %, precision at least 95 %', async () => {
  const { precision, recall, f1, missed, wrong } = await scoreSecrets();
  const shown = [...missed.map((line) => `missed: ${line}`), ...wrong.map((line) => `wrong: ${line}`)].join('\n');
  assert.ok(precision >= 0.95, `precision ${precision}\n${shown}`);
  assert.ok(f1 >= 0.85, `recall ${recall}\n${shown}`);
});
