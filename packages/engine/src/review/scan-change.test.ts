import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type OpenAdvisories, readRules } from '@ambit/scanner';
import { readCatalogSources } from '../../../../test/support/catalog.ts';
import type { TextChange } from '../change-set/index.ts';
import { type ChangeReviewOptions, changeReview } from './scan-change.ts';

const catalog = readRules(await readCatalogSources('rules'), await readCatalogSources('frameworks'));
const lock = (version: string) =>
  `{"lockfileVersion":3,"packages":{\n"":{"name":"app"},\n"node_modules/leftish":{"version":"${version}","resolved":"https://registry.example/leftish/-/leftish-${version}.tgz","integrity":"sha512-x"}}}`;

function database(severity: 'high' | 'low'): OpenAdvisories {
  const flaw = {
    id: 'GHSA-aaaa-bbbb-cccc',
    aliases: [],
    ecosystem: 'npm' as const,
    name: 'leftish',
    summary: 'pads for ever',
    severity,
    modified: '',
    origin: 'registry' as const,
    ranges: [],
    versions: [],
    range: '<1.3.1',
  };
  return async () => ({
    now: 0,
    coverage: () => ({ imported: 0, asked: new Map(), broken: 0 }),
    of: (_ecosystem, name) => (name === 'leftish' ? [flaw] : []),
  });
}

type Files = Record<string, string>;

async function projectOf(t: TestContext, files: Files): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'ambit-change-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return root;
}

const changeOf = (path: string, before: string, after: string): TextChange => ({
  path,
  kind: before === '' ? 'created' : after === '' ? 'deleted' : 'modified',
  before,
  after,
});

const reviewOf = (root: string, options: Partial<ChangeReviewOptions> = {}) =>
  changeReview(root, { catalog, least: 'medium', now: () => new Date(0), ...options });

const saidOf = async (t: TestContext, before: string, after: string, severity: 'high' | 'low' = 'high') => {
  const { scan } = reviewOf(await projectOf(t, {}), { advisories: database(severity) });
  const { findings } = await scan([changeOf('package-lock.json', before, after)]);
  return findings.filter(({ rule }) => rule === 'deps-known-vulnerability').map(({ message }) => message);
};

test('a change that pins a package with a known flaw is told of, one that only stands beside it is not', async (t) => {
  assert.match((await saidOf(t, '', lock('1.3.0'))).join(), /leftish` 1\.3\.0 has GHSA-aaaa-bbbb-cccc/);
  assert.equal((await saidOf(t, lock('1.3.1'), lock('1.3.0'))).length, 1);
  assert.deepEqual(await saidOf(t, lock('1.3.0'), `${lock('1.3.0')}\n`), []);
  assert.deepEqual(await saidOf(t, lock('1.3.0'), lock('1.3.1')), []);
});

test("an advisory's own severity decides whether it stops a change", async (t) => {
  assert.deepEqual(await saidOf(t, '', lock('1.3.0'), 'low'), []);
});

const server = `import express from 'express';
import { requireUser } from './auth.js';
import { orders } from './orders.js';
import { profile } from './profile.js';
const app = express();
app.use('/profile', requireUser, profile);
app.use('/orders', requireUser, orders);
app.listen(3000);
`;
const shop: Files = {
  'src/server.js': server,
  'src/auth.js': 'export function requireUser(req, res, next) { if (!req.user) return res.sendStatus(401); next(); }\n',
  'src/profile.js': `import { Router } from 'express';
import { db } from './db.js';
export const profile = Router();
profile.put('/name', (req, res) => res.json(db.rename(String(req.body.name))));
profile.delete('/', (req, res) => res.json(db.forget()));
`,
  'src/orders.js': `import { Router } from 'express';
import { db } from './db.js';
export const orders = Router();
orders.post('/', (req, res) => res.json(db.insert('orders', { item: String(req.body.item) })));
orders.delete('/old', (req, res) => res.json(db.remove('orders', { old: true })));
`,
};

test('a guard that goes from one file is told where its absence opens another, and an edit beside it is not', async (t) => {
  const { scan } = reviewOf(await projectOf(t, shop));
  const open = await scan([changeOf('src/server.js', server, server.replace('requireUser, orders', 'orders'))]);
  const told = open.findings.filter(({ rule }) => rule === 'route-without-authentication');
  assert.deepEqual(
    told.map(({ path, line }) => `${path}:${line}`),
    ['src/orders.js:4', 'src/orders.js:5'],
  );
  assert.match(told[0]?.message ?? '', /by what changed elsewhere/);
  const { findings } = await scan([changeOf('src/server.js', server, server.replace('3000', '8080'))]);
  assert.deepEqual(findings, []);
});

test('a migration that leaves its table open is told, one that closes it in a second file is not', async (t) => {
  const create = 'create table notes (id uuid primary key, owner uuid not null, body text);\n';
  const close =
    'alter table notes enable row level security;\ncreate policy own on notes for all to authenticated using (owner = auth.uid()) with check (owner = auth.uid());\n';
  const { scan } = reviewOf(await projectOf(t, { 'supabase/config.toml': 'project_id = "x"\n' }));
  const first = changeOf('supabase/migrations/0001_notes.sql', '', create);
  const rules = async (changes: TextChange[]) => (await scan(changes)).findings.map(({ rule }) => rule);
  assert.deepEqual(await rules([first]), ['sql-table-without-rls']);
  assert.deepEqual(await rules([first, changeOf('supabase/migrations/0002_close.sql', '', close)]), []);
});

test('what the project held before is not said again, and files beyond the limit are a gap', async (t) => {
  const bad = { ...shop, 'src/server.js': server.replace('requireUser, orders', 'orders') };
  const root = await projectOf(t, bad);
  const change = changeOf('src/server.js', bad['src/server.js'], bad['src/server.js'].replace('3000', '8080'));
  assert.deepEqual(await reviewOf(root).scan([change]), { findings: [], gaps: [] });
  const { gaps } = await reviewOf(root, { filesMost: 1 }).scan([change]);
  assert.match(gaps[0]?.reason ?? '', /more than 1 files/);
});

test('results of files that stay as they are rest where a scan keeps its own', async (t) => {
  const root = await projectOf(t, shop);
  const cacheFile = join(await projectOf(t, {}), 'scan.json');
  const now = () => new Date(Date.now() + 60_000);
  const change = changeOf('src/server.js', server, server.replace('requireUser, orders', 'orders'));
  const first = await reviewOf(root, { cacheFile, now }).scan([change]);
  const kept = await readFile(cacheFile, 'utf8');
  assert.ok(kept.includes('src/orders.js'));
  assert.deepEqual(await reviewOf(root, { cacheFile, now }).scan([change]), first);
  assert.equal(await readFile(cacheFile, 'utf8'), kept);
});

test('what a change writes into a file of tests is looked at before it lands; a harmless one is nothing', async (t) => {
  const code = (line: string) =>
    `import { exec } from 'node:child_process';\nimport { it } from 'node:test';\nit('runs', () => {});\nexport const run = (req: Request, res: Response) => { ${line} };\n`;
  const { scan } = reviewOf(await projectOf(t, { 'package.json': '{}' }));
  const said = async (line: string) =>
    (await scan([changeOf('src/run.test.ts', '', code(line))])).findings.map(({ rule }) => rule);
  assert.deepEqual(await said("exec('ls ' + req.query.name); res.end();"), ['command-injection']);
  assert.deepEqual(await said('res.end();'), []);
});
