// Several processes want a lock whose owners are killed with it in their hand: never are two inside at once.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { recover, withLock } from './lock.ts';

const lock = new URL('./lock.ts', import.meta.url).href;

/** Goes in ten times and dies inside at the last; `overlap` says that somebody else was in there. */
const contender = `
import { closeSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { withLock } from ${JSON.stringify(lock)};
const folder = process.argv[1];
for (let i = 0; i < 10; i += 1)
  await withLock(folder + '/lock', async () => {
    try {
      closeSync(openSync(folder + '/inside', 'wx'));
    } catch {
      writeFileSync(folder + '/overlap', '');
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
    rmSync(folder + '/inside', { force: true });
    if (i === 9) process.kill(process.pid, 'SIGKILL');
  }, 20_000);
`;

test('a lock that its owners died with is recovered by one of those who wait, and never shared', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'ambit-lock-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const run = () =>
    new Promise<string | null>((resolve) => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', contender, folder], { stdio: 'ignore' });
      child.on('close', (_code, signal) => resolve(signal));
    });
  for (let round = 0; round < 6; round += 1) {
    const ended = await Promise.all([run(), run(), run(), run()]);
    assert.deepEqual(ended, ['SIGKILL', 'SIGKILL', 'SIGKILL', 'SIGKILL']);
  }
  assert.equal(existsSync(join(folder, 'overlap')), false);
});

test('who saw a dead owner too late leaves the lock that was made since', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'ambit-lock-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'lock');
  const dead = spawnSync(process.execPath, ['-e', '']).pid;
  const plant = () => writeFileSync(path, JSON.stringify({ pid: dead, host: hostname(), started: '' }));
  plant();
  await withLock(path, async () => {
    assert.equal(recover(path), false);
    assert.equal(existsSync(path), true);
  });
  plant();
  assert.equal(recover(path), true);
  assert.equal(existsSync(path), false);
});
