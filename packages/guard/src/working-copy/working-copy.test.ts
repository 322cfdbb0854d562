import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { outerGitFolder } from './git-folder.ts';
import { openWorkingCopy } from './open.ts';
import { git, inView, makeWorkspace, unavailable, workingCopyContract } from './working-copy.contract.ts';
import type { WorkingCopyKind } from './working-copy.ts';

const kinds: WorkingCopyKind[] = ['overlay', 'clone', 'worktree', 'copy'];
const reasons = new Map(await Promise.all(kinds.map(async (kind) => [kind, await unavailable(kind)] as const)));

for (const kind of kinds) workingCopyContract(kind, reasons.get(kind));

test('a machine without overlays gets the next kind that works', async (t) => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'ambit-wc-')));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const workspace = makeWorkspace(root);
  // Without a repository, `worktree` cannot work here; `copy` always can.
  const copy = await openWorkingCopy({ workspace, stateDir: join(root, 'state'), prefer: ['worktree', 'copy'] });
  await copy.write('x', 'y');
  assert.equal(copy.kind, 'copy');
  await copy.discard();
});

test('state inside the workspace is refused', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'ambit-wc-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  await assert.rejects(openWorkingCopy({ workspace: root, stateDir: join(root, 'state') }), { code: 'usage' });
});

test('git works in the copy and leaves the repository alone', { skip: reasons.get('overlay') ?? false }, async (t) => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'ambit-wc-')));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const workspace = makeWorkspace(root);
  git(workspace, 'init', '-q', '-b', 'main', '.');
  git(workspace, 'add', '-A');
  git(workspace, 'commit', '-qm', 'one');
  const head = git(workspace, 'rev-parse', 'HEAD');
  const copy = await openWorkingCopy({ workspace, stateDir: join(root, 'state') });
  const view = await copy.view();
  const identity =
    'GIT_AUTHOR_NAME=t GIT_AUTHOR_EMAIL=t@t.invalid GIT_COMMITTER_NAME=t GIT_COMMITTER_EMAIL=t@t.invalid';
  inView(view, `echo 2 >> README.md; ${identity} git -c safe.directory='*' commit -qam two`);
  assert.match(inView(view, "git -c safe.directory='*' log --oneline"), /two\n.*one/);
  assert.equal(git(workspace, 'rev-parse', 'HEAD'), head);
  assert.equal(git(workspace, 'status', '--porcelain'), '');
  const changes = await copy.changes();
  assert.ok(
    changes.some((change) => change.path.startsWith('.git/')) && changes.some((one) => one.path === 'README.md'),
  );
  await copy.discard();
});

test('the holder dies: the view is made anew, and nothing seems deleted', {
  skip: reasons.get('overlay') ?? false,
}, async (t) => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'ambit-wc-')));
  const workspace = makeWorkspace(root);
  const copy = await openWorkingCopy({ workspace, stateDir: join(root, 'state'), prefer: ['overlay'] });
  t.after(async () => {
    await copy.discard();
    rmSync(root, { recursive: true, force: true });
  });
  await copy.write('src/a.ts', 'kept\n');
  const { namespace } = await copy.view();
  process.kill(namespace?.pid ?? 0, 'SIGKILL');
  while (existsSync(`/proc/${namespace?.pid}`)) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(
    (await copy.changes()).map((change) => `${change.kind} ${change.path}`),
    ['modified src/a.ts'],
  );
  assert.equal(Buffer.from(await copy.read('src/a.ts')).toString(), 'kept\n');
  assert.notEqual((await copy.view()).namespace?.pid, namespace?.pid);
});

test('a state folder that cannot be made is told with its reason, and reads go on', async (t) => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'ambit-wc-')));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const workspace = makeWorkspace(root);
  writeFileSync(join(root, 'taken'), 'a file where the folder should be');
  const copy = await openWorkingCopy({ workspace, stateDir: join(root, 'taken', 'state') });
  await assert.rejects(copy.write('x', 'y'), { code: 'environment', message: /no working copy can be made/ });
  assert.equal(Buffer.from(await copy.read('README.md')).toString(), '# demo\n');
  assert.equal(existsSync(join(workspace, 'x')), false);
});

test("a `.git` file that names somebody else's folder is not believed", async (t) => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'ambit-wc-')));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const theirs = join(root, 'theirs');
  mkdirSync(join(theirs, 'secret'), { recursive: true });
  git(theirs, 'init', '-q', '.');
  const workspace = join(root, 'w');
  mkdirSync(workspace);
  for (const named of [`${theirs}/.git`, theirs, '/etc', '../theirs/.git', join(root, 'missing')]) {
    writeFileSync(join(workspace, '.git'), `gitdir: ${named}\n`);
    assert.equal(await outerGitFolder(workspace), undefined, named);
  }
  rmSync(join(workspace, '.git'));
  writeFileSync(join(theirs, 'a'), 'a');
  git(theirs, 'add', 'a');
  git(theirs, 'commit', '-qm', 'a');
  git(theirs, 'worktree', 'add', '-q', join(root, 'linked'));
  assert.equal(await outerGitFolder(join(root, 'linked')), join(theirs, '.git'));
});
