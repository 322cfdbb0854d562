import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { grantsOf, keepGrants, readGrants, revokeGrant } from './index.ts';

async function folder(t: { after: (fn: () => Promise<void>) => void }): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'ambit-grants-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

const given = { workspace: '/w', at: '2026-01-01T00:00:00Z', channel: 'terminal', rule: 'ambit.hosts' };
const host = { capability: 'web_fetch' as const, value: 'docs.example', classes: [] };

test('a kept permission counts in its workspace alone, until it is revoked', async (t) => {
  const config = await folder(t);
  const [kept] = await keepGrants(config, [host], given);
  await keepGrants(config, [host], given);
  assert.equal((await readGrants(config)).length, 1);
  assert.equal(grantsOf(await readGrants(config), '/w').length, 1);
  assert.deepEqual(grantsOf(await readGrants(config), '/w2'), []);
  assert.equal(await revokeGrant(config, kept?.id ?? ''), true);
  assert.equal(await revokeGrant(config, kept?.id ?? ''), false);
  assert.deepEqual(await readGrants(config), []);
});

test('a value that reads as a pattern is not kept', async (t) => {
  const config = await folder(t);
  const wide = { capability: 'shell' as const, value: 'rm *', classes: [] };
  assert.deepEqual(await keepGrants(config, [wide], given), []);
  assert.deepEqual(await readGrants(config), []);
});

test('a damaged file of permissions is an error, not an empty list', async (t) => {
  const config = await folder(t);
  await writeFile(join(config, 'grants.json'), '{"version":1,"grants":[{"id":"x"}]}');
  await assert.rejects(readGrants(config), { code: 'state.broken' });
});
