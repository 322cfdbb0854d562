import assert from 'node:assert/strict';
import { test } from 'node:test';
import { source } from '../../scripts/files.ts';
import { invariantErrors } from '../../scripts/invariants.ts';

test('an invariant without a test, with a missing file or a missing title is named', () => {
  const text = source('THREAT_MODEL.md');
  assert.deepEqual(invariantErrors(text), []);
  const without = text.replace(/^- `.*\n/gm, '');
  assert.equal(invariantErrors(without).length, 16);
  assert.match(
    invariantErrors(text.replace('guard.test.ts`: a write to', 'gone.test.ts`: a write to'))[0] ?? '',
    /does not exist/,
  );
  assert.match(invariantErrors(text.replace('`: a write to', '`: a title nobody wrote'))[0] ?? '', /is not in/);
});
