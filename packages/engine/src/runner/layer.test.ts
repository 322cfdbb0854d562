import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Bench, openBench } from '../../../../test/support/change-sets.ts';
import { applyChangeSet, findEntry, makeChangeSet } from '../change-set/index.ts';
import { type Layer, newLayer, seededCopy } from './layer.ts';

const layerOver = (bench: Bench): Layer => newLayer(bench.state, (path) => findEntry(bench.workspace, path));

test('later work sees earlier work that is not in the workspace, and its own change set holds only its own', async (t) => {
  const bench = await openBench(t);
  await bench.put('a.txt', '1\n2\n3\n4\n5\n6\n7\n8\n');
  await bench.put('gone.txt', 'x\n');
  const first = await bench.changed(async (copy) => {
    await copy.write('a.txt', 'one\n2\n3\n4\n5\n6\n7\n8\n');
    await copy.write('new.txt', 'n\n');
    await copy.remove('gone.txt');
  });
  const layer = layerOver(bench);
  assert.deepEqual(await layer.add(first!), []);
  const copy = await seededCopy(await bench.copy(), layer);
  assert.equal(Buffer.from(await copy.read('new.txt')).toString(), 'n\n');
  assert.equal(await copy.exists('gone.txt'), false);
  assert.deepEqual(await copy.changes(), []);
  await copy.write('a.txt', 'one\n2\n3\n4\n5\n6\n7\neight\n');
  await copy.write('other.txt', 'o\n');
  await copy.remove('new.txt');
  await copy.write('gone.txt', 'back\n');
  const changes = await copy.changes();
  assert.deepEqual(
    changes.map(({ path, kind }) => `${kind} ${path}`),
    ['modified a.txt', 'created gone.txt', 'deleted new.txt', 'created other.txt'],
  );
  assert.equal(Buffer.from((await copy.base('a.txt'))!).toString(), 'one\n2\n3\n4\n5\n6\n7\n8\n');
  const run = { id: 'second', kind: 'task' as const, depth: 0 };
  const { state, cues, protections, ports } = bench;
  const second = await makeChangeSet(copy, { state, run, now: ports.now, protections, cues });
  await copy.discard();
  // Applied in order, both arrive; nothing had changed before.
  assert.equal((await bench.text('a.txt')).startsWith('1\n'), true);
  assert.equal((await applyChangeSet(first!.id, { channel: 'test' }, ports)).status, 'applied');
  assert.equal((await applyChangeSet(second!.id, { channel: 'test' }, ports)).status, 'applied');
  assert.equal(await bench.text('a.txt'), 'one\n2\n3\n4\n5\n6\n7\neight\n');
  assert.equal(await bench.text('gone.txt'), 'back\n');
  assert.equal(await findEntry(bench.workspace, 'new.txt'), undefined);
});

test('work that puts a file back to what the workspace holds is a change all the same', async (t) => {
  const bench = await openBench(t);
  await bench.put('a.txt', 'old\n');
  const first = await bench.changed((copy) => copy.write('a.txt', 'new\n'));
  const layer = layerOver(bench);
  await layer.add(first!);
  const copy = await seededCopy(await bench.copy(), layer);
  await copy.write('a.txt', 'old\n');
  assert.deepEqual(
    (await copy.changes()).map(({ path, kind }) => `${kind} ${path}`),
    ['modified a.txt'],
  );
  await copy.discard();
});

test('work on the same lines is a conflict and leaves the layer as it was', async (t) => {
  const bench = await openBench(t);
  await bench.put('a.txt', 'a\n');
  const first = await bench.changed((copy) => copy.write('a.txt', 'first\n'));
  const second = await bench.changed(async (copy) => {
    await copy.write('a.txt', 'second\n');
    await copy.write('b.txt', 'b\n');
  });
  const layer = layerOver(bench);
  assert.deepEqual(await layer.add(first!), []);
  const conflicts = await layer.add(second!);
  assert.deepEqual(
    conflicts.map((one) => one.path),
    ['a.txt'],
  );
  assert.match(conflicts[0]?.marked ?? '', /first\n=======\nsecond/);
  assert.deepEqual([...layer.paths], ['a.txt']);
});
