import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { historySecrets } from './index.ts';

const patterns = ['**/.env', '**/*.pem'];
const isSecret = (path: string) => /(^|\/)\.env$|\.pem$/i.test(path);

function repository(t: TestContext) {
  const workspace = mkdtempSync(join(tmpdir(), 'ambit-history-'));
  t.after(() => rmSync(workspace, { recursive: true, force: true }));
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.invalid', ...args], {
      cwd: workspace,
      stdio: 'ignore',
    });
  git('init', '-q');
  const put = (name: string, text: string) => writeFileSync(join(workspace, name), text);
  return { workspace, git, put, place: { workspace, env: process.env, patterns, isSecret } };
}

test('values of a secret file that is gone are known, values of other files are not', async (t) => {
  const { git, put, place } = repository(t);
  const value = randomBytes(12).toString('hex');
  put('.env', `DATABASE_PASSWORD=${value}\n`);
  put('notes.txt', `PASSWORD=${randomBytes(12).toString('hex')}\n`);
  git('add', '-f', '-A');
  git('commit', '-q', '-m', 'one');
  git('rm', '-q', '.env');
  git('commit', '-q', '-m', 'two');
  assert.deepEqual(await historySecrets(place), [{ name: 'DATABASE_PASSWORD', value }]);
});

test('runs nothing that the repository names', async (t) => {
  const { git, put, place, workspace } = repository(t);
  put('.env', 'API_TOKEN=abcdef0123456789\n');
  put('.gitattributes', '* filter=x diff=x\n');
  git('add', '-f', '-A');
  git('commit', '-q', '-m', 'one');
  const mark = join(workspace, 'ran');
  const run = `sh -c "echo x >> '${mark}'"`;
  for (const key of [
    'core.fsmonitor',
    'core.pager',
    'diff.external',
    'diff.x.textconv',
    'filter.x.smudge',
    'gpg.program',
    'core.sshCommand',
    'uploadpack.packObjectsHook',
    'core.alternateRefsCommand',
  ])
    git('config', key, run);
  git('config', 'log.showSignature', 'true');
  git('config', 'remote.origin.url', `ext::${run}`);
  git('config', 'remote.origin.promisor', 'true');
  assert.equal((await historySecrets(place)).length, 1);
  assert.ok(!existsSync(mark));
});

test('no repository, a broken one and an endless search are nothing', async (t) => {
  const { place, put, git } = repository(t);
  assert.deepEqual(await historySecrets({ ...place, workspace: tmpdir() }), []);
  put('.env', 'API_TOKEN=abcdef0123456789\n');
  git('add', '-f', '-A');
  git('commit', '-q', '-m', 'one');
  writeFileSync(join(place.workspace, '.git/HEAD'), 'broken');
  assert.deepEqual(await historySecrets(place), []);
});
