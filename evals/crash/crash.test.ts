import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crash, undisturbed } from './crash.ts';

// The share of evals/crash/run.ts that continuous integration runs: moments spread over one whole run.
test('a run killed at any moment leaves workspace, log and state consistent', async (t) => {
  const { lines } = await undisturbed();
  for (const share of [0.1, 0.35, 0.6, 0.85, 0.95, 1])
    await t.test(`after ${share * 100} of 100 lines`, async () => {
      const moment = { line: Math.max(1, Math.floor(lines * share)), afterMs: 5 };
      const { problems } = await crash(moment, share === 0.6);
      assert.deepEqual(problems, []);
    });
});
