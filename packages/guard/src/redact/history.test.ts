import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

test('a secret file in a folder, of any name, and one that only a merge brought are known', async (t) => {
  const { git, put, place, workspace } = repository(t);
  const values = [1, 2, 3].map(() => randomBytes(12).toString('hex'));
  mkdirSync(join(workspace, 'services/api é "x"'), { recursive: true });
  put('services/api é "x"/.env', `DATABASE_PASSWORD=${values[0]}\n`);
  git('add', '-f', '-A');
  git('commit', '-q', '-m', 'one');
  put('services/api é "x"/.env', `DATABASE_PASSWORD=${values[1]}\n`);
  git('commit', '-q', '-a', '-m', 'two');
  git('rm', '-q', '-r', 'services');
  git('commit', '-q', '-m', 'three');
  git('checkout', '-q', '-b', 'side', 'HEAD~1');
  put('b.txt', 'b');
  git('add', 'b.txt');
  git('commit', '-q', '-m', 'four');
  git('checkout', '-q', '-');
  git('merge', '-q', '--no-commit', '--no-ff', 'side');
  put('.env', `DATABASE_PASSWORD=${values[2]}\n`);
  git('add', '-f', '.env');
  git('commit', '-q', '-m', 'five');
  git('rm', '-q', '.env');
  git('commit', '-q', '-m', 'six');
  assert.deepEqual((await historySecrets(place)).map(({ value }) => value).sort(), values.sort());
});

test('a secret on a branch that was merged without it, and then deleted, is known', async (t) => {
  const { git, put, place } = repository(t);
  put('a.txt', 'a');
  git('add', '-A');
  git('commit', '-q', '-m', 'one');
  git('checkout', '-q', '-b', 'side');
  const value = randomBytes(12).toString('hex');
  put('.env', `DATABASE_PASSWORD=${value}\n`);
  git('add', '-f', '-A');
  git('commit', '-q', '-m', 'two');
  git('rm', '-q', '.env');
  put('b.txt', 'b');
  git('add', '-A');
  git('commit', '-q', '-m', 'three');
  git('checkout', '-q', '-');
  git('merge', '-q', '--no-ff', '-m', 'four', 'side');
  git('branch', '-q', '-D', 'side');
  assert.deepEqual(await historySecrets(place), [{ name: 'DATABASE_PASSWORD', value }]);
});

test('SECURITY: what was kept never hides a value', async (t) => {
  const { git, put, place, workspace } = repository(t);
  const cache = mkdtempSync(join(tmpdir(), 'ambit-cache-'));
  t.after(() => rmSync(cache, { recursive: true, force: true }));
  const file = join(cache, 'git-history.json');
  const values: string[] = [];
  const commit = (name: string) => {
    const value = randomBytes(12).toString('hex');
    values.push(value);
    put(name, `DATABASE_PASSWORD=${value}\n`);
    git('add', '-f', '-A');
    git('commit', '-q', '-m', name);
  };
  const search = async (more = {}) =>
    (await historySecrets({ ...place, cache, ...more })).map(({ value }) => value).sort();
  const expected = () => [...values].sort();

  put('a.txt', 'a');
  git('add', '-A');
  git('commit', '-q', '-m', 'one');
  assert.deepEqual(await search(), []);
  commit('.env');
  assert.deepEqual(await search(), expected());
  // Kept are names alone, and they are what the next search starts from.
  const kept = readFileSync(file, 'utf8');
  assert.ok(!kept.includes(values[0] ?? ''));
  assert.deepEqual(await search(), expected());
  assert.equal(readFileSync(file, 'utf8'), kept);
  // A branch, another value on it, a way back: nothing that was seen is forgotten.
  git('checkout', '-q', '-b', 'side');
  commit('.env');
  assert.deepEqual(await search(), expected());
  git('checkout', '-q', '-');
  git('branch', '-q', '-D', 'side');
  assert.deepEqual(await search(), expected());
  commit('.env');
  assert.deepEqual(await search(), expected());
  // Another question is another search.
  put('later.key', `TOKEN=${randomBytes(12).toString('hex')}\n`);
  git('add', '-f', '-A');
  git('commit', '-q', '-m', 'later');
  const wider = { patterns: ['**/.env', '**/*.key'], isSecret: (path: string) => /\.(?:env|key)$/.test(path) };
  assert.ok((await search(wider)).length > (await search()).length);
  // Whatever stands in the file, broken or made up: all is searched again, but for what is named truly.
  const now = (await historySecrets(place)).map(({ value }) => value).sort();
  const broken = ['', '{', 'null', '[]', kept.replace('"key":"', '"key":"z'), kept.replace('"tips":["', '"tips":["z')];
  for (const text of broken) {
    writeFileSync(file, text);
    assert.deepEqual(await search(), now, text);
  }
  // A tip that is gone says nothing of what is reachable.
  const tips = JSON.parse(readFileSync(file, 'utf8')) as { tips: string[]; listed: unknown[] };
  writeFileSync(file, JSON.stringify({ ...tips, tips: [`${'0'.repeat(39)}1`], listed: [] }));
  assert.deepEqual(await search(), now);
  // A search that was cut short is not kept, and a folder that cannot be written is no failure.
  rmSync(file);
  await search({ timeoutMs: 1 });
  if (existsSync(file)) writeFileSync(file, readFileSync(file, 'utf8').replace(/"tips":.*/, '"tips":[],"listed":[]}'));
  assert.deepEqual(await search(), now);
  assert.deepEqual(await search({ cache: join(workspace, 'a.txt') }), now);
});

test('other working trees have heads of their own: nothing is kept', async (t) => {
  const { git, put, place, workspace } = repository(t);
  const cache = mkdtempSync(join(tmpdir(), 'ambit-cache-'));
  t.after(() => rmSync(cache, { recursive: true, force: true }));
  put('a.txt', 'a');
  git('add', '-A');
  git('commit', '-q', '-m', 'one');
  const other = join(cache, 'other');
  git('worktree', 'add', '-q', '--detach', other);
  assert.deepEqual(await historySecrets({ ...place, cache }), []);
  const value = randomBytes(12).toString('hex');
  writeFileSync(join(other, '.env'), `DATABASE_PASSWORD=${value}\n`);
  const there = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.invalid', '-C', other, ...args]);
  there('add', '-f', '.env');
  there('commit', '-q', '-m', 'two');
  assert.deepEqual(await historySecrets({ ...place, cache, workspace }), [{ name: 'DATABASE_PASSWORD', value }]);
  assert.ok(!existsSync(join(cache, 'git-history.json')));
});
