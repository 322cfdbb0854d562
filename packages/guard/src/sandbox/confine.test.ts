import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openWorkingCopy } from '../working-copy/index.ts';
import { confine } from './confine.ts';

test('secret files are found and masked, settings stay readable, links are left alone', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'ambit-confine-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const workspace = join(root, 'w');
  const put = (name: string, text: string) => {
    mkdirSync(join(workspace, name, '..'), { recursive: true });
    writeFileSync(join(workspace, name), text);
  };
  put('.env', 'KEY=value\n');
  put('packages/api/.env.local', 'A=b\nC=d\n');
  put('.npmrc', 'registry=http://localhost:4873/\n//localhost:4873/:_authToken=abc\n');
  put('packages/web/.npmrc', 'save-exact=true\n');
  put('certs/server.key', 'key\n');
  put('.git/config', '[remote "o"]\n\turl = https://u:pw@h/r\n');
  put('node_modules/x/.env', 'X=1\n');
  put('src/app.ts', 'x\n');
  symlinkSync('../../etc/passwd', join(workspace, 'linked.key'));
  const copy = await openWorkingCopy({ workspace, stateDir: join(root, 'state') });
  const isSecret = (path: string) => /(^|\/)(\.env[^/]*|\.npmrc)$|\.key$/.test(path);
  const { protect, hide } = await confine(copy, { rules: { protect: ['.git/hooks/'] }, isSecret });
  assert.deepEqual(protect, ['.git/hooks/']);
  assert.deepEqual(Object.fromEntries(hide.map((one) => [one.path, one.shows])), {
    '.env': 'KEY=\n',
    'packages/api/.env.local': 'A=\nC=\n',
    '.npmrc': 'registry=http://localhost:4873/\n',
    'certs/server.key': '',
    '.git/config': '[remote "o"]\n\turl = https://h/r\n',
  });
  const granted = await confine(copy, { rules: { protect: [] }, isSecret, granted: ['.env'] });
  assert.ok(!granted.hide.some((one) => one.path === '.env'));
  assert.equal(copy.made, false);
});

test('a socket in the workspace is masked: it leads to a process outside', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'ambit-confine-'));
  const workspace = join(root, 'w');
  mkdirSync(workspace);
  const server = createServer().listen(join(workspace, 'daemon.sock'));
  await once(server, 'listening');
  t.after(() => {
    server.close();
    rmSync(root, { recursive: true, force: true });
  });
  const copy = await openWorkingCopy({ workspace, stateDir: join(root, 'state') });
  const { hide } = await confine(copy, { rules: { protect: [] }, isSecret: () => false });
  assert.deepEqual(hide, [{ path: 'daemon.sock' }]);
});
