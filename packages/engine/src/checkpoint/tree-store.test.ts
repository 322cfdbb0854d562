import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { gitStore, ignoredPaths, openCheckpoints, plainStore } from './index.ts';
import { type StorePlace, storePlace, treeStoreContract } from './tree-store.contract.ts';

const env = { PATH: process.env['PATH'] };
const plain = (place: StorePlace) => plainStore({ ...place, derived: (path) => path.startsWith('node_modules/') });
treeStoreContract('git', (place) => gitStore({ ...place, env }));
treeStoreContract('git over a repository', (place) => {
  spawnSync('git', ['init', '-q', place.workspace]);
  return gitStore({ ...place, env });
});
treeStoreContract('plain', plain);

test('git: runs nothing the workspace or the user names', async (t) => {
  const place = await storePlace(t);
  const canary = join(place.workspace, '..', 'canary');
  const evil = join(place.workspace, '..', 'evil.sh');
  await writeFile(evil, `#!/bin/sh\necho ran >> '${canary}'\ncat\n`);
  await chmod(evil, 0o755);
  spawnSync('git', ['init', '-q', place.workspace]);
  for (const [key, value] of [
    ['filter.evil.clean', evil],
    ['filter.evil.process', evil],
    ['core.fsmonitor', evil],
    ['core.hooksPath', join(place.workspace, 'hooks')],
    ['core.sshCommand', evil],
    ['diff.evil.textconv', evil],
    ['include.path', evil],
  ])
    spawnSync('git', ['-C', place.workspace, 'config', key!, value!]);
  await place.put('.gitattributes', '* filter=evil diff=evil\n');
  await place.put('a.txt', 'a\n');
  await mkdir(join(place.workspace, 'hooks'));
  for (const hook of ['post-index-change', 'pre-commit', 'reference-transaction', 'fsmonitor-watchman']) {
    await writeFile(join(place.workspace, 'hooks', hook), `#!/bin/sh\necho ran >> '${canary}'\n`, { mode: 0o755 });
  }
  const store = gitStore({ ...place, env: { ...env, GIT_EXTERNAL_DIFF: evil, HOME: place.workspace } });
  const { id } = await store.snapshot('first');
  await place.put('a.txt', 'b\n');
  await store.changed(id);
  await store.entries(id);
  await ignoredPaths({ ...place, env }, ['a.txt']);
  assert.equal(existsSync(canary), false);
});

test('git: borrows objects, leaves the repository as it was, names what it does not cover', async (t) => {
  const place = await storePlace(t);
  spawnSync('git', ['init', '-q', place.workspace]);
  await place.put('.gitignore', 'build/\n*.log\n');
  await place.put('a.txt', 'a\n');
  await place.put('build/out.js', 'x\n');
  await place.put('x.log', 'x\n');
  const git = (...args: string[]) => spawnSync('git', ['-C', place.workspace, ...args], { encoding: 'utf8' }).stdout;
  git('add', '-A');
  const before = [git('status', '--porcelain'), git('rev-parse', '--verify', '-q', 'HEAD'), git('for-each-ref')];
  const store = gitStore({ ...place, env });
  const { notCovered } = await store.snapshot('first');
  assert.deepEqual(notCovered.sort(), ['build/', 'x.log']);
  assert.deepEqual(
    [git('status', '--porcelain'), git('rev-parse', '--verify', '-q', 'HEAD'), git('for-each-ref')],
    before,
  );
  const ignored = await ignoredPaths({ ...place, env }, ['a.txt', 'build/new.js', 'sub/y.log']);
  assert.deepEqual([...ignored].sort(), ['build/new.js', 'sub/y.log']);
});

test('without git the plain store takes over, and touched files are kept even where no snapshot can be made', async (t) => {
  const place = await storePlace(t);
  await place.put('a.txt', 'a\n');
  let tick = 0;
  const now = () => {
    tick += 1;
    return new Date(Date.UTC(2026, 0, 1, 0, 0, tick));
  };
  const noGit = gitStore({ ...place, env: { PATH: '/nonexistent' } });
  assert.match((await noGit.unavailable()) ?? '', /git was not found/);
  const touched = [{ path: 'a.txt', was: { type: 'file' as const, content: Buffer.from('a\n'), mode: 0o644 } }];
  const both = openCheckpoints({ folder: place.folder, now, trees: [noGit, plain(place)] });
  assert.equal((await both.create({ label: 'x', before: 'asked', touched })).tree?.store, 'plain');
  const none = openCheckpoints({ folder: place.folder, now, trees: [noGit] });
  const made = await none.create({ label: 'y', before: 'apply', touched });
  assert.equal(made.tree, undefined);
  assert.match(made.notCovered[0] ?? '', /git was not found/);
  const held = await none.hold(made.touched[0]!.was!);
  assert.equal(held.type === 'file' ? Buffer.from(held.content).toString() : '', 'a\n');
});

test('a damaged checkpoint is named and left out, a damaged content is an error', async (t) => {
  const place = await storePlace(t);
  const now = () => new Date(Date.UTC(2026, 0, 1));
  const checkpoints = openCheckpoints({ folder: place.folder, now, trees: [] });
  const touched = [{ path: 'a', was: { type: 'file' as const, content: Buffer.from('a\n'), mode: 0o644 } }];
  const made = await checkpoints.create({ label: 'x', before: 'asked', touched });
  await writeFile(join(place.folder, 'list', 'half.json'), '{"version":1,');
  assert.deepEqual((await checkpoints.list()).broken, ['half']);
  const [first] = await readdir(join(place.folder, 'blobs'));
  const [name] = await readdir(join(place.folder, 'blobs', first!));
  await writeFile(join(place.folder, 'blobs', first!, name!), 'b\n');
  await assert.rejects(checkpoints.hold(made.touched[0]!.was!), { code: 'state.broken' });
  await assert.rejects(checkpoints.find('nothing'), { code: 'input.missing' });
});
