import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFuzz, randomBytes } from './generate.ts';

// The bounded share of evals/policy/fuzz.ts; a new seed every day, printed by a failure.
const seed = Math.floor(Date.now() / 86_400_000);

test('random bytes and mutated lines are never allowed by accident and never crash the guard', async () => {
  const fuzz = await createFuzz(seed);
  for (let i = 0; i < 20_000; i += 1) {
    const line = i % 10 === 0 ? fuzz.mutatedLine() : randomBytes(fuzz.random, 1 + (i % 64));
    const { violation } = await fuzz.decideLine(line);
    assert.equal(violation, undefined, `seed ${seed}: ${JSON.stringify(violation)}`);
  }
});
