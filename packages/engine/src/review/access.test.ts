import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readRules } from '@ambit/scanner';
import { readCatalogSources } from '../../../../test/support/catalog.ts';
import { changeReview } from './scan-change.ts';

const server = `import express from 'express';
import { requireUser } from './auth.js';
const app = express();
app.get('/health', (req, res) => res.send('ok'));
app.post('/orders', requireUser, (req, res) => res.json(db.orders.insert(req.body)));
app.listen(3000);
`;

async function changesOf(t: TestContext, after: string | undefined, before: string | undefined = server) {
  const root = await mkdtemp(join(tmpdir(), 'ambit-access-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  const files = {
    'src/server.js': before,
    'src/auth.js':
      'export function requireUser(req, res, next) { if (!req.user) return res.sendStatus(401); next(); }\n',
  };
  for (const [path, text] of Object.entries(files)) {
    if (text === undefined) continue;
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  const [rules, frameworks] = await Promise.all([readCatalogSources('rules'), readCatalogSources('frameworks')]);
  const kind = before === undefined ? 'created' : after === undefined ? 'deleted' : 'modified';
  const review = changeReview(root, { catalog: readRules(rules, frameworks), least: 'medium', now: () => new Date(0) });
  return review.access([{ path: 'src/server.js', kind, before: before ?? '', after: after ?? '' }]);
}

test('a route that loses its sign-in check is told first, with where the check stood', async (t) => {
  const weaker = server.replace("'/orders', requireUser,", "'/orders',").replace('/health', '/status');
  const [first, ...others] = await changesOf(t, weaker);
  assert.equal(first?.kind, 'weakened');
  assert.match(first?.route ?? '', /POST \/orders/i);
  assert.ok(first?.lost.includes('authentication'));
  assert.match(first?.was ?? '', /src\/server\.js:5/);
  assert.deepEqual(others.map((one) => one.kind).sort(), ['added', 'removed']);
});

test('an edit that leaves routes as they are says nothing, and so does one of another kind of file', async (t) => {
  assert.deepEqual(await changesOf(t, server.replace("'ok'", "'fine'")), []);
  assert.deepEqual(await changesOf(t, 'export const a = 1;\n', 'export const a = 2;\n'), []);
});
