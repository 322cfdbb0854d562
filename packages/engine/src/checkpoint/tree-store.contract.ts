import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { TreeStore } from './checkpoint.ts';

export interface StorePlace {
  workspace: string;
  folder: string;
  put: (path: string, content: string | Uint8Array) => Promise<void>;
}

export async function storePlace(t: TestContext): Promise<StorePlace> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'ambit-trees-')));
  t.after(() => rm(root, { recursive: true, force: true }));
  const workspace = join(root, 'work');
  await mkdir(workspace);
  const put: StorePlace['put'] = async (path, content) => {
    await mkdir(dirname(join(workspace, path)), { recursive: true });
    await writeFile(join(workspace, path), content);
  };
  return { workspace, folder: join(root, 'store'), put };
}

async function content(store: TreeStore, id: string, path: string): Promise<Buffer | undefined> {
  const entry = (await store.entries(id)).find((one) => one.path === path);
  return entry && Buffer.from(await store.read(entry.blob));
}

/** What every store of snapshots must be. */
export function treeStoreContract(name: string, open: (place: StorePlace) => TreeStore): void {
  test(`${name}: every byte comes back, whatever the attributes say`, async (t) => {
    const place = await storePlace(t);
    const odd = Buffer.from([0, 255, 13, 10, 10, 13, 128]);
    await place.put('.gitattributes', '* text=auto eol=lf ident\n*.u16 working-tree-encoding=UTF-16LE\n');
    await place.put('crlf.txt', 'a\r\nb\r\n$Id$\r\n');
    await place.put('odd.bin', odd);
    await place.put('x.u16', Buffer.from('hello', 'utf16le'));
    await place.put('深/ñ ü.txt', 'names in any script\n');
    const store = open(place);
    assert.equal(await store.unavailable(), undefined);
    const { id } = await store.snapshot('first');
    assert.equal((await content(store, id, 'crlf.txt'))?.toString(), 'a\r\nb\r\n$Id$\r\n');
    assert.deepEqual(await content(store, id, 'odd.bin'), odd);
    assert.deepEqual(await content(store, id, 'x.u16'), Buffer.from('hello', 'utf16le'));
    assert.equal((await content(store, id, '深/ñ ü.txt'))?.toString(), 'names in any script\n');
    assert.deepEqual(await store.changed(id), []);
  });

  test(`${name}: what was changed, made, removed, linked and made executable is told`, async (t) => {
    const place = await storePlace(t);
    await place.put('same', 's');
    await place.put('edited', 'a');
    await place.put('gone/deep', 'g');
    await place.put('mode', 'm');
    await symlink('same', join(place.workspace, 'link'));
    await symlink('/nowhere/at/all', join(place.workspace, 'loose'));
    await symlink('.', join(place.workspace, 'loop'));
    const store = open(place);
    const { id } = await store.snapshot('first');
    await place.put('edited', 'b');
    await rm(join(place.workspace, 'gone'), { recursive: true });
    await chmod(join(place.workspace, 'mode'), 0o755);
    await rm(join(place.workspace, 'link'));
    await symlink('mode', join(place.workspace, 'link'));
    await place.put('new/file', 'n');
    assert.deepEqual(await store.changed(id), ['edited', 'gone/deep', 'link', 'mode', 'new/file']);
    const second = await store.snapshot('second');
    assert.notEqual(second.id, id);
    assert.equal((await content(store, id, 'edited'))?.toString(), 'a');
    assert.equal((await content(store, second.id, 'edited'))?.toString(), 'b');
    assert.equal((await content(store, id, 'link'))?.toString(), 'same');
    assert.equal((await store.entries(second.id)).find((entry) => entry.path === 'mode')?.mode, 0o755);
  });

  test(`${name}: a snapshot leaves the workspace as it is`, async (t) => {
    const place = await storePlace(t);
    await place.put('a', 'a');
    const store = open(place);
    const before = await readdir(place.workspace, { recursive: true });
    await store.snapshot('first');
    assert.deepEqual(await readdir(place.workspace, { recursive: true }), before);
  });

  test(`${name}: a name that is none is refused`, async (t) => {
    const place = await storePlace(t);
    await place.put('a', 'a');
    const store = open(place);
    await store.snapshot('first');
    await assert.rejects(store.entries('--output=/tmp/x'), { code: 'input.broken' });
    await assert.rejects(store.changed('HEAD'), { code: 'input.broken' });
  });
}
