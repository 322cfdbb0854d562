import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fillSample } from '@ambit/core/detect';
import type { Io } from '../../packages/cli/src/command.ts';
import { command as review } from '../../packages/cli/src/commands/review.ts';
import { command as rules } from '../../packages/cli/src/commands/rules.ts';
import { command as scan } from '../../packages/cli/src/commands/scan.ts';

const folders: string[] = [];
after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));
const token = fillSample('ghp_{{alnum:36}}');

async function project(files: Record<string, string>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'ambit-cli-scan-'));
  folders.push(root);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return root;
}

async function run(which: typeof scan, cwd: string, ...args: string[]) {
  let out = '';
  let err = '';
  const io = {
    cwd,
    env: { HOME: cwd, XDG_STATE_HOME: join(cwd, '..', `${cwd.split('/').at(-1)}-state`) },
    out: (text: string) => {
      out += text;
    },
    err: (text: string) => {
      err += text;
    },
    interactive: false,
    colour: false,
    columns: 100,
    signal: new AbortController().signal,
    now: () => new Date('2026-06-01'),
  } as unknown as Io;
  folders.push(join(cwd, '..', `${cwd.split('/').at(-1)}-state`));
  const code = await which.run(args, io);
  return { code, out, err };
}

test('the exit code follows --fail-on, and the secret is in no report', async () => {
  const root = await project({ 'a.js': `const key = '${token}';\n` });
  for (const format of ['terminal', 'json', 'sarif', 'markdown', 'html']) {
    const { code, out } = await run(scan, root, '--format', format);
    assert.equal(code, 1, format);
    assert.ok(out.includes('a.js') && !out.includes(token), format);
  }
  assert.equal((await run(scan, root, '--fail-on', 'never')).code, 0);
  assert.equal((await run(scan, await project({ 'a.js': 'const a = 1;\n' }))).code, 0);
  await assert.rejects(run(scan, root, '--fail-on', 'awful'), /no.*severity|not a severity/);
  await assert.rejects(run(scan, root, '--format', 'xml'), /no format/);
  await assert.rejects(run(scan, root, 'nowhere'), /there is no `nowhere`/);
});

test('code frames of --staged show what is staged', async () => {
  const root = await project({ 'a.js': `const staged = '${token}';\n` });
  for (const args of [
    ['init', '-q'],
    ['add', 'a.js'],
  ])
    execFileSync('git', args, { cwd: root, stdio: 'pipe' });
  await writeFile(join(root, 'a.js'), 'const meanwhile = 1;\n');
  for (const format of ['terminal', 'html']) {
    const { out } = await run(scan, root, '--staged', '--format', format);
    assert.ok(out.includes('const staged = ') && !out.includes('meanwhile') && !out.includes(token), format);
  }
});

test('a baseline takes what is there for known', async () => {
  const root = await project({ 'a.js': `const key = '${token}';\n` });
  await run(scan, root, '--write-baseline');
  assert.equal((await run(scan, root, '--since-baseline')).code, 0);
  assert.equal((await run(scan, root)).code, 1);
});

test('--strict fails on what could not be looked at', async () => {
  const root = await project({ 'a.json': `{"a": "${'x'.repeat(2_100_000)}"}` });
  assert.equal((await run(scan, root)).code, 0);
  assert.equal((await run(scan, root, '--strict')).code, 1);
});

test('--fix proposes certain repairs, and only those, as a change set that can be applied and taken back', async () => {
  const config = 'spring.h2.console.enabled=true\n';
  const root = await project({ 'src/application.properties': config, 'a.js': `const key = '${token}';\n` });
  const file = join(root, 'src', 'application.properties');
  const { err } = await run(scan, root, '--fix');
  assert.equal(await readFile(file, 'utf8'), config, 'a repair was written before anybody looked at it');
  const id = /change set (\S+): src\/application\.properties\n/.exec(err)?.[1] ?? '';
  assert.match((await run(review, root, 'show', id)).out, /h2\.console\.enabled=false/);
  assert.equal((await run(review, root, 'apply', id, '--yes')).code, 0);
  assert.match(await readFile(file, 'utf8'), /enabled=false/);
  assert.match(await readFile(join(root, 'a.js'), 'utf8'), /ghp_/);
  assert.match((await run(scan, root, 'a.js', '--fix')).err, /nothing could be repaired/);
});

test('the checklist answers with proof, and says what was not checked', async () => {
  const root = await project({ 'a.js': `const key = '${token}';\n` });
  const { code, out } = await run(scan, root, '--checklist', '--format', 'json');
  const { answers } = JSON.parse(out) as { answers: { id: string; verdict: string; proof: string }[] };
  const verdicts = Object.fromEntries(answers.map(({ id, verdict }) => [id, verdict]));
  assert.equal(code, 1);
  assert.equal(verdicts['secrets'], 'no');
  assert.equal(verdicts['history'], 'not checked');
  assert.ok(answers.every(({ proof }) => proof.length > 0));
});

test("rules of one's own are tested and used", async () => {
  const rule = (code: string) =>
    `rules:\n  - id: acme-token\n    engine: pattern\n    title: An Acme token\n    cwe: [CWE-798]\n    severity: high\n    confidence: high\n    message: found\n    why: because\n    fix: revoke\n    keywords: [acme_]\n    match: { kind: token, regex: 'acme_[a-z]{8}' }\n    samples:\n      match: [{ code: '${code}', line: 1 }]\n      no-match: [{ code: 'acme_x' }]\n`;
  const root = await project({
    'own/a.yaml': rule('acme_abcdefgz'),
    'bad/a.yaml': rule('nothing'),
    'src/a.txt': 'acme_qwertzui\n',
  });
  assert.equal((await run(rules, root, 'test', 'own')).code, 0);
  const failed = await run(rules, root, 'test', 'bad');
  assert.equal(failed.code, 1);
  assert.match(failed.out, /acme-token: is silent on line 1/);
  const used = await run(scan, root, 'src', '--rules', 'own');
  assert.match(used.out, /acme-token/);
  assert.match((await run(scan, root, '--explain', 'acme-token', '--rules', 'own')).out, /ambit-ignore acme-token/);
  await assert.rejects(run(rules, root, 'test', 'src'), /no rule/);
});
