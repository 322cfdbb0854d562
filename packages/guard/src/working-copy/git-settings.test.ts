import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { forbiddenSetting, takeBackSettings } from './git-settings.ts';

const base =
  '[core]\n\trepositoryformatversion = 0\n\tbare = false\n[remote "origin"]\n\turl = https://h.example/a.git\n';

/** What git itself makes of the settings when it is called with these words. */
function after(t: TestContext, ...calls: string[][]): string {
  const folder = mkdtempSync(join(tmpdir(), 'ambit-git-settings-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t.invalid', ...args], {
      cwd: folder,
      stdio: 'ignore',
    });
  git('init', '-q', '-b', 'main');
  git('commit', '-q', '--allow-empty', '-m', 'one');
  writeFileSync(join(folder, '.git/config'), base);
  for (const call of calls) git(...call);
  return readFileSync(join(folder, '.git/config'), 'utf8');
}

test('what everyday git writes into its settings is harmless', (t) => {
  const harmless: string[][][] = [
    [['remote', 'add', 'up', 'https://example.com/x.git']],
    [
      ['remote', 'add', 'up', 'git@example.com:me/x.git'],
      ['remote', 'rename', 'up', 'other'],
    ],
    [['remote', 'set-url', 'origin', 'ssh://git@example.com:22/me/x.git']],
    [['remote', 'remove', 'origin']],
    [
      ['branch', 'topic'],
      ['branch', '--set-upstream-to=main', 'topic'],
      ['branch', '-m', 'topic', 'feature/x'],
    ],
    [
      ['checkout', '-q', '-b', 't', '--track', 'main'],
      ['checkout', '-q', 'main'],
      ['branch', '-D', 't'],
    ],
    [
      ['config', 'user.name', 'José Ärger'],
      ['config', 'user.email', 'a@b.example'],
      ['config', 'pull.rebase', 'true'],
    ],
    [
      ['config', 'core.autocrlf', 'input'],
      ['config', 'merge.conflictstyle', 'zdiff3'],
      ['config', 'rerere.enabled', '1'],
    ],
  ];
  for (const calls of harmless)
    assert.equal(forbiddenSetting(base, after(t, ...calls)), undefined, JSON.stringify(calls));
});

test('SECURITY: settings that name a program, a file to include or another meaning of an address are not', (t) => {
  const forbidden: [string, string][] = [
    ['core.hooksPath', 'x'],
    ['core.fsmonitor', './x'],
    ['core.pager', 'x'],
    ['core.editor', 'x'],
    ['core.sshCommand', 'x'],
    ['core.worktree', '..'],
    ['core.attributesFile', 'x'],
    ['core.bare', 'true'],
    ['core.gitProxy', 'x'],
    ['alias.st', '!x'],
    ['filter.f.clean', 'x'],
    ['diff.d.textconv', 'x'],
    ['diff.external', 'x'],
    ['diff.orderFile', 'x'],
    ['merge.m.driver', 'x'],
    ['merge.tool', 'x'],
    ['include.path', 'x'],
    ['includeIf.gitdir:/.path', 'x'],
    ['url.https://evil/.insteadOf', 'https://h/'],
    ['credential.helper', '!x'],
    ['gpg.program', 'x'],
    ['commit.template', 'x'],
    ['commit.gpgSign', 'true'],
    ['init.templateDir', 'x'],
    ['remote.origin.uploadpack', 'x'],
    ['remote.origin.receivepack', 'x'],
    ['remote.origin.vcs', 'x'],
    ['remote.origin.proxy', 'http://x'],
    ['remote.origin.mirror', 'true'],
    ['http.proxy', 'http://x'],
    ['http.sslVerify', 'false'],
    ['protocol.ext.allow', 'always'],
    ['submodule.x.update', '!x'],
    ['pager.log', 'x'],
    ['sequence.editor', 'x'],
    ['trailer.x.command', 'x'],
    ['browser.x.cmd', 'x'],
    ['extensions.worktreeConfig', 'true'],
    ['remote.y.url', 'ext::sh -c x'],
    ['remote.y.url', '-oProxyCommand=x'],
    ['remote.y.url', 'https://u:p@h/x'],
    ['branch.main.remote', 'https://evil.example/x'],
    ['branch.main.remote', '../x'],
    ['safe.directory', '*'],
    ['user.signingKey', 'x'],
    ['lfs.customtransfer.x.path', 'x'],
    ['uploadpack.packObjectsHook', 'x'],
  ];
  for (const [key, value] of forbidden)
    assert.notEqual(forbiddenSetting(base, after(t, ['config', key, value])), undefined, key);
  assert.equal(forbiddenSetting(base, after(t, ['config', 'core.fsmonitor', './x'])), 'core.fsmonitor');
  assert.notEqual(forbiddenSetting(base, after(t, ['config', '--unset', 'core.bare'])), undefined);
  for (const text of [
    '',
    '[core',
    `${base}PWNED`,
    `${base}[core] fsmonitor = x\n`,
    `${base}[a "b\\n"]\n\tc = d\n`,
    `${base}\tx = a\\\n\tb\n`,
    `${base}[core.x]\n\ty = 1\n`,
  ])
    assert.notEqual(forbiddenSetting(base, text), undefined, JSON.stringify(text));
  // Another key may hide in a value that git reads on.
  assert.notEqual(forbiddenSetting(base, `${base}[user]\n\tname = a \\\n[core]\n\tfsmonitor = x\n`), undefined);
});

test('SECURITY: what is not for a run to set is taken back, whatever the file has become', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'ambit-git-back-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const [workspace, copy] = [join(root, 'w'), join(root, 'c')];
  for (const folder of [workspace, copy]) mkdirSync(join(folder, '.git'), { recursive: true });
  writeFileSync(join(workspace, '.git/config'), base);
  const at = join(copy, '.git/config');
  const text = () => readFileSync(at, 'utf8');
  const harmless = `${base}[remote "up"]\n\turl = https://example.com/x\n\tfetch = +refs/heads/*:refs/remotes/up/*\n`;
  writeFileSync(at, harmless);
  assert.equal(await takeBackSettings(copy, workspace, undefined), undefined);
  assert.equal(text(), harmless);
  writeFileSync(at, `${harmless}[core]\n\tfsmonitor = ./x\n`);
  assert.match((await takeBackSettings(copy, workspace, undefined)) ?? '', /`core\.fsmonitor` is not for a run to set/);
  assert.equal(text(), base);
  rmSync(at);
  assert.match((await takeBackSettings(copy, workspace, undefined)) ?? '', /as it was before/);
  assert.equal(text(), base);
  rmSync(at);
  writeFileSync(join(root, 'elsewhere'), 'untouched');
  symlinkSync(join(root, 'elsewhere'), at);
  assert.match((await takeBackSettings(copy, workspace, undefined)) ?? '', /as it was before/);
  assert.equal(text(), base);
  assert.equal(readFileSync(join(root, 'elsewhere'), 'utf8'), 'untouched');
  rmSync(at);
  mkdirSync(join(at, 'x'), { recursive: true });
  assert.match((await takeBackSettings(copy, workspace, undefined)) ?? '', /as it was before/);
  assert.equal(text(), base);
});
