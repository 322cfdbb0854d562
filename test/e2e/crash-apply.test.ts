// kill -9 at every step of applying and undoing: afterwards the workspace is wholly old or wholly new, and so is what Ambit
// says of it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { applyChangeSet, loadChangeSet, recoverWorkspace, undo } from '@ambit/engine/change-set';
import { verifyAuditLog } from '@ambit/guard/audit';
import { type Bench, openBench } from '../support/change-sets.ts';

const script = join(import.meta.dirname, '../support/apply-and-die.ts');

const before = { 'a.txt': 'one\n', 'gone/b.txt': 'two\n', kind: 'a file\n', 'z.txt': 'last\n' };
const after = {
  'a.txt': 'one\nmore\n',
  'deep/new.txt': 'new\n',
  'kind/inner.txt': 'now a folder\n',
  'z.txt': 'changed\n',
};

function tree(folder: string, below = ''): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of readdirSync(join(folder, below))) {
    const path = below === '' ? name : `${below}/${name}`;
    if (statSync(join(folder, path)).isDirectory()) Object.assign(found, tree(folder, path));
    else found[path] = readFileSync(join(folder, path), 'utf8');
  }
  return found;
}

async function prepared(t: TestContext): Promise<{ bench: Bench; id: string }> {
  const bench = await openBench(t);
  for (const [path, text] of Object.entries(before)) await bench.put(path, text);
  const set = await bench.changed(async (copy) => {
    await copy.write('a.txt', after['a.txt']);
    await copy.remove('gone');
    await copy.remove('kind');
    await copy.write('kind/inner.txt', after['kind/inner.txt']);
    await copy.write('deep/new.txt', after['deep/new.txt']);
    await copy.write('z.txt', after['z.txt']);
  });
  return { bench, id: set!.id };
}

function child(bench: Bench, id: string, at: number, how: 'apply' | 'undo') {
  const args = [script, bench.workspace, join(bench.root, 'state'), id, String(at), how];
  return spawnSync(process.execPath, args, { encoding: 'utf8' });
}

for (const how of ['apply', 'undo'] as const)
  test(`killed at any step of ${how}, the workspace is wholly old or wholly new`, async (t) => {
    const seen = new Set<string>();
    for (let at = 1; at < 60; at += 1) {
      const { bench, id } = await prepared(t);
      if (how === 'undo') await applyChangeSet(id, { channel: 'test' }, bench.ports);
      const [old, fresh] = how === 'apply' ? [before, after] : [after, before];
      const ended = child(bench, id, at, how);
      if (ended.signal === null) {
        assert.equal(ended.status, 0, ended.stderr);
        assert.deepEqual(tree(bench.workspace), fresh);
        assert.ok(at > 8, 'there were steps to die at');
        break;
      }
      assert.equal(ended.signal, 'SIGKILL', ended.stderr);
      await recoverWorkspace(bench.ports);
      const now = tree(bench.workspace);
      const isNew = JSON.stringify(Object.entries(now).sort()) === JSON.stringify(Object.entries(fresh).sort());
      if (!isNew) assert.deepEqual(now, old, `step ${at}`);
      seen.add(isNew ? 'new' : 'old');
      const { status } = (await loadChangeSet(bench.state, id)).state;
      const said = how === 'apply' ? ['applied', 'open'] : ['undone', 'applied'];
      assert.equal(status, said[isNew ? 0 : 1], `step ${at}`);
      assert.deepEqual(readdirSync(join(bench.state.root, 'transactions')), []);
      assert.equal((await verifyAuditLog(bench.state)).problem, undefined);
      // What comes next works: the same again, or back.
      if (isNew && how === 'apply') await undo({ channel: 'test' }, bench.ports);
      if (!isNew && how === 'apply') await applyChangeSet(id, { channel: 'test' }, bench.ports);
      if (how === 'apply') assert.deepEqual(tree(bench.workspace), isNew ? old : fresh, `step ${at}`);
    }
    assert.deepEqual([...seen].sort(), ['new', 'old']);
  });
