import assert from 'node:assert/strict';
import { link, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { Action, ActionKind, ActionOf, Ambit } from '@ambit/core/schema';
import fc from 'fast-check';
import { readCatalogSources } from '../../../../test/support/catalog.ts';
import { createSpending } from '../budget/index.ts';
import { type Answer, perform, type Question } from '../gate.ts';
import { diskView } from '../resolve/index.ts';
import { createGuard, defaultAmbit, type GuardOptions, shippedPolicy } from './index.ts';

const shipped = shippedPolicy(await readCatalogSources('policies'));

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
    policy: shipped,
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
  const broken = { ...shipped, broken: [{ source: 'policy.yaml:3', problem: 'no effect' }] };
  const { write } = await setUp(t, { policy: broken });
  const { decision } = await write('src/new.ts');
  assert.equal(decision.because.rule, 'policy.unreadable');
  assert.equal(decision.because.source, 'policy.yaml:3');
});

function asking(scope: Answer['scope']) {
  const questions: Question[] = [];
  const kept: string[][] = [];
  const ask = async (question: Question): Promise<Answer> => {
    questions.push(question);
    return { allowed: true, scope, channel: 'terminal', ...(question.confirm ? { typed: question.confirm.type } : {}) };
  };
  const remember: NonNullable<GuardOptions['remember']> = async (requests) => {
    kept.push(requests.map(({ capability, value }) => `${capability} ${value}`));
  };
  return { questions, kept, ask, remember };
}

const nothing = async () => ({ status: 'done' as const, text: '', labels: [] });

test('an answer for the run covers the same effect and nothing else, an answer for once covers none', async (t) => {
  for (const [scope, asked] of [
    ['once', 3],
    ['run', 2],
  ] as const) {
    const human = asking(scope);
    const { action, guard } = await setUp(t, { ask: human.ask });
    const fetch = (url: string) => perform(action('fetch', { url, method: 'GET' }), nothing, guard);
    await fetch('https://a.example/1');
    await fetch('https://a.example/2');
    await fetch('https://b.example/1');
    assert.equal(human.questions.length, asked, scope);
  }
});

test('«always» keeps exactly what was asked about', async (t) => {
  const human = asking('always');
  const { action, guard } = await setUp(t, { ask: human.ask, remember: human.remember });
  await perform(action('execute', { command: 'cat README.md && curl https://a.example/x' }), nothing, guard);
  assert.deepEqual(human.kept, [['web_fetch a.example']]);
});

test('no blanket answer covers what cannot be undone; the name of the resource is asked for each time', async (t) => {
  const human = asking('always');
  const { action, guard } = await setUp(t, { ask: human.ask, remember: human.remember });
  const destroy = () =>
    perform(action('execute', { command: 'aws s3 rb s3://bucket --profile staging' }), nothing, guard);
  await destroy();
  await destroy();
  assert.deepEqual(
    human.questions.map(({ confirm }) => confirm),
    [
      { type: 's3://bucket', profile: 'staging' },
      { type: 's3://bucket', profile: 'staging' },
    ],
  );
  assert.deepEqual(human.kept, []);
});

test('deleting and creating the same resource in one run is noticed', async (t) => {
  const human = asking('once');
  const { action, guard } = await setUp(t, { ask: human.ask });
  const run = (command: string) => perform(action('execute', { command }), nothing, guard);
  await run('aws cloudformation delete-stack --stack-name demo');
  const { decision } = await run('aws cloudformation create-stack --stack-name demo');
  assert.ok(decision.rules.some(({ rule }) => rule === 'destructive.recreate'));
  const other = await run('aws cloudformation create-stack --stack-name other');
  assert.ok(!other.decision.rules.some(({ rule }) => rule === 'destructive.recreate'));
});

test('a run inside another stays inside its ambit too', async (t) => {
  const within = [{ ...defaultAmbit('task'), write: ['src/**'] }];
  const { write } = await setUp(t, { ambit: { ...defaultAmbit('agent'), write: ['**'] }, within });
  assert.equal((await write('src/new.ts')).status, 'done');
  assert.equal((await write('docs/new.md')).decision.because.rule, 'ambit.write');
});

test('a sub-run is never allowed what its parent is not', async (t) => {
  const globs = fc.array(fc.constantFrom('**', 'src/**', 'src/a.ts', 'docs/*', 'src/auth/**'), { maxLength: 3 });
  const { workspace } = await setUp(t);
  const paths = ['src/a.ts', 'src/auth/x.ts', 'docs/a.md', 'docs/a/b.md', 'package.json'];
  const rank = { deny: 0, ask: 1, allow: 2 };
  await fc.assert(
    fc.asyncProperty(globs, globs, fc.constantFrom(...paths), async (outer, inner, path) => {
      const make = async (write: string[], within: Ambit[]) => {
        const made = await setUp(t, { ambit: { ...defaultAmbit('task'), write }, within, workspace });
        return (await made.guard.judgeChange(path, 'write')).effect;
      };
      const parent = { ...defaultAmbit('task'), write: outer };
      assert.ok(rank[await make(inner, [parent])] <= rank[await make(outer, [])]);
    }),
    { numRuns: 30 },
  );
});

test('whatever a sub-run asks for, commands, hosts and tools too, it is not allowed more than its parent', async (t) => {
  const { workspace } = await setUp(t);
  const some = <T>(...values: T[]) => fc.subarray(values);
  const ambits = fc.record({
    read: some('**', 'src/**', '*.md'),
    write: some('**', 'src/**', 'docs/*'),
    commands: some('*', 'npm *', 'git status'),
    hosts: some('docs.example', '*.example'),
    mcp: some('notes/*', 'notes/recall', 'mail/*'),
  });
  const wishes = fc.constantFrom<[ActionKind, object]>(
    ['write', { path: 'src/a.ts', content: '', encoding: 'utf8' }],
    ['delete', { path: 'docs/a.md' }],
    ['read', { path: 'src/middleware/auth.ts', mode: 'content' }],
    ['execute', { command: 'npm test' }],
    ['execute', { command: 'echo x > src/b.ts' }],
    ['execute', { command: 'curl https://docs.example/x' }],
    ['execute', { command: 'D=src; rm -rf "$D"' }],
    ['fetch', { url: 'https://docs.example/x' }],
    ['mcp', { server: 'notes', tool: 'recall', arguments: {} }],
  );
  const rank = { deny: 0, ask: 1, allow: 2 };
  await fc.assert(
    fc.asyncProperty(ambits, ambits, wishes, fc.boolean(), async (outer, inner, [kind, fields], autopilot) => {
      const mode = autopilot ? ('autopilot' as const) : ('supervised' as const);
      const effect = async (ambit: Ambit, within: Ambit[]) => {
        const made = await setUp(t, { ambit, within, workspace, mode });
        return rank[(await made.judge(made.action(kind, fields))).effect];
      };
      const parent = { ...outer, budget: {} };
      assert.ok((await effect({ ...inner, budget: {} }, [parent])) <= (await effect(parent, [])));
    }),
    { numRuns: 40 },
  );
});

test('the budget of files ends writing', async (t) => {
  const { write } = await setUp(t, { ambit: { ...defaultAmbit('chat'), budget: { filesTouched: 1 } } });
  assert.equal((await write('a.txt')).status, 'done');
  assert.equal((await write('b.txt')).decision.because.rule, 'budget.files');
  assert.equal((await write('a.txt')).status, 'done');
});

test('what commands wrote counts in the budget, of the run and of the runs around it', async (t) => {
  let changed: { path: string; size: number }[] = [];
  const outer = createSpending({ bytesWritten: 100 });
  const { write, guard } = await setUp(t, {
    ambit: { ...defaultAmbit('chat'), budget: { filesTouched: 2 } },
    measure: async () => changed,
    spendings: [outer],
  });
  const command = {
    id: 'c',
    run: { id: 'r', kind: 'chat' as const, depth: 0 },
    labels: [],
    kind: 'execute' as const,
    command: 'ls',
  };
  const { resolved, decision } = await guard.judge(command);
  const outcome = { action: 'c', status: 'done' as const, text: '', labels: [], decision };
  guard.notice?.({ action: command, decision, outcome, ...(resolved ? { resolved } : {}) });
  changed = [
    { path: 'a', size: 10 },
    { path: 'b', size: 10 },
    { path: 'c', size: 10 },
  ];
  assert.equal((await write('d.txt')).decision.because.rule, 'budget.files');
  assert.equal((await guard.judgeChange('a', 'write')).because.rule, 'budget.files');
  changed = [{ path: 'a', size: 1_000 }];
  guard.notice?.({ action: command, decision, outcome, ...(resolved ? { resolved } : {}) });
  assert.equal((await guard.judge(command)).decision.because.rule, 'budget.bytes');
  assert.equal(outer.exceeded().length, 1);
});

test('Cedar speaks about what a command changed; a policy that cannot be read forbids it', async (t) => {
  const text = '@id("no-docs") forbid(principal, action, resource) when { context.value like "docs/*" };';
  const { guard } = await setUp(t, { policy: { ...shipped, cedar: [{ source: 'policy.cedar', text }] } });
  assert.match((await guard.judgeChange('docs/a.md', 'write')).because.rule, /^cedar\./);
  assert.equal((await guard.judgeChange('src/a.ts', 'write')).effect, 'allow');
  const broken = await setUp(t, { policy: { ...shipped, cedar: [{ source: 'policy.cedar', text: 'forbid(' }] } });
  assert.equal((await broken.guard.judgeChange('src/a.ts', 'write')).because.rule, 'cedar.failed');
});

test('a path with a declared production name is not written, by whatever means', async (t) => {
  const policy = { ...shipped, production: ['acme-live-*', 'infra/prod/**'] };
  const { write, guard } = await setUp(t, { policy });
  assert.equal((await write('deploy/acme-live-eu/values.txt')).decision.because.rule, 'destructive.production');
  assert.equal((await guard.judgeChange('infra/prod/main.txt', 'write')).because.rule, 'destructive.production');
  assert.equal((await guard.judgeChange('notes/acme-test/values.txt', 'write')).effect, 'allow');
});

test('SECURITY: a hard link to a file outside is neither read nor written', async (t) => {
  const { root, workspace, judge, action, write } = await setUp(t);
  await writeFile(join(root, 'outside/credentials.txt'), 'secret');
  await link(join(root, 'outside/credentials.txt'), join(workspace, 'notes.txt'));
  assert.equal((await judge(action('read', { path: 'notes.txt', mode: 'content' }))).because.rule, 'path.hard-link');
  assert.equal((await write('notes.txt')).status, 'denied');
  assert.equal(await readFile(join(root, 'outside/credentials.txt'), 'utf8'), 'secret');
});
