import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stalePages } from './lint-docs.ts';

test('the pages of the lint rules say what the rules say', async () => {
  assert.deepEqual(await stalePages(), [], 'write them anew: node scripts/lint-docs.ts');
});
