import assert from 'node:assert/strict';
import { link, mkdir, mkdtemp, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { diskView, isSameFile, openBeneath, relativeTo, resolvePath } from './index.ts';

type T = { after: (fn: () => Promise<void>) => void };

async function setUp(t: T) {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'ambit-path-')));
  t.after(() => rm(root, { recursive: true, force: true }));
  const workspace = join(root, 'ws');
  await mkdir(join(workspace, 'src/deep'), { recursive: true });
  await mkdir(join(root, 'outside'));
  await writeFile(join(root, 'outside/secret'), 'secret');
  await writeFile(join(workspace, 'src/a.ts'), 'a');
  const context = { workspace, view: diskView(), home: join(root, 'home') };
  const at = async (path: string) => (await resolvePath(path, context)).relative;
  return { root, workspace, context, at };
}

test('plain paths resolve to themselves, existing or not', async (t) => {
  const { at, context, workspace } = await setUp(t);
  assert.equal(await at('src/a.ts'), 'src/a.ts');
  assert.equal(await at('./src//deep/../a.ts'), 'src/a.ts');
  assert.equal(await at(join(workspace, 'src/a.ts')), 'src/a.ts');
  assert.equal(await at('new/folder/b.ts'), 'new/folder/b.ts');
  assert.equal(await at('.'), '.');
  assert.equal((await resolvePath('new', context)).type, 'absent');
});

test('links are followed to where they lead, `..` is taken after them', async (t) => {
  const { at, workspace, root } = await setUp(t);
  await symlink('src', join(workspace, 'inside'));
  await symlink('../outside', join(workspace, 'relative'));
  await symlink(join(root, 'outside'), join(workspace, 'absolute'));
  await symlink('deep/../../inside', join(workspace, 'src/chain'));
  await symlink(join(root, 'outside/new'), join(workspace, 'dangling'));
  assert.equal(await at('inside/a.ts'), 'src/a.ts');
  assert.equal(await at('src/chain/a.ts'), 'src/a.ts');
  for (const path of ['relative/secret', 'absolute/secret', 'absolute/../x', 'relative/../x', 'dangling', 'dangling/x'])
    assert.equal(await at(path), undefined, path);
});

test('a sibling whose name begins like the workspace is outside', async (t) => {
  const { at, workspace } = await setUp(t);
  await mkdir(`${workspace}-evil`);
  assert.equal(await at('../ws-evil/x'), undefined);
  assert.equal(await at(`${workspace}-evil/x`), undefined);
  assert.equal(relativeTo('/w', '/w-evil/x'), undefined);
  assert.equal(relativeTo('/', '/x'), 'x');
});

test('loops, files used as folders and two-faced spellings are refused', async (t) => {
  const { context, workspace } = await setUp(t);
  await symlink('b', join(workspace, 'a'));
  await symlink('a', join(workspace, 'b'));
  const refused = [
    'a',
    'a/x',
    'src/a.ts/x',
    '',
    'a\u0000b',
    'a\nb',
    'src\\a.ts',
    'file:///etc/passwd',
    'x\u202ey',
    '\ud800',
    'a'.repeat(5000),
  ];
  for (const path of refused)
    await assert.rejects(resolvePath(path, context), { code: 'input.broken' }, JSON.stringify(path));
});

test('a device and a pipe are special, a second name is counted', async (t) => {
  const { context, workspace, root } = await setUp(t);
  assert.equal((await resolvePath('/dev/null', context)).type, 'special');
  await link(join(root, 'outside/secret'), join(workspace, 'innocent.txt'));
  assert.equal((await resolvePath('innocent.txt', context)).identity?.links, 2);
});

test('whatever is asked, a relative result lies below the workspace and has no dots', async (t) => {
  const { context, workspace, root } = await setUp(t);
  await symlink(join(root, 'outside'), join(workspace, 'out'));
  await symlink('src', join(workspace, 'in'));
  const segment = fc.constantFrom('..', '.', 'src', 'deep', 'a.ts', 'in', 'out', 'secret', 'x', '', '~', '...', '.git');
  const paths = fc.array(segment, { maxLength: 8 }).map((parts) => parts.join('/') || '.');
  await fc.assert(
    fc.asyncProperty(paths, async (path) => {
      const found = await resolvePath(path, context).catch(() => undefined);
      if (!found) return;
      assert.ok(!found.absolute.split('/').some((part) => part === '..' || part === '.'), found.absolute);
      if (found.relative === undefined) return assert.notEqual(found.absolute, workspace);
      const back = found.relative === '.' ? workspace : join(workspace, found.relative);
      assert.equal(back, found.absolute);
    }),
    { numRuns: 300 },
  );
});

test('a folder swapped for a link between check and use is not followed', {
  skip: process.platform !== 'linux',
}, async (t) => {
  const { workspace, root, context } = await setUp(t);
  await writeFile(join(workspace, 'src/deep/secret'), 'own');
  const checked = await resolvePath('src/deep/secret', context);
  const own = await openBeneath(workspace, checked.relative ?? '');
  assert.equal(await own.readFile('utf8'), 'own');
  assert.equal(await isSameFile(own, checked.identity), true);
  await own.close();
  await rename(join(workspace, 'src/deep'), join(workspace, 'src/old'));
  await symlink(join(root, 'outside'), join(workspace, 'src/deep'));
  await assert.rejects(openBeneath(workspace, checked.relative ?? ''));
  await symlink(join(root, 'outside/secret'), join(workspace, 'src/link'));
  await assert.rejects(openBeneath(workspace, 'src/link'));
  await assert.rejects(openBeneath(workspace, '../outside/secret'), { code: 'denied' });
});

test('another file in the place of the checked one is noticed', async (t) => {
  const { workspace, context } = await setUp(t);
  const checked = await resolvePath('src/a.ts', context);
  await writeFile(join(workspace, 'src/b.ts'), 'b');
  await rename(join(workspace, 'src/b.ts'), join(workspace, 'src/a.ts'));
  const handle = await openBeneath(workspace, 'src/a.ts');
  assert.equal(await isSameFile(handle, checked.identity), false);
  await handle.close();
});
