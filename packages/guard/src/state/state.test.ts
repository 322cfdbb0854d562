import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { statePaths, withLock, writeAtomic } from './index.ts';

async function temporary(t: { after: (fn: () => Promise<void>) => void }): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'ambit-state-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

test('a failed write leaves the old content and no temporary file', async (t) => {
  const dir = await temporary(t);
  const path = join(dir, 'a.json');
  await writeAtomic(path, 'old');
  await assert.rejects(writeAtomic(join(path, 'below-a-file'), 'new'), { code: 'environment' });
  assert.equal(await readFile(path, 'utf8'), 'old');
  assert.deepEqual(await readdir(dir), ['a.json']);
});

test('a second holder is refused with the owner named, and gets the lock afterwards', async (t) => {
  const path = join(await temporary(t), 'lock');
  await withLock(path, async () => {
    await assert.rejects(
      withLock(path, async () => undefined),
      { code: 'state.locked', message: new RegExp(`pid ${process.pid}`) },
    );
  });
  assert.equal(await withLock(path, async () => 'held'), 'held');
});

test('a lock of a dead process is recovered', async (t) => {
  const path = join(await temporary(t), 'lock');
  const dead = spawnSync(process.execPath, ['-e', '0']).pid;
  await writeFile(path, JSON.stringify({ pid: dead, host: hostname(), started: '1' }));
  assert.equal(await withLock(path, async () => 'recovered'), 'recovered');
});

test('state lives outside the workspace, one folder a workspace', async (t) => {
  const dir = await temporary(t);
  const env = { HOME: '/home/someone' };
  const paths = statePaths(dir, env);
  assert.ok(paths.root.startsWith('/home/someone/.local/state/ambit/'));
  assert.notEqual(statePaths(tmpdir(), env).root, paths.root);
  assert.ok(statePaths(dir, { ...env, XDG_STATE_HOME: 'relative' }).root.startsWith('/home/someone/'));
});
