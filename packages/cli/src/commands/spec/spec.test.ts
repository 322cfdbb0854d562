import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { sha256 } from '@ambit/engine/evidence';
import { statePaths } from '@ambit/guard/state';
import type { Io } from '../../command.ts';
import { command } from '../spec.ts';

const requirements =
  '# Requirements Document\n\n## Requirements\n\n### Requirement 1: Save\n\n#### Acceptance Criteria\n\n1. WHEN a user saves THE Store SHALL keep the draft.\n2. IF the disk is full, the Store must answer 507.\n';
const tasks = '# Implementation Plan\n\n- [ ] 1. Save\n  - _Requirements: 1.1, 1.2_\n';

async function place(t: { after: (fn: () => Promise<void>) => void }) {
  const root = await mkdtemp(join(tmpdir(), 'ambit-spec-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  const folder = join(root, 'w', '.kiro', 'specs', 'drafts');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'requirements.md'), requirements);
  await writeFile(join(folder, 'tasks.md'), tasks);
  return { root, folder, workspace: join(root, 'w') };
}

async function run(root: string, args: string[], more: { answer?: string; cwd?: string } = {}) {
  const stdin = new PassThrough();
  let out = '';
  const io = {
    cwd: more.cwd ?? join(root, 'w'),
    env: { HOME: join(root, 'home') },
    out: (text: string) => {
      out += text;
    },
    err: (text: string) => {
      out += text;
    },
    stdin,
    interactive: more.answer !== undefined,
    colour: false,
    columns: 100,
    signal: new AbortController().signal,
    now: () => new Date('2026-03-01T10:00:00Z'),
  } as unknown as Io;
  if (more.answer !== undefined) stdin.write(`${more.answer}\n`);
  const code = await command
    .run(args, io)
    .catch((error: { code: string; message: string }) => `${error.code}: ${error.message}`);
  stdin.end();
  return { code, out };
}

test('check judges, --fix repairs what is certain, and the file is otherwise untouched', async (t) => {
  const { root, folder } = await place(t);
  const before = await run(root, ['check', 'drafts']);
  assert.equal(before.code, 0);
  assert.match(before.out, /10:\d+ +warning +E1 +`must` is not binding/);
  const fixed = await run(root, ['check', 'drafts', '--fix']);
  assert.match(fixed.out, /2 repairs made/);
  assert.equal(
    await readFile(join(folder, 'requirements.md'), 'utf8'),
    requirements.replace('the Store must', 'THEN the Store shall'),
  );
  await writeFile(join(folder, 'tasks.md'), tasks.replace('1.2', '7.9'));
  assert.equal((await run(root, ['check'])).code, 1);
});

test('show prints the tree with references resolved, also for a folder outside a workspace', async (t) => {
  const { root, folder } = await place(t);
  const { out, code } = await run(root, ['show', folder, '--json'], { cwd: tmpdir() });
  const tree = JSON.parse(out) as {
    requirements: { requirements: { criteria: { id: string }[] }[] };
    tasks: { tasks: { requirements: { resolved: boolean }[] }[] };
  };
  assert.equal(code, 0);
  assert.deepEqual(
    tree.requirements.requirements[0]?.criteria.map((entry) => entry.id),
    ['1.1', '1.2'],
  );
  assert.deepEqual(
    tree.tasks.tasks[0]?.requirements.map((ref) => ref.resolved),
    [true, true],
  );
});

test('a pipe cannot approve: exit code, and nothing is stored', async (t) => {
  const { root } = await place(t);
  const { code } = await run(root, ['approve', 'drafts', 'requirements']);
  assert.match(String(code), /^needs-human/);
  assert.equal(existsSync(join(root, 'home')), false);
});

test('a person approves what was shown; an edit makes it stale, a tick does not', async (t) => {
  const { root, folder } = await place(t);
  assert.match(
    String((await run(root, ['approve', 'drafts', 'tasks'], { answer: 'y' })).code),
    /builds on requirements/,
  );
  assert.match((await run(root, ['approve', 'drafts', 'requirements'], { answer: 'no' })).out, /Not approved/);
  assert.equal((await run(root, ['approve', 'drafts', 'requirements'], { answer: 'y' })).code, 0);
  assert.equal((await run(root, ['approve', 'drafts', 'tasks'], { answer: 'y' })).code, 0);
  assert.match((await run(root, ['list'])).out, /drafts +2 +0\/1 +✓ {3}✓ {2}can run/);
  await writeFile(join(folder, 'tasks.md'), tasks.replace('[ ]', '[x]'));
  assert.match((await run(root, ['list'])).out, /can run/);
  await writeFile(join(folder, 'requirements.md'), requirements.replace('keep', 'drop'));
  assert.match((await run(root, ['list'])).out, /drafts .*! {3}✓\n/);
  assert.match((await run(root, ['approve', 'drafts'])).out, /requirements +changed since it was approved/);
});

test('errors and open questions keep a document from being approved', async (t) => {
  const { root, folder } = await place(t);
  await writeFile(
    join(folder, 'requirements.md'),
    requirements.replace('the draft', 'the draft [NEEDS CLARIFICATION: where?]'),
  );
  const { code, out } = await run(root, ['approve', 'drafts', 'requirements'], { answer: 'y' });
  assert.match(String(code), /cannot be approved: 1 error/);
  assert.match(out, /E9 an open question: where\?/);
  assert.match((await run(root, ['approve', 'drafts'])).out, /requirements +not approved/);
});

test('attested criteria hold until their file changes, and drift can be accepted with a reason', async (t) => {
  const { root, workspace } = await place(t);
  await writeFile(join(workspace, 'backup.sh'), 'one');
  const attest = ['attest', 'drafts', '1.1', '--reason', 'restored a backup', '--file', 'backup.sh'];
  assert.match(String((await run(root, attest)).code), /^needs-human/);
  assert.equal((await run(root, attest, { answer: 'y' })).code, 0);
  assert.match((await run(root, ['drift', 'drafts'])).out, /1 hold, 0 drifted/);
  await writeFile(join(workspace, 'backup.sh'), 'two');
  const drifted = await run(root, ['drift', 'drafts']);
  assert.deepEqual([drifted.code, /1\.1 +drifted +backup\.sh/.test(drifted.out)], [1, true]);
  assert.match(String((await run(root, ['drift', 'drafts', '--accept', '--reason', 'x'])).code), /^needs-human/);
  assert.equal((await run(root, ['drift', 'drafts', '--accept', '--reason', 'a comment'], { answer: '' })).code, 0);
  assert.equal((await run(root, ['drift', 'drafts'])).code, 0);
});

test('attesting the criterion that a task waited for ticks its box, and only then', async (t) => {
  const { root, workspace, folder } = await place(t);
  await writeFile(join(folder, 'tasks.md'), `${tasks}- [ ] 2. Restore\n  - _Requirements: 1.1_\n`);
  const text = JSON.stringify({
    version: 1,
    id: 'a',
    spec: 'drafts',
    task: '1',
    files: [],
    flags: [],
    checks: [{ name: 'attestation', status: 'failed', detail: '1.1' }],
  });
  const stored = join(statePaths(workspace, { HOME: join(root, 'home') }).changeSets, 'a');
  await mkdir(stored, { recursive: true });
  await writeFile(join(stored, 'change-set.json'), text);
  await writeFile(join(stored, 'hash'), sha256(text));
  await writeFile(join(stored, 'state.json'), JSON.stringify({ status: 'applied', changed: 't', applied: [] }));
  const attest = (id: string) => run(root, ['attest', 'drafts', id, '--reason', 'looked'], { answer: 'y' });
  assert.equal((await attest('1.2')).out.includes('Ticked'), false);
  assert.match(await readFile(join(folder, 'tasks.md'), 'utf8'), /- \[ \] 1\./);
  assert.match((await attest('1.1')).out, /Ticked task 1: Save/);
  assert.match(await readFile(join(folder, 'tasks.md'), 'utf8'), /- \[x\] 1\. Save[\s\S]*- \[ \] 2\. Restore/);
});

test('trace, sync, analyze and export say what is there', async (t) => {
  const { root, workspace, folder } = await place(t);
  await mkdir(join(workspace, 'test'));
  await writeFile(
    join(workspace, 'test', 'a.test.ts'),
    "test('drafts/1.1 keeps', () => { assert.equal(kept(), true); });\n",
  );
  const { out } = await run(root, ['trace', 'drafts']);
  assert.match(out, /1\.1 +1 +1 /);
  assert.match(out, /no-test +no test cites 1\.2/);
  await writeFile(join(folder, 'tasks.md'), tasks.replace(', 1.2', ''));
  assert.match((await run(root, ['sync', 'drafts', '--write'])).out, /added 2\. Complete Save \(1\.2\)/);
  assert.match(await readFile(join(folder, 'tasks.md'), 'utf8'), /- \[ \] 2\. Complete Save/);
  assert.equal((await run(root, ['analyze', 'drafts'])).code, 0);
  assert.match((await run(root, ['export', 'drafts', '--to', 'gherkin'])).out, /Then the Store shall keep the draft/);
});

test('an OpenSpec folder is imported once and never over an existing spec', async (t) => {
  const { root, workspace } = await place(t);
  const source = join(workspace, 'openspec', 'specs', 'albums');
  await mkdir(source, { recursive: true });
  await writeFile(
    join(source, 'spec.md'),
    '## Requirements\n\n### Requirement: List\n\nThe system SHALL list albums.\n',
  );
  assert.equal((await run(root, ['import', 'openspec/specs/albums'])).code, 0);
  assert.deepEqual((await readdir(join(workspace, '.kiro', 'specs', 'albums'))).sort(), [
    '.config.kiro',
    'requirements.md',
  ]);
  assert.match(String((await run(root, ['import', 'openspec/specs/albums'])).code), /exists already/);
  assert.match(
    String((await run(root, ['import', 'openspec/specs/albums', '--name', '../x'])).code),
    /is no spec name/,
  );
});
