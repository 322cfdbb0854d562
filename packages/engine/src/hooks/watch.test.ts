import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { mkdtemp, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { coalesce, type FileChange, watchFiles } from './watch.ts';

const never = () => false;

test('an editor’s atomic save is one save, made and gone is nothing', () => {
  const made = (type: 'create' | 'update' | 'delete', path: string) => ({ type, path });
  assert.deepEqual(coalesce([made('delete', 'a'), made('create', 'a')], never), [
    { trigger: 'PostFileSave', path: 'a' },
  ]);
  assert.deepEqual(
    coalesce([made('create', 'a~'), made('update', 'a~'), made('delete', 'a~'), made('update', 'a')], never),
    [{ trigger: 'PostFileSave', path: 'a' }],
  );
  assert.deepEqual(coalesce([made('create', 'a'), made('update', 'a')], never), [
    { trigger: 'PostFileCreate', path: 'a' },
  ]);
  assert.deepEqual(
    coalesce([made('create', 'a')], () => true),
    [{ trigger: 'PostFileSave', path: 'a' }],
  );
  assert.deepEqual(coalesce([made('update', 'a'), made('delete', 'a')], never), [
    { trigger: 'PostFileDelete', path: 'a' },
  ]);
});

async function watched(t: TestContext, pollMs?: number) {
  const workspace = await realpath(await mkdtemp(join(tmpdir(), 'ambit-watch-')));
  await writeFile(join(workspace, 'old.txt'), 'old');
  const batches: FileChange[][] = [];
  let wake: () => void = () => undefined;
  const watcher = await watchFiles({
    workspace,
    ignore: ['node_modules'],
    wanted: (path) => !path.endsWith('.tmp'),
    batch: (changes) => {
      batches.push(changes);
      wake();
    },
    failed: (error) => assert.fail(error),
    ...(pollMs ? { pollMs } : {}),
  });
  t.after(async () => {
    await watcher.stop();
    await rm(workspace, { recursive: true, force: true });
  });
  const until = async (met: (seen: FileChange[]) => boolean) => {
    while (!met(batches.flat())) await new Promise<void>((resolve) => (wake = resolve));
    return batches.flat();
  };
  return { workspace, until, batches };
}

for (const pollMs of [undefined, 20]) {
  test(`changes arrive, ${pollMs ? 'by polling' : 'from the operating system'}`, { timeout: 20_000 }, async (t) => {
    const { workspace, until } = await watched(t, pollMs);
    await writeFile(join(workspace, 'x.tmp'), 'draft');
    await rename(join(workspace, 'x.tmp'), join(workspace, 'new.txt'));
    await writeFile(join(workspace, 'old.txt'), 'changed');
    const seen = await until(
      (all) => all.some(({ path }) => path === 'new.txt') && all.some(({ path }) => path === 'old.txt'),
    );
    assert.equal(
      seen.some(({ path }) => path.endsWith('.tmp')),
      false,
    );
    assert.ok(seen.some(({ path, trigger }) => path === 'new.txt' && trigger === 'PostFileCreate'));
  });
}

test('a file that was there before is saved, however it is written; a new one is made', {
  timeout: 20_000,
}, async (t) => {
  const { workspace, until } = await watched(t);
  await writeFile(join(workspace, 'other.tmp'), 'renamed over');
  await rename(join(workspace, 'other.tmp'), join(workspace, 'old.txt'));
  await writeFile(join(workspace, 'new.txt'), 'new');
  const seen = await until((all) => ['old.txt', 'new.txt'].every((name) => all.some(({ path }) => path === name)));
  const told = (name: string) => seen.find(({ path }) => path === name)?.trigger;
  assert.deepEqual([told('old.txt'), told('new.txt')], ['PostFileSave', 'PostFileCreate']);
});

test('ten thousand files at once lose nothing and come in few batches', { timeout: 60_000 }, async (t) => {
  const { workspace, until, batches } = await watched(t);
  for (let i = 0; i < 10_000; i += 500)
    await Promise.all(Array.from({ length: 500 }, (_, j) => writeFile(join(workspace, `f${i + j}.txt`), 'x')));
  // `old.txt` was written shortly before the watch began: after a burst, what is that young may be told too.
  const made = (all: FileChange[]) => new Set(all.map(({ path }) => path).filter((path) => path !== 'old.txt'));
  const seen = await until((all) => made(all).size >= 10_000);
  assert.equal(made(seen).size, 10_000);
  assert.ok(batches.length < 200, `${batches.length} batches`);
});

test('ten thousand files written again lose nothing either, though the system drops events', {
  timeout: 60_000,
}, async (t) => {
  const { workspace, until, batches } = await watched(t);
  const names = Array.from({ length: 10_000 }, (_, i) => `f${i}.txt`);
  for (const content of ['first', 'second, longer']) {
    const known = new Set(batches.flat().map(({ path }) => path));
    batches.length = 0;
    // Written without a pause: this is what overflows the queue of the operating system.
    for (const name of names) writeFileSync(join(workspace, name), content);
    // What was written shortly before may be told again; whoever listens compares contents.
    await until((all) => {
      const told = new Set(all.map(({ path }) => path));
      return names.every((name) => told.has(name));
    });
    // Each is told as what it is, also those of which the system said nothing.
    const first = new Map<string, string>();
    for (const { path, trigger } of batches.flat()) if (!first.has(path)) first.set(path, trigger);
    const made = [...first.values()].filter((trigger) => trigger === 'PostFileCreate').length;
    assert.equal(made, known.size === 0 ? names.length : 0);
  }
});
