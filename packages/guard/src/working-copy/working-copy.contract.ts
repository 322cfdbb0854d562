import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { systemProgram } from '../sandbox/tools.ts';
import { holdOverlay } from './holder.ts';
import { openWorkingCopy } from './open.ts';
import { removeTree } from './tree.ts';
import type { Change, SandboxView, WorkingCopy, WorkingCopyKind } from './working-copy.ts';

/** A script run on the merged view as a child process would, without a sandbox around it. */
export function inView(view: SandboxView, script: string): string {
  const shell = ['/bin/sh', '-ec', `cd "$1"; ${script}`, 'sh', view.source];
  const enter = ['-t', String(view.namespace?.pid), '-U', '-m', '--preserve-credentials'];
  const [program = '', ...args] = view.namespace ? [systemProgram('nsenter') ?? 'nsenter', ...enter, ...shell] : shell;
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

const oddNames = [
  'with space',
  'tab\there',
  'new\nline',
  'ünï—日本',
  'quote"\'',
  '-dash',
  'back\\slash',
  'a,b:c',
  '$(x)',
];

export function makeWorkspace(root: string): string {
  const workspace = join(root, 'work space, odd:name');
  mkdirSync(join(workspace, 'src/deep'), { recursive: true });
  writeFileSync(join(workspace, 'README.md'), '# demo\n');
  writeFileSync(join(workspace, 'src/a.ts'), 'export const a = 1;\n');
  writeFileSync(join(workspace, 'src/deep/b.ts'), 'export const b = 2;\n');
  writeFileSync(join(workspace, 'run.sh'), '#!/bin/sh\necho run\n', { mode: 0o755 });
  writeFileSync(join(workspace, 'image.bin'), Buffer.from([0, 1, 2, 255, 0]));
  symlinkSync('src/a.ts', join(workspace, 'inside-link'));
  symlinkSync(root, join(workspace, 'outside-link'));
  for (const name of oddNames) writeFileSync(join(workspace, 'src', name), `${name}\n`);
  return realpathSync(workspace);
}

/** Every file of a tree with content and mode, to show that the original was not touched. */
function snapshot(folder: string): string {
  const lines: string[] = [];
  const visit = (path: string) => {
    const stats = lstatSync(path);
    const content = stats.isFile() ? readFileSync(path).toString('base64') : '';
    lines.push(`${path} ${stats.mode} ${stats.nlink} ${content}`);
    if (stats.isDirectory()) for (const name of readdirSync(path).sort()) visit(join(path, name));
  };
  visit(folder);
  return lines.join('\n');
}

interface Lab {
  root: string;
  workspace: string;
  copy: WorkingCopy;
  open(name?: string): Promise<WorkingCopy>;
}

async function makeLab(t: TestContext, kind: WorkingCopyKind): Promise<Lab> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'ambit-wc-')));
  const workspace = makeWorkspace(root);
  const opened: WorkingCopy[] = [];
  const open = async (name = 'one') => {
    const copy = await openWorkingCopy({ workspace, stateDir: join(root, 'state, odd:name', name), prefer: [kind] });
    opened.push(copy);
    return copy;
  };
  t.after(async () => {
    for (const copy of opened) await copy.discard();
    rmSync(root, { recursive: true, force: true });
  });
  if (kind === 'worktree') git(workspace, 'init', '-q', '.');
  return { root, workspace, copy: await open(), open };
}

export function git(cwd: string, ...args: string[]): string {
  const env = { PATH: process.env['PATH'], HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' };
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.invalid'];
  return execFileSync('git', [...identity, ...args], { cwd, encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'pipe'] });
}

const brief = (changes: Change[]) => changes.map((change) => `${change.kind} ${change.type} ${change.path}`);
const noGit = { skip: (path: string) => path === '.git' };

/** Why a kind cannot be tested here; undefined when it can. */
export async function unavailable(kind: WorkingCopyKind): Promise<string | undefined> {
  const root = mkdtempSync(join(tmpdir(), 'ambit-probe-'));
  try {
    mkdirSync(join(root, 'w'));
    if (kind === 'overlay') {
      for (const name of ['lower', 'upper', 'work', 'merged']) mkdirSync(join(root, name));
      await (await holdOverlay(join(root, 'w'), root)).close();
    } else if (kind === 'clone') {
      writeFileSync(join(root, 'w/a'), 'a');
      execFileSync('cp', process.platform === 'darwin' ? ['-c', 'w/a', 'b'] : ['--reflink=always', 'w/a', 'b'], {
        cwd: root,
        stdio: 'ignore',
      });
    }
    return undefined;
  } catch (error) {
    return `no ${kind} on this machine: ${(error as Error).message.split('\n')[0]}`;
  } finally {
    await removeTree(root);
  }
}

/** What every kind of working copy promises. */
export function workingCopyContract(kind: WorkingCopyKind, skip: string | undefined): void {
  const options = skip ? { skip } : {};
  describe(`working copy: ${kind}`, options, () => {
    test('nothing is made before the first write, and reads show the workspace', async (t) => {
      const { copy, root } = await makeLab(t, kind);
      assert.equal(Buffer.from(await copy.read('src/a.ts')).toString(), 'export const a = 1;\n');
      assert.deepEqual(
        (await copy.list('src/deep')).map((entry) => entry.name),
        ['b.ts'],
      );
      assert.equal(await copy.exists('nope/deeper'), false);
      assert.equal(copy.made, false);
      assert.equal(existsSync(join(root, 'state, odd:name')), false);
      assert.deepEqual(await copy.changes(), []);
    });

    test('writes, removals and moves are seen in the copy, listed as changes, and never in the workspace', async (t) => {
      const { copy, workspace } = await makeLab(t, kind);
      const before = snapshot(workspace);
      await copy.write('src/a.ts', 'export const a = 2;\n');
      await copy.write('new/folder/c.ts', 'c\n');
      await copy.remove('README.md');
      await copy.remove('src/deep');
      await copy.move('image.bin', 'moved.bin');
      assert.equal(Buffer.from(await copy.read('src/a.ts')).toString(), 'export const a = 2;\n');
      assert.equal(await copy.exists('README.md'), false);
      assert.equal(await copy.exists('src/deep/b.ts'), false);
      assert.deepEqual(brief(await copy.changes(noGit)), [
        'deleted file README.md',
        'deleted file image.bin',
        'created file moved.bin',
        'created file new/folder/c.ts',
        'modified file src/a.ts',
        'deleted directory src/deep',
        'deleted file src/deep/b.ts',
      ]);
      assert.equal(snapshot(workspace), before);
    });

    test('hashes, modes, binary files and links are told', async (t) => {
      const { copy, workspace } = await makeLab(t, kind);
      const view = await copy.view();
      inView(view, 'chmod -x run.sh; ln -s "a b" fresh-link; ln -sfn other inside-link; printf "\\0x" > image.bin');
      await copy.settled();
      const changes = await copy.changes(noGit);
      assert.deepEqual(brief(changes), [
        'created link fresh-link',
        'modified file image.bin',
        'modified link inside-link',
        'modified file run.sh',
      ]);
      const [fresh, image, , run] = changes;
      assert.equal(fresh?.target, 'a b');
      assert.equal(image?.binary, true);
      assert.notEqual(image?.before, image?.after);
      assert.equal(run?.before, run?.after);
      assert.deepEqual([(run?.modeBefore ?? 0) & 0o111, (run?.mode ?? 0o111) & 0o111], [0o111, 0]);
      assert.equal(lstatSync(join(workspace, 'run.sh')).mode & 0o111, 0o111);
    });

    test('a child process that rewrites, replaces and deletes folders is understood', async (t) => {
      const { copy, workspace } = await makeLab(t, kind);
      const before = snapshot(workspace);
      const view = await copy.view();
      inView(
        view,
        'rm -rf src; mkdir src; echo z > src/z.ts; rm README.md; mkdir README.md; echo y > README.md/y; mkdir hollow; touch run.sh',
      );
      await copy.settled();
      const changes = brief(await copy.changes(noGit));
      assert.ok(changes.includes('deleted file src/a.ts'), changes.join('\n'));
      assert.ok(changes.includes('deleted file src/deep/b.ts'));
      assert.ok(changes.includes('created file src/z.ts'));
      assert.ok(changes.includes('created file README.md/y'));
      assert.ok(changes.includes('created directory hollow'));
      assert.ok(changes.some((line) => /(deleted|modified) (file|directory) README\.md$/.test(line)));
      for (const name of oddNames) assert.ok(changes.includes(`deleted file src/${name}`), name);
      assert.ok(!changes.some((line) => line.endsWith(' run.sh')), 'touched without a change');
      assert.equal(snapshot(workspace), before);
    });

    test('names in any script, hard links, pipes and files without rights', async (t) => {
      const { copy, workspace } = await makeLab(t, kind);
      for (const name of oddNames) await copy.write(`src/${name}`, 'changed\n');
      inView(await copy.view(), 'ln README.md twin; echo more >> twin; mkfifo pipe; echo s > locked; chmod 000 locked');
      await copy.settled();
      const changes = brief(await copy.changes(noGit));
      for (const name of oddNames) assert.ok(changes.includes(`modified file src/${name}`), name);
      assert.ok(changes.includes('created file twin') && changes.includes('created special pipe'));
      assert.ok(changes.includes('created file locked'));
      assert.equal(readFileSync(join(workspace, 'README.md'), 'utf8'), '# demo\n');
    });

    test('paths that leave the workspace or pass through a link are refused', async (t) => {
      const { copy, root } = await makeLab(t, kind);
      writeFileSync(join(root, 'canary'), 'canary');
      const attempts = ['../canary', '/etc/hostname', 'outside-link/canary', 'src/../../canary', 'a\0b', '.', ''];
      for (const path of attempts) {
        await assert.rejects(copy.write(path, 'x'), { code: 'denied' }, path);
        await assert.rejects(copy.read(path), { code: 'denied' }, path);
      }
      for (const path of ['inside-link', 'outside-link/new', 'outside-link'])
        await assert.rejects(copy.write(path, 'x'), { code: 'denied' }, path);
      await assert.rejects(copy.move('outside-link/canary', 'taken'), { code: 'denied' });
      await assert.rejects(copy.move('README.md', 'outside-link/out'), { code: 'denied' });
      await assert.rejects(copy.remove('outside-link/canary'), { code: 'denied' });
      assert.equal(readFileSync(join(root, 'canary'), 'utf8'), 'canary');
      assert.deepEqual(readdirSync(root).sort(), ['canary', 'state, odd:name', 'work space, odd:name']);
    });

    test('a link made by a command is not followed by the file interface', async (t) => {
      const { copy, root } = await makeLab(t, kind);
      inView(await copy.view(), `ln -s '${root}' link; mkdir folder; rmdir folder; ln -s ../.. folder`);
      await assert.rejects(copy.write('link/f2.txt', 'x'), { code: 'denied' });
      await assert.rejects(copy.write('folder/f3.txt', 'x'), { code: 'denied' });
      assert.ok(!existsSync(join(root, 'f2.txt')) && !existsSync(join(root, 'f3.txt')));
      assert.equal(await copy.readLink('folder'), '../..');
    });

    test('a pipe or device is refused at once, never waited for', async (t) => {
      const { copy } = await makeLab(t, kind);
      inView(await copy.view(), 'mkfifo pipe');
      await assert.rejects(copy.read('pipe'), { code: 'denied' });
      await assert.rejects(copy.write('pipe', 'x'), { code: 'denied' });
      await assert.rejects(copy.read('src'), { code: 'denied' });
    });

    test('changes survive closing and a new process, also when the first one was killed', async (t) => {
      const { copy, open, workspace } = await makeLab(t, kind);
      await copy.write('src/a.ts', 'kept\n');
      await copy.remove('README.md');
      await copy.close();
      const again = await open();
      assert.equal(Buffer.from(await again.read('src/a.ts')).toString(), 'kept\n');
      assert.equal(await again.exists('README.md'), false);
      assert.deepEqual(brief(await again.changes(noGit)), ['deleted file README.md', 'modified file src/a.ts']);
      assert.equal(readFileSync(join(workspace, 'src/a.ts'), 'utf8'), 'export const a = 1;\n');
    });

    test('the base of a change is what the run started from; a later edit by a person is not taken for it', async (t) => {
      const { copy, workspace } = await makeLab(t, kind);
      await copy.write('src/a.ts', 'by the run\n');
      inView(await copy.view(), 'echo command > src/deep/b.ts');
      await copy.settled();
      assert.equal(Buffer.from((await copy.base('src/a.ts')) ?? []).toString(), 'export const a = 1;\n');
      const clean = await copy.changes(noGit);
      await new Promise((resolve) => setTimeout(resolve, 15));
      writeFileSync(join(workspace, 'src/a.ts'), 'by a person\n');
      writeFileSync(join(workspace, 'src/deep/b.ts'), 'by a person\n');
      for (const path of ['src/a.ts', 'src/deep/b.ts']) {
        const base = await copy.base(path);
        const change = (await copy.changes(noGit)).find((one) => one.path === path);
        if (base) assert.equal(change?.before, clean.find((one) => one.path === path)?.before);
        else assert.equal(change?.drifted, true);
        assert.notEqual(Buffer.from(base ?? []).toString(), 'by a person\n');
      }
    });

    test('skipped folders are not looked at', async (t) => {
      const { copy } = await makeLab(t, kind);
      inView(
        await copy.view(),
        'mkdir -p node_modules/x .git/y; echo 1 > node_modules/x/y; echo 2 > .git/y/z; echo 3 > kept',
      );
      const skip = (path: string) => path === 'node_modules' || path === '.git';
      assert.deepEqual(brief(await copy.changes({ skip })), ['created file kept']);
    });

    test('two copies of one workspace do not see each other', async (t) => {
      const { copy, open } = await makeLab(t, kind);
      const other = await open('two');
      await copy.write('src/a.ts', 'one\n');
      await other.write('src/a.ts', 'two\n');
      assert.equal(Buffer.from(await copy.read('src/a.ts')).toString(), 'one\n');
      assert.equal(Buffer.from(await other.read('src/a.ts')).toString(), 'two\n');
      assert.equal(brief(await copy.changes(noGit)).length, 1);
    });

    test('discarding removes everything, also what a command made unreadable', async (t) => {
      const { copy, root } = await makeLab(t, kind);
      inView(await copy.view(), 'mkdir -p dark/er; echo x > dark/er/x; chmod 000 dark/er dark');
      await copy.changes(noGit);
      await copy.discard();
      assert.equal(existsSync(join(root, 'state, odd:name', 'one')), false);
    });

    test('a folder swapped for a link while writing leads nowhere', async (t) => {
      const { copy, root } = await makeLab(t, kind);
      await copy.write('src/deep/b.ts', 'x\n');
      const outside = join(root, 'outside');
      mkdirSync(outside);
      const view = await copy.view();
      const merged = view.namespace ? `/proc/${view.namespace.pid}/root${view.source}` : view.source;
      let swaps = true;
      const swapping = (async () => {
        while (swaps) {
          inViewFast(merged, outside);
          await new Promise((resolve) => setImmediate(resolve));
        }
      })();
      for (let i = 0; i < 60; i++) await copy.write('turn/canary.txt', 'x\n').catch(() => undefined);
      swaps = false;
      await swapping;
      assert.deepEqual(readdirSync(outside), []);
    });
  });
}

/** Swaps `turn` between a folder and a link to the outside. */
function inViewFast(merged: string, outside: string): void {
  const turn = join(merged, 'turn');
  rmSync(turn, { recursive: true, force: true });
  try {
    symlinkSync(outside, `${turn}-link`);
    renameSync(`${turn}-link`, turn);
  } catch {
    rmSync(`${turn}-link`, { force: true });
  }
}
