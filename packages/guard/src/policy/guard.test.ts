import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { Action, ActionKind, ActionOf, Ambit } from '@ambit/core/schema';
import { readCatalogSources } from '../../../../test/support/catalog.ts';
import { perform } from '../gate.ts';
import { diskView } from '../resolve/index.ts';
import { createGuard, defaultAmbit, type GuardOptions, shippedPolicy } from './index.ts';

const policy = shippedPolicy(await readCatalogSources('policies'));

async function setUp(t: { after: (fn: () => Promise<void>) => void }, more: Partial<GuardOptions> = {}) {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'ambit-guard-')));
  t.after(() => rm(root, { recursive: true, force: true }));
  const workspace = join(root, 'ws');
  await mkdir(join(workspace, 'src/middleware'), { recursive: true });
  await mkdir(join(root, 'outside'));
  await symlink(join(root, 'outside'), join(workspace, 'vendor'));
  await symlink('src/middleware', join(workspace, 'innocent'));
  await writeFile(join(workspace, 'src/middleware/auth.ts'), 'old');
  await writeFile(join(workspace, '.env'), 'TOKEN=x');
  const records: { kind: string }[] = [];
  const guard = createGuard({
    run: { id: 'r1', kind: 'chat', depth: 0 },
    ambit: defaultAmbit('chat'),
    policy,
    workspace,
    view: diskView(),
    readText: async (path) => readFile(path.absolute, 'utf8').catch(() => undefined),
    mode: 'autopilot',
    confined: true,
    home: join(root, 'home'),
    audit: {
      record: async (kind, run, data) => {
        records.push({ kind });
        return { version: 1, sequence: 0, time: '', run, kind, data, previous: '', hash: '' };
      },
    },
    redact: (text) => ({ text, redactions: 0 }),
    ...more,
  });
  let next = 0;
  const action = <K extends ActionKind>(kind: K, fields: object): ActionOf<K> => {
    next += 1;
    const run = more.run ?? { id: 'r1', kind: 'chat', depth: 0 };
    return { id: `a${next}`, run, labels: [], kind, ...fields } as unknown as ActionOf<K>;
  };
  const write = (path: string) =>
    perform(
      action('write', { path, content: 'PWNED', encoding: 'utf8' }),
      async (grant) => {
        await mkdir(dirname(grant.resolved.path.absolute), { recursive: true });
        await writeFile(grant.resolved.path.absolute, 'PWNED');
        return { status: 'done', text: 'written', labels: [] };
      },
      guard,
    );
  const judge = async (value: Action) => (await guard.judge(value)).decision;
  const run = async (command: string) => judge(action('execute', { command }));
  return { root, workspace, guard, records, action, write, judge, run };
}

test('a write inside the workspace happens, and is recorded before and after', async (t) => {
  const { workspace, write, records } = await setUp(t);
  assert.equal((await write('src/new.ts')).status, 'done');
  assert.equal(await readFile(join(workspace, 'src/new.ts'), 'utf8'), 'PWNED');
  assert.deepEqual(records, [{ kind: 'intent' }, { kind: 'outcome' }]);
});

const refused: [path: string, rule: string][] = [
  ['../outside/x', 'path.outside'],
  ['vendor/x', 'path.outside'],
  ['~/.profile', 'path.outside'],
  ['/tmp/x', 'path.outside'],
  ['.git/hooks/pre-commit', 'control.git'],
  ['.KIRO/settings/mcp.json', 'control.kiro'],
  ['.kiro\u200c/settings/mcp.json', 'control.kiro'],
  ['src/../.vscode/settings.json', 'control.editors'],
  ['src/middleware/auth.ts', 'guarded.auth'],
  ['innocent/auth.ts', 'guarded.auth'],
  ['.env', 'secret.write'],
];

for (const [path, rule] of refused) {
  test(`a write to ${JSON.stringify(path)} is denied by ${rule} and nothing is written`, async (t) => {
    const { write, root, workspace } = await setUp(t);
    const outcome = await write(path);
    assert.equal(outcome.status, 'denied');
    assert.equal(outcome.decision.because.rule, rule);
    assert.equal(await readFile(join(workspace, 'src/middleware/auth.ts'), 'utf8'), 'old');
    assert.equal(await readFile(join(workspace, '.env'), 'utf8'), 'TOKEN=x');
    await assert.rejects(readFile(join(root, 'outside/x')));
  });
}

test('secret files cannot be read, their examples can', async (t) => {
  const { judge, action, guard } = await setUp(t);
  const read = (path: string) => judge(action('read', { path, mode: 'content' }));
  assert.equal((await read('.env')).effect, 'deny');
  assert.equal((await read('.env.example')).effect, 'allow');
  assert.equal((await read('src/middleware/auth.ts')).effect, 'allow');
  assert.equal(guard.mayRead('.env.local'), false);
  assert.equal(guard.mayRead('src/env.ts'), true);
});

test('an ambit keeps a task to its scope', async (t) => {
  const ambit: Ambit = { ...defaultAmbit('task'), write: ['src/billing/**'] };
  const { write } = await setUp(t, { run: { id: 'r1', kind: 'task', depth: 0 }, ambit });
  assert.equal((await write('src/billing/a.ts')).status, 'done');
  assert.equal((await write('src/other.ts')).decision.because.rule, 'ambit.write');
});

test('a grant that names a guarded file lets it be written, one for another file does not', async (t) => {
  const grant = (path: string) => ({ id: 'g', capability: 'fs_write' as const, match: [path], source: 'test' });
  const { write } = await setUp(t, { grants: [grant('src/middleware/auth.ts')] });
  assert.equal((await write('src/middleware/auth.ts')).status, 'done');
  const other = await setUp(t, { grants: [grant('src/middleware/other.ts')] });
  assert.equal((await other.write('src/middleware/auth.ts')).status, 'denied');
});

test('an unreadable policy denies everything with its place', async (t) => {
  const broken = { ...policy, broken: [{ source: 'policy.yaml:3', problem: 'no effect' }] };
  const { write } = await setUp(t, { policy: broken });
  const { decision } = await write('src/new.ts');
  assert.equal(decision.because.rule, 'policy.unreadable');
  assert.equal(decision.because.source, 'policy.yaml:3');
});
