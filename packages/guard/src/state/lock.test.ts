// Two who want the lock of an owner that died. Writers that are killed with it in their hand: test/e2e/audit-crash.test.ts.
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { recover, withLock } from './lock.ts';

test('who saw a dead owner too late leaves the lock that was made since', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'ambit-lock-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'lock');
  // This process, as it was started at another time: a pid that was used again.
  const plant = () => writeFileSync(path, JSON.stringify({ pid: process.pid, host: hostname(), started: 'before' }));
  plant();
  await withLock(path, async () => {
    assert.equal(recover(path), false);
    assert.equal(existsSync(path), true);
  });
  plant();
  assert.equal(recover(path), true);
  assert.equal(existsSync(path), false);
});
