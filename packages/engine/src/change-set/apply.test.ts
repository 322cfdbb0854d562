import assert from 'node:assert/strict';
import { chmod, lstat, mkdir, readdir, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openBench } from '../../../../test/support/change-sets.ts';
import { applyChangeSet, findChangeSet, loadChangeSet, rejectChangeSet, undo } from './index.ts';

const lines = (n: number) => Array.from({ length: n }, (_, i) => `line ${i + 1}\n`).join('');

test('a change set is applied whole: created, modified, deleted, moved, made executable', async (t) => {
  const bench = await openBench(t);
  await bench.put('a.txt', 'one\n');
  await bench.put('gone/b.txt', 'two\n');
  await bench.put('run.sh', 'echo\n');
  const set = await bench.changed(async (copy) => {
    await copy.write('a.txt', 'one\ntwo\n');
    await copy.write('deep/new/file.ts', 'export const x = 1;\n');
    await copy.remove('gone');
    await copy.write('run.sh', 'echo\n', 0o755);
  });
  assert.ok(set);
  assert.equal(await bench.text('a.txt'), 'one\n', 'nothing changes before apply');
  const result = await applyChangeSet(set.id, { channel: 'test' }, bench.ports);
  assert.equal(result.status, 'applied');
  assert.equal(await bench.text('a.txt'), 'one\ntwo\n');
  assert.equal(await bench.text('deep/new/file.ts'), 'export const x = 1;\n');
  await assert.rejects(stat(join(bench.workspace, 'gone')));
  assert.equal((await stat(join(bench.workspace, 'run.sh'))).mode & 0o777, 0o755);
  assert.deepEqual((await readdir(bench.workspace)).sort(), ['a.txt', 'deep', 'run.sh'], 'no staging folder is left');
  assert.equal((await loadChangeSet(bench.state, set.id)).state.status, 'applied');
  assert.deepEqual(
    bench.records.filter((one) => one.kind === 'apply').map((one) => one.data['stage']),
    ['intent', 'done'],
  );
});

test('edits on both sides of one file are merged, byte for byte, CRLF and missing last newline kept', async (t) => {
  const bench = await openBench(t);
  const crlf = lines(20).replaceAll('\n', '\r\n').trimEnd();
  await bench.put('a.txt', crlf);
  const set = await bench.changed((copy) => copy.write('a.txt', crlf.replace('line 2\r', 'line two\r')));
  await bench.put('a.txt', crlf.replace(/line 20$/, 'line twenty \u00e9'));
  const result = await applyChangeSet(set!.id, { channel: 'test' }, bench.ports);
  assert.equal(result.status, 'applied');
  assert.equal(
    await bench.text('a.txt'),
    crlf.replace('line 2\r', 'line two\r').replace(/line 20$/, 'line twenty \u00e9'),
  );
});

test('a conflict changes nothing at all and names the place', async (t) => {
  const bench = await openBench(t);
  await bench.put('a.txt', lines(5));
  await bench.put('b.txt', 'b\n');
  const set = await bench.changed(async (copy) => {
    await copy.write('a.txt', lines(5).replace('line 3', 'theirs'));
    await copy.write('b.txt', 'changed\n');
  });
  await bench.put('a.txt', lines(5).replace('line 3', 'ours'));
  const result = await applyChangeSet(set!.id, { channel: 'test' }, bench.ports);
  assert.equal(result.status, 'conflict');
  assert.ok(result.status === 'conflict' && result.conflicts[0]?.path === 'a.txt');
  assert.match(result.conflicts[0]?.marked ?? '', /<<<<<<< workspace\nours\n=======\ntheirs\n>>>>>>> change set\n/);
  assert.equal(await bench.text('b.txt'), 'b\n');
  assert.equal((await loadChangeSet(bench.state, set!.id)).state.status, 'open');
});

test('a file that both sides created, removed or hold as binary is a conflict unless they agree', async (t) => {
  const bench = await openBench(t);
  await bench.put('bin', new Uint8Array([0, 1, 2]));
  await bench.put('removed', 'x\n');
  const set = await bench.changed(async (copy) => {
    await copy.write('bin', new Uint8Array([0, 9, 9]));
    await copy.write('made', 'mine\n');
    await copy.remove('removed');
    await copy.write('same', 'same\n');
  });
  await bench.put('bin', new Uint8Array([0, 1, 7]));
  await bench.put('made', 'yours\n');
  await bench.put('removed', 'edited\n');
  await bench.put('same', 'same\n');
  const result = await applyChangeSet(set!.id, { channel: 'test' }, bench.ports);
  assert.ok(result.status === 'conflict');
  assert.deepEqual(result.conflicts.map((one) => one.path).sort(), ['bin', 'made', 'removed']);
});

test('git, control files, caches and links out are shown and never land; a named control file lands', async (t) => {
  const bench = await openBench(t);
  await bench.put('a.txt', 'a\n');
  const set = await bench.changed(async (copy) => {
    await copy.write('.git/hooks/pre-commit', '#!/bin/sh\n');
    await copy.write('.kiro/steering/product.md', 'obey\n');
    await copy.write('node_modules/x/index.js', 'x\n');
    await copy.write('a.txt', 'b\n');
  });
  const withheld = Object.fromEntries(set!.files.map((file) => [file.path, file.withheld?.kind]));
  assert.deepEqual(withheld, {
    '.git/hooks/pre-commit': 'never',
    '.kiro/steering/product.md': 'control',
    'a.txt': undefined,
    node_modules: 'derived',
  });
  assert.ok(set!.flags.some((flag) => flag.code === 'control-file' && flag.path === '.kiro/steering/product.md'));
  const choice = { channel: 'test', files: ['.git/hooks/pre-commit', 'a.txt', 'node_modules'] };
  await applyChangeSet(set!.id, choice, bench.ports);
  assert.deepEqual((await readdir(bench.workspace)).sort(), ['a.txt']);
  const included = { channel: 'test', files: [], include: ['.kiro/steering/product.md', '.git/hooks/pre-commit'] };
  assert.equal((await applyChangeSet(set!.id, included, bench.ports)).status, 'applied');
  assert.deepEqual((await readdir(bench.workspace)).sort(), ['.kiro', 'a.txt']);
});

test('a new compiled program is shown and does not land; a picture and a changed program do not count as one', async (t) => {
  const bench = await openBench(t);
  await bench.put('bin/old', '\u007fELF old');
  const elf = Buffer.concat([Buffer.from('\u007fELF'), Buffer.alloc(60)]);
  const set = await bench.changed(async (copy) => {
    await copy.write('hello', elf);
    await copy.write('bin/old', elf);
    await copy.write('logo.png', Buffer.concat([Buffer.from([0x89]), Buffer.from('PNG'), Buffer.alloc(20)]));
  });
  const held = Object.fromEntries(set!.files.map(({ path, withheld }) => [path, withheld?.kind]));
  assert.deepEqual(held, { 'bin/old': undefined, hello: 'derived', 'logo.png': undefined });
});

test('more than anybody reads waits for a person; a wide change of ordinary files does not', async (t) => {
  const bench = await openBench(t);
  const reasons = async (files: number, bytes: number) => {
    const set = await bench.changed(async (copy) => {
      for (let i = 0; i < files; i += 1) await copy.write(`many/f${i}.txt`, `${i}\n`);
      await copy.write('one.txt', new Uint8Array(bytes).fill(10));
    });
    return (set?.flags ?? []).filter(({ code }) => code === 'oversized').map(({ reason }) => reason);
  };
  assert.deepEqual(await reasons(999, 64 * 1024 * 1024 - 10_000), []);
  assert.deepEqual(await reasons(1_000, 1), ['1001 files: more than 1000 are not applied unread']);
  assert.deepEqual(await reasons(1, 65 * 1024 * 1024), ['65 MiB of contents: more than 64 MiB are not applied unread']);
});

test('what git writes for a commit is no reason to look; a hook it would run is', async (t) => {
  const bench = await openBench(t);
  const set = await bench.changed(async (copy) => {
    for (const path of [
      '.git/index',
      '.git/refs/heads/main',
      '.git/logs/HEAD',
      '.git/COMMIT_EDITMSG',
      '.git/objects/ab/cd',
    ])
      await copy.write(path, 'x');
    await copy.write('.git/hooks/post-commit', '#!/bin/sh\n');
  });
  assert.deepEqual([...new Set(set!.flags.map((flag) => flag.path))], ['.git/hooks/post-commit']);
});

test('what a command wrote is judged by the policy, each path once', async (t) => {
  const bench = await openBench(t);
  const because = { rule: 'user.docs', effect: 'deny' as const, source: 'user', reason: 'docs are written by people' };
  const outside = { ...because, rule: 'ambit.write', reason: 'outside the ambit' };
  const judge = async (path: string) => {
    const spoken = path.startsWith('docs/')
      ? because
      : path.startsWith('x/')
        ? outside
        : { ...because, effect: 'allow' as const };
    return { effect: spoken.effect, because: spoken, rules: [spoken], classes: [] };
  };
  const work = async (copy: Awaited<ReturnType<typeof bench.copy>>) => {
    await copy.write('docs/a.md', 'a\n');
    await copy.write('src/a.ts', 'a\n');
    await copy.write('x/a.ts', 'a\n');
  };
  const set = await bench.changed(work, { judge, inScope: (path) => !path.startsWith('x/') });
  assert.deepEqual(
    set!.flags.map(({ code, path, rule }) => [code, path, rule]),
    [
      ['policy', 'docs/a.md', 'user.docs'],
      ['outside-scope', 'x/a.ts', undefined],
    ],
  );
});

test('nothing is written through a link that the workspace got meanwhile, and no path leaves the workspace', async (t) => {
  const bench = await openBench(t);
  await bench.put('dir/a.txt', 'a\n');
  const set = await bench.changed((copy) => copy.write('dir/a.txt', 'b\n'));
  const outside = join(bench.root, 'outside');
  await mkdir(outside);
  await writeFile(join(outside, 'a.txt'), 'a\n');
  await rm(join(bench.workspace, 'dir'), { recursive: true });
  await symlink(outside, join(bench.workspace, 'dir'));
  await assert.rejects(applyChangeSet(set!.id, { channel: 'test' }, bench.ports), { code: 'denied' });
  assert.deepEqual(await readdir(outside), ['a.txt']);
  const { commit } = await import('./transaction.ts');
  for (const path of ['../x', 'a/../../x', '/etc/x', 'a//b', ''])
    await assert.rejects(
      commit(bench.state, [{ path, to: { type: 'file', hash: '', mode: 0o644 }, content: Buffer.from('x') }], []),
      { code: 'denied' },
    );
  assert.deepEqual((await readdir(bench.root)).sort(), ['outside', 'project', 'state']);
});

test('links inside the workspace are applied and undone as links', async (t) => {
  const bench = await openBench(t);
  await bench.put('a.txt', 'a\n');
  await symlink('a.txt', join(bench.workspace, 'old'));
  const { symlink: linkIn } = await import('node:fs/promises');
  const set = await bench.changed(async (copy) => {
    await copy.write('b.txt', 'b\n');
    await copy.remove('old');
    const view = await copy.view();
    await linkIn('b.txt', join(view.source, 'new'));
    await linkIn('../../etc/passwd', join(view.source, 'out'));
  });
  assert.equal(set!.files.find((file) => file.path === 'out')?.withheld?.kind, 'never');
  await applyChangeSet(set!.id, { channel: 'test' }, bench.ports);
  assert.equal(await readlink(join(bench.workspace, 'new')), 'b.txt');
  await assert.rejects(lstat(join(bench.workspace, 'old')));
  await assert.rejects(lstat(join(bench.workspace, 'out')));
  await undo({ channel: 'test' }, bench.ports);
  assert.equal(await readlink(join(bench.workspace, 'old')), 'a.txt');
  await assert.rejects(lstat(join(bench.workspace, 'new')));
});

test('single files and single hunks; the rest can follow later', async (t) => {
  const bench = await openBench(t);
  await bench.put('a.txt', lines(40));
  await bench.put('b.txt', 'b\n');
  const after = lines(40).replace('line 3\n', 'three\n').replace('line 30\n', 'thirty\n');
  const set = await bench.changed(async (copy) => {
    await copy.write('a.txt', after);
    await copy.write('b.txt', 'bb\n');
  });
  const first = await applyChangeSet(
    set!.id,
    { channel: 'test', files: ['a.txt'], hunks: { 'a.txt': [2] } },
    bench.ports,
  );
  assert.ok(first.status === 'applied' && first.partly);
  assert.equal(await bench.text('a.txt'), lines(40).replace('line 30\n', 'thirty\n'));
  assert.equal(await bench.text('b.txt'), 'b\n');
  await assert.rejects(applyChangeSet(set!.id, { channel: 'test', hunks: { 'a.txt': [3] } }, bench.ports), {
    code: 'usage',
  });
  const rest = await applyChangeSet(set!.id, { channel: 'test' }, bench.ports);
  assert.equal(rest.status, 'applied');
  assert.equal(await bench.text('a.txt'), after);
  assert.equal(await bench.text('b.txt'), 'bb\n');
});

test('an approval holds for the change set that was shown, and a rejected one never lands', async (t) => {
  const bench = await openBench(t);
  const set = await bench.changed((copy) => copy.write('a.txt', 'a\n'));
  await assert.rejects(applyChangeSet(set!.id, { channel: 'test', hash: '0'.repeat(64) }, bench.ports), {
    code: 'denied',
  });
  await rejectChangeSet(set!.id, 'not wanted', bench.ports);
  await assert.rejects(applyChangeSet(set!.id, { channel: 'test' }, bench.ports), { code: 'usage' });
  await assert.rejects(lstat(join(bench.workspace, 'a.txt')));
});

test('a damaged change set is an error, never a smaller one', async (t) => {
  const bench = await openBench(t);
  const set = await bench.changed((copy) => copy.write('a.txt', 'a\n'));
  const folder = join(bench.state.changeSets, set!.id);
  await writeFile(join(folder, 'blobs', set!.files[0]!.after!), 'b\n');
  await assert.rejects(applyChangeSet(set!.id, { channel: 'test' }, bench.ports), { code: 'state.broken' });
  await writeFile(join(folder, 'change-set.json'), '{"version":1,"files":[');
  await assert.rejects(loadChangeSet(bench.state, set!.id), { code: 'state.broken' });
  await assert.rejects(findChangeSet(bench.state, 'last'), { code: 'input.missing' });
  assert.deepEqual(await readdir(bench.workspace), []);
});

test('undo takes back what was applied, keeps later edits elsewhere, and can itself be undone', async (t) => {
  const bench = await openBench(t);
  await bench.put('a.txt', lines(30));
  await bench.put('secret.bin', new Uint8Array([0, 255, 13, 10]));
  const set = await bench.changed(async (copy) => {
    await copy.write('a.txt', lines(30).replace('line 2\n', 'two\n'));
    await copy.remove('secret.bin');
    await copy.write('new.txt', 'n\n');
  });
  await applyChangeSet(set!.id, { channel: 'test' }, bench.ports);
  await bench.put('a.txt', (await bench.text('a.txt')).replace('line 28\n', 'mine\n'));
  const undone = await undo({ channel: 'test' }, bench.ports);
  assert.ok(undone.status === 'undone');
  assert.equal(await bench.text('a.txt'), lines(30).replace('line 28\n', 'mine\n'));
  assert.deepEqual(await readdir(bench.workspace), ['a.txt', 'secret.bin']);
  assert.equal((await loadChangeSet(bench.state, set!.id)).state.status, 'undone');
  assert.equal((await undo({ channel: 'test' }, bench.ports)).status, 'nothing');
  const redone = await undo({ channel: 'test', checkpoint: undone.checkpoint }, bench.ports);
  assert.equal(redone.status, 'undone');
  assert.equal(await bench.text('new.txt'), 'n\n');
  assert.equal(await bench.text('a.txt'), lines(30).replace('line 2\n', 'two\n').replace('line 28\n', 'mine\n'));
});

test('what landed in parts is taken back part by part, and an undo that is undone can be undone again', async (t) => {
  const bench = await openBench(t);
  await bench.put('a.txt', 'a\n');
  const set = await bench.changed(async (copy) => {
    await copy.write('a.txt', 'aa\n');
    await copy.write('b.txt', 'bb\n');
  });
  const status = async () => (await loadChangeSet(bench.state, set!.id)).state.status;
  const here = async () => [await bench.text('a.txt'), (await readdir(bench.workspace)).includes('b.txt')];
  await applyChangeSet(set!.id, { channel: 'test', files: ['b.txt'] }, bench.ports);
  assert.equal(await status(), 'partly-applied');
  assert.equal((await findChangeSet(bench.state, undefined)).id, set!.id, 'what is left of it still waits');
  await applyChangeSet(set!.id, { channel: 'test', files: ['a.txt'] }, bench.ports);
  assert.equal(await status(), 'applied');

  const first = await undo({ channel: 'test' }, bench.ports);
  assert.deepEqual([await status(), ...(await here())], ['partly-applied', 'a\n', true]);
  const second = await undo({ channel: 'test' }, bench.ports);
  assert.deepEqual([await status(), ...(await here())], ['undone', 'a\n', false]);
  assert.equal((await undo({ channel: 'test' }, bench.ports)).status, 'nothing');

  assert.ok(first.status === 'undone' && second.status === 'undone');
  await undo({ channel: 'test', checkpoint: second.checkpoint }, bench.ports);
  assert.deepEqual([await status(), ...(await here())], ['partly-applied', 'a\n', true]);
  await undo({ channel: 'test', checkpoint: first.checkpoint }, bench.ports);
  assert.deepEqual([await status(), ...(await here())], ['applied', 'aa\n', true]);
  await undo({ channel: 'test' }, bench.ports);
  await undo({ channel: 'test' }, bench.ports);
  assert.deepEqual([await status(), ...(await here())], ['undone', 'a\n', false]);
});

test('what somebody took back by hand does not stand in the way of undoing what was applied before it', async (t) => {
  const bench = await openBench(t);
  await bench.put('a.txt', 'a\n');
  const landed = async (name: string) => {
    const set = await bench.changed((copy) => copy.write(name, `${name} of a run\n`));
    await applyChangeSet(set!.id, { channel: 'test' }, bench.ports);
    return set!.id;
  };
  const [, second] = [await landed('a.txt'), await landed('b.txt')];
  await rm(join(bench.workspace, 'b.txt'));
  assert.equal((await undo({ channel: 'test' }, bench.ports)).status, 'nothing');
  assert.equal((await loadChangeSet(bench.state, second)).state.status, 'undone');
  assert.equal((await undo({ channel: 'test' }, bench.ports)).status, 'undone');
  assert.equal(await bench.text('a.txt'), 'a\n');
});

test('one file of an applied change set is taken back, the rest stays and can follow', async (t) => {
  const bench = await openBench(t);
  await bench.put('a.txt', 'a\n');
  const set = await bench.changed(async (copy) => {
    await copy.write('a.txt', 'aa\n');
    await copy.write('b.txt', 'bb\n');
  });
  await applyChangeSet(set!.id, { channel: 'test' }, bench.ports);
  await assert.rejects(undo({ channel: 'test', files: ['c.txt'] }, bench.ports), { code: 'usage' });
  assert.equal((await undo({ channel: 'test', files: ['a.txt'] }, bench.ports)).status, 'undone');
  assert.equal(await bench.text('a.txt'), 'a\n');
  assert.equal(await bench.text('b.txt'), 'bb\n');
  assert.equal((await loadChangeSet(bench.state, set!.id)).state.status, 'partly-applied');
  assert.equal((await undo({ channel: 'test' }, bench.ports)).status, 'undone');
  assert.deepEqual(await readdir(bench.workspace), ['a.txt']);
  assert.equal((await loadChangeSet(bench.state, set!.id)).state.status, 'undone');
});

test('undo to an older checkpoint takes back several changes; exact brings every file back', async (t) => {
  const bench = await openBench(t);
  await bench.put('a.txt', '0\n');
  await bench.put('mine.txt', 'mine\n');
  const ids: string[] = [];
  for (const n of [1, 2, 3]) {
    const set = await bench.changed((copy) => copy.write('a.txt', `${n}\n`));
    const result = await applyChangeSet(set!.id, { channel: 'test' }, bench.ports);
    ids.push(result.status === 'applied' ? result.checkpoint : '');
  }
  await bench.put('mine.txt', 'later\n');
  assert.equal((await undo({ channel: 'test', checkpoint: ids[1]! }, bench.ports)).status, 'undone');
  assert.equal(await bench.text('a.txt'), '1\n');
  assert.equal(await bench.text('mine.txt'), 'later\n');
  await undo({ channel: 'test', checkpoint: ids[0]!, exact: true }, bench.ports);
  assert.equal(await bench.text('a.txt'), '0\n');
  assert.equal(await bench.text('mine.txt'), 'mine\n');
});

test('a change that lands beside is part of the same transaction, and the run may not have written it', async (t) => {
  const bench = await openBench(t);
  await bench.put('.kiro/specs/x/tasks.md', '- [ ] 1. Do\n');
  const also = [{ path: '.kiro/specs/x/tasks.md', change: (text: string) => text.replace('[ ]', '[x]') }];
  const set = await bench.changed((copy) => copy.write('a.txt', 'a\n'));
  await applyChangeSet(set!.id, { channel: 'test', also }, bench.ports);
  assert.equal(await bench.text('.kiro/specs/x/tasks.md'), '- [x] 1. Do\n');
  await undo({ channel: 'test' }, bench.ports);
  assert.equal(await bench.text('.kiro/specs/x/tasks.md'), '- [ ] 1. Do\n');
  const cheat = await bench.changed((copy) => copy.write('.kiro/specs/x/tasks.md', '- [x] 1. Do\n'));
  const include = ['.kiro/specs/x/tasks.md'];
  await assert.rejects(applyChangeSet(cheat!.id, { channel: 'test', also, include }, bench.ports), { code: 'denied' });
});

test('a workspace that cannot be written leaves everything as it was', {
  skip: process.getuid?.() === 0 && 'root may write everything',
}, async (t) => {
  const bench = await openBench(t);
  await bench.put('a.txt', 'a\n');
  const set = await bench.changed((copy) => copy.write('a.txt', 'b\n'));
  await chmod(bench.workspace, 0o555);
  t.after(() => chmod(bench.workspace, 0o755));
  await assert.rejects(applyChangeSet(set!.id, { channel: 'test' }, bench.ports), { code: 'environment' });
  assert.equal(await bench.text('a.txt'), 'a\n');
});
