import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { findSpec, isSpecName, listSpecs, readSpec } from './index.ts';

async function workspace(t: { after: (fn: () => Promise<void>) => void }) {
  const root = await mkdtemp(join(tmpdir(), 'ambit-specs-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  const folder = join(root, '.kiro', 'specs', 'area', 'login');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'requirements.md'), '# Requirements Document\n');
  return { root, folder };
}

test('nested specs are listed and found by name, by folder and by document', async (t) => {
  const { root, folder } = await workspace(t);
  assert.deepEqual(
    (await listSpecs(root)).map((spec) => spec.name),
    ['area/login'],
  );
  for (const asked of ['area/login', folder, join(folder, 'requirements.md')])
    assert.equal((await findSpec(root, root, asked)).name, 'area/login');
  await assert.rejects(findSpec(root, root, 'logout'), { code: 'input.missing', hint: 'there are: area/login' });
});

test('names cannot leave the folder of specs', () => {
  for (const name of ['../x', 'a/../b', '/etc', 'a//b', '.git', 'a\\b', 'a\0', '', ' a'])
    assert.equal(isSpecName(name), false, name);
  for (const name of ['login', 'area/login', '登录', 'user-auth_2']) assert.equal(isSpecName(name), true, name);
});

test('a link, a folder, a giant and text that is not UTF-8 are refused by name', async (t) => {
  const { root, folder } = await workspace(t);
  const secret = join(root, 'secret.txt');
  await writeFile(secret, 'canary');
  await symlink(secret, join(folder, 'design.md'));
  const place = await findSpec(root, root, 'area/login');
  await assert.rejects(readSpec(place), { code: 'input.broken', where: '.kiro/specs/area/login/design.md' });
  await rm(join(folder, 'design.md'));
  await mkdir(join(folder, 'design.md'));
  await assert.rejects(readSpec(place), { code: 'input.broken' });
  await rm(join(folder, 'design.md'), { recursive: true });
  await writeFile(join(folder, 'design.md'), Buffer.from([0x23, 0x20, 0xff, 0xfe]));
  await assert.rejects(readSpec(place), { code: 'input.broken', message: 'is not UTF-8' });
});
