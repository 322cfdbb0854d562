import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fillSample } from '@ambit/core/detect';
import { readCatalogSources } from '../../../../test/support/catalog.ts';
import { readRules } from '../catalog.ts';
import { scanHistory } from '../history.ts';
import { scan } from '../scan.ts';
import { changedSince, stagedContents, stagedFiles } from './git.ts';

async function inRepository(work: (root: string, git: (...args: string[]) => void) => Promise<void>): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'ambit-git-'));
  const git = (...args: string[]) =>
    void execFileSync('git', ['-c', 'user.email=a@b', '-c', 'user.name=a', ...args], { cwd: root, stdio: 'pipe' });
  try {
    git('init', '-q');
    await work(root, git);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

test('changed, new and staged files are told apart', async () => {
  await inRepository(async (root, git) => {
    for (const name of ['a.txt', 'b.txt', 'gone.txt']) await writeFile(join(root, name), 'one\n');
    git('add', '-A');
    git('commit', '-qm', 'one');
    await writeFile(join(root, 'a.txt'), 'two\n');
    await writeFile(join(root, 'new.txt'), 'x\n');
    await rm(join(root, 'gone.txt'));
    git('add', 'a.txt');
    assert.deepEqual([...(await changedSince(root, 'HEAD'))].sort(), ['a.txt', 'new.txt']);
    assert.deepEqual([...(await stagedFiles(root))], ['a.txt']);
    await assert.rejects(changedSince(root, '--output=x'), /no commit/);
    await assert.rejects(changedSince(root, 'nowhere'), /git says/);
  });
});

test('what is staged is looked at, not what the file holds meanwhile', async () => {
  const { rules, filters } = readRules(await readCatalogSources('rules'));
  const secret = `const k = '${fillSample('ghp_{{alnum:36}}')}';\n`;
  await inRepository(async (root, git) => {
    for (const name of ['taken-out.js', 'removed.js', 'same.js', 'put-in.js'])
      await writeFile(join(root, name), name === 'put-in.js' ? 'one\n' : secret);
    git('add', '-A');
    await writeFile(join(root, 'taken-out.js'), 'none\n');
    await rm(join(root, 'removed.js'));
    await writeFile(join(root, 'put-in.js'), secret);
    const only = await stagedFiles(root);
    const contents = await stagedContents(root, only);
    assert.deepEqual([...contents.keys()].sort(), ['put-in.js', 'removed.js', 'taken-out.js']);
    const { findings, gaps } = await scan(root, { catalog: { rules, filters }, only, contents, now: () => new Date() });
    assert.deepEqual(findings.map(({ file }) => file).sort(), ['removed.js', 'same.js', 'taken-out.js']);
    assert.deepEqual(gaps, []);
  });
});

test('a file that git was forced to take is looked at, whatever the ignore files say', async () => {
  const { rules, filters } = readRules(await readCatalogSources('rules'));
  await inRepository(async (root, git) => {
    await writeFile(join(root, '.gitignore'), '*.key.js\n');
    for (const name of ['forced.key.js', 'left.key.js'])
      await writeFile(join(root, name), `const k = '${fillSample('ghp_{{alnum:36}}')}';\n`);
    git('add', '-A');
    git('add', '-f', 'forced.key.js');
    const only = await stagedFiles(root);
    const { findings } = await scan(root, { catalog: { rules, filters }, only, now: () => new Date() });
    assert.deepEqual(
      findings.map(({ file }) => file),
      ['forced.key.js'],
    );
  });
});

test('a secret that was deleted is found in the history, once, and what still stands is not repeated', async () => {
  const { rules, filters } = readRules(await readCatalogSources('rules'));
  const token = fillSample('ghp_{{alnum:36}}');
  await inRepository(async (root, git) => {
    await writeFile(join(root, 'a.js'), `x\nconst k = '${token}';\n`);
    git('add', '-A');
    git('commit', '-qm', 'one');
    await writeFile(join(root, 'a.js'), 'x\n');
    git('commit', '-qam', 'two');
    const { findings, commits } = await scanHistory(root, { rules, filters }, []);
    assert.equal(commits, 2);
    assert.deepEqual(
      findings.map(({ ruleId, file, line }) => `${ruleId} ${file}:${line}`),
      ['github-token a.js:2'],
    );
    assert.ok(!JSON.stringify(findings).includes(token));
    assert.equal((await scanHistory(root, { rules, filters }, findings)).findings.length, 0);
  });
});

test('programs that a repository configures do not run', async () => {
  await inRepository(async (root, git) => {
    const canary = join(root, 'canary');
    await writeFile(join(root, 'evil.sh'), `#!/bin/sh\ntouch ${canary}\n`, { mode: 0o755 });
    await writeFile(join(root, 'a.txt'), 'one\n');
    git('add', 'a.txt');
    git('commit', '-qm', 'one');
    for (const key of ['core.fsmonitor', 'diff.external', 'core.pager']) git('config', key, join(root, 'evil.sh'));
    await writeFile(join(root, 'a.txt'), 'two\n');
    await changedSince(root, 'HEAD');
    await scanHistory(root, { rules: [], filters: [] }, []);
    assert.ok(!existsSync(canary));
  });
});
