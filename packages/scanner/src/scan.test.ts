import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fillSample } from '@ambit/core/detect';
import { readCatalogSources } from '../../../test/support/catalog.ts';
import { baselineOf, sinceBaseline } from './baseline/baseline.ts';
import { readRules } from './catalog.ts';
import type { ScanResult } from './finding.ts';
import { applyEdits, repairs } from './fix.ts';
import { jsonReport } from './report/json.ts';
import { type ScanOptions, scan } from './scan.ts';
import { createTextScanner } from './watch.ts';

const catalog = readRules(await readCatalogSources('rules'), await readCatalogSources('frameworks'));
const folders: string[] = [];
after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));
const token = fillSample('ghp_{{alnum:36}}');

async function project(files: Record<string, string | Uint8Array>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'ambit-scan-'));
  folders.push(root);
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  return root;
}

const run = (root: string, options: Partial<ScanOptions> = {}): Promise<ScanResult> =>
  scan(root, { catalog, now: () => new Date('2026-06-01'), threads: 0, ...options });
const places = (result: ScanResult) => result.findings.map(({ ruleId, file, line }) => `${ruleId} ${file}:${line}`);

test('findings stand in files relative to the root, and the report has exactly its keys', async () => {
  const root = await project({
    'src/a.ts': `export const one = 1;\nexport const key = '${token}';\n`,
    'src/b.ts': 'export {};\n',
  });
  const result = await run(root);
  assert.deepEqual(places(result), ['github-token src/a.ts:2']);
  const report = JSON.parse(jsonReport(result)) as { findings: object[] };
  assert.deepEqual(Object.keys(report), ['version', 'findings', 'gaps', 'stats']);
  assert.deepEqual(Object.keys(report.findings[0] ?? {}), [
    'ruleId',
    'severity',
    'confidence',
    'cwe',
    'file',
    'line',
    'endLine',
    'message',
    'fix',
  ]);
  assert.ok(!JSON.stringify(result).includes(token), 'the secret travels');
});

test('ignore files and folders of tools are left out, unless everything is asked for', async () => {
  const line = `key = '${token}'\n`;
  const root = await project({
    '.gitignore': 'secret/\n*.log\n!keep.log\n',
    '.kiroignore': 'private.txt\n',
    'secret/a.txt': line,
    'a.log': line,
    'keep.log': line,
    'private.txt': line,
    'sub/.gitignore': '/x.txt\n',
    'sub/x.txt': line,
    'sub/deep/x.txt': line,
    'node_modules/a/index.js': line,
  });
  assert.deepEqual(
    (await run(root)).findings.map(({ file }) => file),
    ['keep.log', 'sub/deep/x.txt'],
  );
  assert.equal((await run(root, { everything: true })).findings.length, 7);
});

test('symbolic links are not followed out of the folder', async () => {
  const outside = await project({ 'a.txt': `key = '${token}'\n` });
  const root = await project({ 'b.txt': 'nothing\n' });
  await symlink(join(outside, 'a.txt'), join(root, 'link.txt'));
  await symlink(outside, join(root, 'folder'));
  assert.deepEqual(places(await run(root)), []);
});

test('files of tests are searched for secrets alone, and counted; an application in such a folder is looked at', async () => {
  const server =
    "import express from 'express';\nconst app = express();\napp.get('/x', (req, res) => res.send('<b>' + req.query.name));\n";
  const inTest = `${server}describe('server', () => it('answers', () => {}));\nconst key = '${token}';\n`;
  const root = await project({ 'src/x.test.ts': inTest, 'test/app.ts': server, 'src/inspect.ts': inTest });
  const found = places(await run(root)).sort();
  assert.deepEqual(found, [
    'github-token src/inspect.ts:5',
    'github-token src/x.test.ts:5',
    'reflected-xss src/inspect.ts:3',
    'reflected-xss test/app.ts:3',
  ]);
  assert.equal((await run(root)).stats.skipped.tests, 1);
  assert.ok(places(await run(root, { everything: true })).includes('reflected-xss src/x.test.ts:3'));
});

test('binary files are skipped and counted; what cannot be read or is too large is a gap', async () => {
  const root = await project({
    'a.bin': new Uint8Array([0, 1, 2]),
    'b.txt': new Uint8Array([0x61, 0, 0x62]),
    'large.json': `{"a":"${'x'.repeat(2_100_000)}","key":"${token}"}`,
    'utf16.txt': Buffer.from(`\ufeffkey = '${token}'`, 'utf16le'),
    'broken.ts': new Uint8Array([0xff, 0xfe, 0xfd, 0x80, 0x0a]),
  });
  const result = await run(root);
  assert.deepEqual(result.stats.skipped, { binary: 2, generated: 0, oversized: 1, tests: 0 });
  assert.deepEqual(places(result).sort(), ['github-token large.json:1', 'github-token utf16.txt:1']);
  assert.deepEqual(
    result.gaps.map(({ file }) => file),
    ['large.json'],
  );
});

test('a file without permission is a gap', {
  skip: process.getuid?.() === 0 ? 'root may read everything' : false,
}, async () => {
  const root = await project({ 'a.txt': 'x' });
  await chmod(join(root, 'a.txt'), 0);
  assert.match((await run(root)).gaps[0]?.reason ?? '', /cannot be read/);
});

test('a second scan takes unchanged files from the cache and sees changed ones', async () => {
  const root = await project({ 'a.txt': `key = '${token}'\n`, 'b.txt': 'x\n' });
  const old = new Date('2020-01-01');
  for (const name of ['a.txt', 'b.txt']) await utimes(join(root, name), old, old);
  const cacheFile = join(root, '..', `${root.split('/').at(-1)}-cache.json`);
  folders.push(cacheFile);
  const first = await run(root, { cacheFile });
  const second = await run(root, { cacheFile });
  assert.equal(second.stats.cached, 2);
  assert.deepEqual(second.findings, first.findings);
  await writeFile(join(root, 'b.txt'), `key = '${token}'\n`);
  const third = await run(root, { cacheFile });
  assert.deepEqual([third.stats.cached, third.findings.length], [1, 2]);
  const fewer = { ...catalog, rules: catalog.rules.slice(0, 5) };
  assert.equal((await run(root, { cacheFile, catalog: fewer })).stats.cached, 0);
  assert.equal((await run(root, { cacheFile, catalog: fewer, build: 'next' })).stats.cached, 0);
  assert.equal((await run(root, { cacheFile, catalog: fewer, build: 'next' })).stats.cached, 1);
});

test('a baseline survives moved lines and lets new findings through', async () => {
  const root = await project({ 'a.txt': `key = '${token}'\n` });
  const baseline = baselineOf((await run(root)).findings);
  const other = fillSample('ghp_{{alnum:36}}', 7);
  await writeFile(join(root, 'a.txt'), `\n\n\n  key = '${token}'\nkey = '${other}'\n`);
  assert.deepEqual(places(sinceBaseline(await run(root), baseline)), ['github-token a.txt:5']);
});

test('a suppression needs a reason and ends on its day', async () => {
  const line = `key = '${token}'`;
  const root = await project({
    'reason.js': `// ambit-ignore github-token: revoked, kept for the test\n${line}\n`,
    'bare.js': `${line} // ambit-ignore github-token:\n`,
    'old.js': `${line} // ambit-ignore github-token until 2026-01-31: rotate\n`,
    'other.js': `${line} // ambit-ignore some-rule: it is fine\n`,
  });
  const result = await run(root);
  assert.deepEqual(
    result.suppressed.map(({ finding, reason }) => `${finding.file} ${reason}`),
    ['reason.js revoked, kept for the test'],
  );
  const said = Object.fromEntries(result.findings.map(({ file, message }) => [file, message]));
  assert.match(said['bare.js'] ?? '', /gives no reason/);
  assert.match(said['old.js'] ?? '', /ended on 2026-01-31/);
  assert.ok('other.js' in said);
});

test('only chosen files are reported', async () => {
  const root = await project({ 'a.txt': `key = '${token}'\n`, 'b.txt': `key = '${token}'\n` });
  assert.deepEqual(places(await run(root, { only: new Set(['b.txt']) })), ['github-token b.txt:1']);
});

test('an aborted scan ends', async () => {
  const root = await project({ 'a.txt': 'x' });
  await assert.rejects(run(root, { signal: AbortSignal.abort() }));
});

test('hostile files end in findings or gaps, never in silence', async () => {
  const deep = 60_000;
  const root = await project({
    'line.js': `const a = "${'password=\\"'.repeat(300_000)}";`,
    'deep.json': `{"a":${'['.repeat(deep)}${']'.repeat(deep)}}`,
    '.kiro/settings/mcp.json': `{"mcpServers":${'{"npx":'.repeat(5_000)}1${'}'.repeat(5_000)}}`,
    'deep.tf': `resource "aws_s3_bucket" "a" ${'{ x '.repeat(5_000)}`,
    'nginx.conf': 'server { location / { '.repeat(5_000),
    'a.yaml': `kind: Pod\nspec:\n  containers: ${'['.repeat(2_000)}`,
    Dockerfile: `FROM a${' \\\n'.repeat(20_000)}\nCMD x`,
    'keys.pem': '-----BEGIN RSA PRIVATE KEY-----\n'.repeat(20_000),
    'b.txt': new Uint8Array(200_000).fill(0xc3),
  });
  const result = await run(root);
  assert.equal(result.stats.files, 9);
  assert.ok(result.gaps.some(({ file }) => file === '.kiro/settings/mcp.json'));
});

test('one saved text is scanned by itself', async () => {
  const scanner = await createTextScanner(catalog);
  assert.deepEqual(
    scanner.scanText('a.ts', `const k = '${token}';`, '2026-06-01').map(({ ruleId }) => ruleId),
    ['github-token'],
  );
  assert.deepEqual(scanner.scanText('a.ts', 'const k = 1;', '2026-06-01'), []);
});

test('edits are applied from the end, overlapping ones left out; a byte-order mark stays, other encodings are left alone', async () => {
  const edits = [
    { start: 0, end: 1, text: 'X' },
    { start: 2, end: 4, text: '' },
    { start: 3, end: 5, text: 'Y' },
  ];
  assert.equal(applyEdits('abcdef', edits), 'XbcYf');
  const root = await project({ 'a.txt': '\uFEFFabc', 'latin.txt': Buffer.from([0x61, 0xe9, 0x62]) });
  const [first] = (await run(await project({ 'a.txt': `k='${token}'` }))).findings;
  assert.ok(first);
  const change = { edits: [{ start: 0, end: 1, text: 'new' }] };
  const all = await repairs(root, [
    { ...first, ...change },
    { ...first, ...change, file: 'latin.txt' },
  ]);
  assert.deepEqual(all, [{ file: 'a.txt', before: '\uFEFFabc', after: '\uFEFFnewbc' }]);
});
