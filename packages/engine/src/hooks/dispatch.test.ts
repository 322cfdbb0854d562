import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  createDispatcher,
  figuresOf,
  type Hook,
  type HookEvent,
  type HookGrantEntry,
  type HookPorts,
  type HookResult,
  openLedger,
  openQueue,
  parseHookFile,
  readHookGrants,
  scopeOf,
} from './index.ts';

async function folder(t: TestContext): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'ambit-hooks-'));
  t.after(() => rm(made, { recursive: true, force: true }));
  return made;
}

function hooksOf(...entries: object[]): Hook[] {
  const named = entries.map((entry, i) => ({
    name: `h${i}`,
    trigger: 'PreToolUse',
    action: { type: 'command', command: 'x' },
    ...entry,
  }));
  const { hooks, problems } = parseHookFile('.kiro/hooks/x.json', JSON.stringify({ version: 'v1', hooks: named }));
  assert.deepEqual(problems, []);
  return hooks;
}

const tool: HookEvent = { trigger: 'PreToolUse', origin: 'agent', depth: 0, tool: { name: 'write', input: {} } };

async function stage(
  t: TestContext,
  hooks: Hook[],
  run: (hook: Hook) => Promise<HookResult>,
  more: { grants?: HookGrantEntry[]; ports?: Partial<HookPorts> } = {},
) {
  const ledger = await openLedger(await folder(t));
  const notes: string[] = [];
  const ran: string[] = [];
  let clock = Date.parse('2026-11-24T08:00:00Z');
  const port = async (hook: Hook) => {
    ran.push(hook.name);
    return run(hook);
  };
  const ports: HookPorts = {
    runCommand: port,
    runAgent: port,
    note: (_level, text) => notes.push(text),
    now: () => {
      clock += 1_000;
      return new Date(clock);
    },
    ...more.ports,
  };
  const dispatcher = createDispatcher({ hooks, grants: more.grants ?? [], ledger, ports });
  return { dispatcher, ledger, notes, ran, advance: (ms: number) => (clock += ms) };
}

const done: HookResult = { status: 'done', exitCode: 0, output: '' };
const failures: [string, HookResult | Error, RegExp][] = [
  ['exit 2', { status: 'done', exitCode: 2, output: '', error: 'no writes today' }, /^no writes today$/],
  ['exit 1', { status: 'done', exitCode: 1, output: '' }, /failed with exit code 1/],
  ['a signal', { status: 'failed', exitCode: null, output: '' }, /failed/],
  ['a time-out', { status: 'timeout', output: '' }, /did not answer in time/],
  ['a crash of the port', new Error('no sandbox'), /no sandbox/],
];
for (const [name, result, reason] of failures) {
  test(`a pre-hook that ends with ${name} stops what it guards`, async (t) => {
    const { dispatcher } = await stage(t, hooksOf({}), async () => {
      if (result instanceof Error) throw result;
      return result;
    });
    assert.match((await dispatcher.fire(tool)).blocked?.reason ?? '', reason);
  });
}

test('a pre-hook that passes lets through; a failing post-hook only warns', async (t) => {
  const passing = await stage(t, hooksOf({}), async () => done);
  assert.deepEqual(await passing.dispatcher.fire(tool), { context: [], ran: 1 });
  const post = await stage(t, hooksOf({ trigger: 'Stop' }), async () => ({ ...done, exitCode: 2 }));
  assert.equal((await post.dispatcher.fire({ trigger: 'Stop', origin: 'human', depth: 0 })).blocked, undefined);
  assert.equal(post.notes.length, 1);
});

test('failing open needs a reason in a grant for this very hook, and exit 2 still stops', async (t) => {
  const hooks = hooksOf({});
  const grant = { name: 'h0', hash: hooks[0]!.hash, failOpen: 'the linter is optional here' };
  const broken = { ...done, exitCode: 1 };
  const open = await stage(t, hooks, async () => broken, { grants: [grant] });
  assert.equal((await open.dispatcher.fire(tool)).blocked, undefined);
  const changed = await stage(t, hooks, async () => broken, { grants: [{ ...grant, hash: 'a'.repeat(64) }] });
  assert.ok((await changed.dispatcher.fire(tool)).blocked);
  const stop = await stage(t, hooks, async () => ({ ...done, exitCode: 2 }), { grants: [grant] });
  assert.ok((await stop.dispatcher.fire(tool)).blocked);
});

test('after five failures a hook rests, with a note; a human resumes it', async (t) => {
  const hooks = hooksOf({ trigger: 'Stop' });
  const { dispatcher, notes, ran, ledger } = await stage(t, hooks, async () => ({ ...done, exitCode: 1 }));
  const stop: HookEvent = { trigger: 'Stop', origin: 'human', depth: 0 };
  for (let i = 0; i < 8; i += 1) await dispatcher.fire(stop);
  assert.equal(ran.length, 5);
  assert.match(notes.at(-1) ?? '', /failed 5 times in a row/);
  await ledger.append({ time: '2026-11-24T09:00:00Z', hook: hooks[0]!.id, hash: hooks[0]!.hash, kind: 'resumed' });
  await dispatcher.fire(stop);
  assert.equal(ran.length, 6);
  assert.equal(figuresOf(hooks[0]!, ledger.lines()).failures, 6);
});

test('rate and daily budget hold, and pass with time', async (t) => {
  const hooks = hooksOf({ trigger: 'Stop', action: { type: 'agent', prompt: 'p' } });
  const grants = [{ name: 'h0', hash: hooks[0]!.hash, runsPerHour: 3, dollarsPerDay: 0.5 }];
  const costly = await stage(t, hooks, async () => ({ ...done, dollars: 0.1 }), { grants });
  const stop: HookEvent = { trigger: 'Stop', origin: 'human', depth: 0 };
  for (let i = 0; i < 5; i += 1) await costly.dispatcher.fire(stop);
  assert.equal(costly.ran.length, 3);
  for (let round = 0; round < 4; round += 1) {
    costly.advance(3_700_000);
    await costly.dispatcher.fire(stop);
  }
  assert.equal(costly.ran.length, 5);
  assert.match(costly.notes.at(-1) ?? '', /spent its 0.5 dollars/);
  costly.advance(25 * 3_600_000);
  await costly.dispatcher.fire(stop);
  assert.equal(costly.ran.length, 6);
});

test('a hook with `confirm` runs nothing before a yes, and nothing when nobody is there', async (t) => {
  const hooks = hooksOf({ trigger: 'Stop', confirm: { question: 'Deploy?', confirmCommand: 'evil', options: [] } });
  const stop: HookEvent = { trigger: 'Stop', origin: 'human', depth: 0 };
  const nobody = await stage(t, hooks, async () => done);
  await nobody.dispatcher.fire(stop);
  assert.deepEqual(nobody.ran, []);
  const yes = await stage(t, hooks, async () => done, { ports: { confirm: async () => true } });
  await yes.dispatcher.fire(stop);
  assert.deepEqual(yes.ran, ['h0']);
});

test('output of a session-start command belongs into the context, of others not', async (t) => {
  const hooks = hooksOf({ trigger: 'SessionStart' }, { trigger: 'Stop' });
  const { dispatcher } = await stage(t, hooks, async () => ({ ...done, output: 'hello\n' }));
  assert.deepEqual((await dispatcher.fire({ trigger: 'SessionStart', origin: 'human', depth: 0 })).context, ['hello']);
  assert.deepEqual((await dispatcher.fire({ trigger: 'Stop', origin: 'human', depth: 0 })).context, []);
});

test('a scope is read-only until a grant names the hook and its hash; a wrong entry grants nothing', () => {
  const hooks = hooksOf({});
  const [hook] = hooks as [Hook];
  assert.deepEqual(scopeOf(hook, hooks, []).write, []);
  const policy = {
    hooks: [
      { name: 'h0', hash: hook.hash, write: ['docs/**'] },
      { name: 'h0', hash: hook.hash, writes: ['**'] },
      { name: 'h0', write: ['**'] },
    ],
  };
  const { grants, problems } = readHookGrants(policy, '.ambit/policy.yaml');
  assert.equal(problems.length, 2);
  assert.deepEqual(scopeOf(hook, hooks, grants).write, ['docs/**']);
  assert.equal(scopeOf({ ...hook, hash: 'b'.repeat(64) }, hooks, grants).grant, 'other hash');
});

test('waiting file events survive a restart and a torn line; a duplicate waits once', async (t) => {
  const at = await folder(t);
  const save = (path: string) => ({ trigger: 'PostFileSave' as const, path, origin: 'human', depth: 0 });
  const first = await openQueue(at);
  for (const path of ['a.ts', 'b.ts', 'a.ts', 'c.ts']) await first.add(save(path));
  await first.finish(1);
  await appendFile(join(at, 'events.jsonl'), '{"add":{"trigger":"PostFi');
  const second = await openQueue(at);
  assert.deepEqual(
    second.waiting().map(({ path }) => path),
    ['b.ts', 'c.ts'],
  );
  await second.add(save('a.ts'));
  const third = await openQueue(at);
  assert.deepEqual(
    third.waiting().map(({ path }) => path),
    ['b.ts', 'c.ts', 'a.ts'],
  );
});
