import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { zipSync } from 'fflate';
import { askAudit, importOsv, openAdvisories, updateAdvisories } from './index.ts';

const folders: string[] = [];
after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));
async function folder(files: Record<string, string | Uint8Array> = {}): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'ambit-advisories-'));
  folders.push(root);
  await mkdir(join(root, 'deep', 'er'), { recursive: true });
  for (const [path, text] of Object.entries(files)) await writeFile(join(root, path), text);
  return root;
}

const doc = (id: string, more: object = {}, name = 'a', ecosystem = 'npm') =>
  JSON.stringify({
    id,
    modified: '2026-01-01T00:00:00Z',
    affected: [
      {
        package: { ecosystem, name },
        ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '1.0.0' }] }],
      },
    ],
    ...more,
  });
const now = new Date('2026-06-01');
const wanted = new Map([['npm', new Set(['a', 'b'])]] as const);
const ids = async (database: string, name = 'a') =>
  (await openAdvisories(database, wanted, now)).of('npm', name).map(({ id }) => id);

test('folders, archives, arrays and lines are read; what is broken is named and the rest kept', async () => {
  const zip = zipSync({ 'GHSA-1.json': Buffer.from(doc('ZIP-1')), 'readme.txt': Buffer.from('no') });
  const root = await folder({
    'one.json': doc('ONE-1'),
    'deep/er/two.json': `[${doc('TWO-1')},${doc('TWO-2', {}, 'Some_Thing', 'PyPI')}]`,
    'lines.ndjson': `${doc('LINE-1')}\n{"id": 7}\nno json\n\n${doc('LINE-2', { withdrawn: '2026-02-02T00:00:00Z' })}\n`,
    'all.zip': zip,
    'cut.zip': zip.subarray(0, zip.length - 30),
    'notes.txt': 'not looked at',
  });
  const read = await importOsv(root);
  assert.deepEqual(read.advisories.map(({ id }) => id).sort(), ['LINE-1', 'ONE-1', 'TWO-1', 'TWO-2', 'ZIP-1']);
  assert.deepEqual([...read.withdrawn], ['LINE-2']);
  assert.equal(read.advisories.find(({ id }) => id === 'TWO-2')?.name, 'some-thing');
  assert.equal(read.broken.count, 3);
  const shown = read.broken.shown.sort().join('\n');
  assert.match(shown, /cut\.zip: no complete zip archive/);
  assert.match(shown, /lines\.ndjson:2: not an OSV document: id/);
  assert.match(shown, /lines\.ndjson:3: no JSON/);
  await assert.rejects(importOsv(join(root, 'nowhere')), /there are no advisories at/);
});

test('deep, huge and hollow documents end as broken ones', async () => {
  const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
  const huge = zipSync({
    'huge.json': new Uint8Array(9 * 1024 * 1024).fill(32),
    'fine.json': Buffer.from(doc('FINE-1')),
  });
  const root = await folder({ 'deep.json': deep, 'huge.zip': huge, 'proto.json': '{"__proto__":{"id":"X-1"}}' });
  const read = await importOsv(root);
  assert.deepEqual(
    read.advisories.map(({ id }) => id),
    ['FINE-1'],
  );
  assert.match(read.broken.shown.join('\n'), /huge\.zip\/huge\.json: too large/);
  assert.equal(read.broken.count, 3);
});

test('an update replaces what changed, drops what was withdrawn and keeps the rest', async () => {
  const database = await folder();
  const put = async (...docs: string[]) => {
    const { advisories, withdrawn } = await importOsv(join(await folder({ 'x.ndjson': docs.join('\n') }), 'x.ndjson'));
    await updateAdvisories(database, 'npm', { advisories, withdrawn, imported: now.getTime() });
  };
  await put(doc('A-1'), doc('A-2'), doc('B-1', {}, 'b'));
  await put(
    doc('A-1', { withdrawn: '2026-03-01T00:00:00Z' }),
    doc('A-3'),
    doc('A-2', { modified: '2025-01-01T00:00:00Z', summary: 'older' }),
  );
  assert.deepEqual((await ids(database)).sort(), ['A-2', 'A-3']);
  assert.deepEqual(await ids(database, 'b'), ['B-1']);
  const known = await openAdvisories(database, wanted, now);
  assert.equal(known.of('npm', 'a').find(({ id }) => id === 'A-2')?.summary, '');
  assert.equal(known.coverage('npm')?.imported, now.getTime());
  assert.deepEqual(
    (await readdir(database)).filter((name) => name.endsWith('.tmp')),
    [],
  );
});

test('broken lines of the database are counted, a broken head is no database', async () => {
  const database = await folder();
  await updateAdvisories(database, 'npm', { advisories: [], withdrawn: new Set(), imported: now.getTime() });
  const path = join(database, 'npm.ndjson');
  const head = await readFile(path, 'utf8');
  const bomb = `a\tX-2\t${'['.repeat(100_000)}`;
  const range = `a\tX-3\t${JSON.stringify({ id: 'X-3', aliases: [], ecosystem: 'npm', name: 'a', summary: '', severity: 'low', modified: '', origin: 'registry', ranges: [], versions: [], range: 'no range' })}`;
  await writeFile(path, `${head}a\tX-1\t{}\n${bomb}\n${range}\nno tabs\nz\tX-9\tnot met\n`);
  const known = await openAdvisories(database, wanted, now);
  assert.equal(known.coverage('npm')?.broken, 4);
  assert.deepEqual(known.of('npm', 'a'), []);
  await writeFile(path, `{"version":9}\n`);
  assert.equal((await openAdvisories(database, wanted, now)).coverage('npm'), undefined);
});

test('a registry that no longer tells an advisory about a version takes it back; imported ones stay', async () => {
  const database = await folder();
  const asked = new Map([['a', new Set(['1.0.0'])]]);
  const ask = async (data: unknown, status = 200) =>
    updateAdvisories(
      database,
      'npm',
      await askAudit('http://registry', asked, async () => ({ status, text: async () => JSON.stringify(data) }), now),
    );
  const told = (url: string, range = '<1.2.0') => ({
    id: 1,
    url,
    title: 't',
    severity: 'low',
    vulnerable_versions: range,
  });
  await ask({
    a: [told('https://x/advisories/GHSA-aaaa-bbbb-cccc'), told('https://x/2', '<1.1.0')],
    other: [told('https://x/3')],
  });
  assert.deepEqual((await ids(database)).sort(), ['GHSA-aaaa-bbbb-cccc', 'npm:1']);
  await ask({ a: [told('https://x/2', '<1.1.0')] });
  assert.deepEqual(await ids(database), ['npm:1']);
  await ask({});
  assert.deepEqual(await ids(database), []);
  await assert.rejects(ask({ a: [told('', 'garbage!!')] }), /range that is none, for `a`/);
  await assert.rejects(ask([1]), /not one of an audit endpoint/);
  await assert.rejects(ask({}, 405), /it answered 405/);
});
