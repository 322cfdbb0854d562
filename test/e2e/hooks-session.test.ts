// Hooks inside sessions: tool hooks speak in runs, sub-runs and other hooks' agents; what lands fires file hooks; ignored files
// fire nothing.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { listChangeSets } from '@ambit/engine/change-set';
import { openLedger, parseHookFile } from '@ambit/engine/hooks';
import { makeHookStage } from '../support/hook-stage.ts';
import { type HeardRequest, type Step, startScriptedModel } from '../support/scripted-model.ts';

type Steps = Step[] | ((request: HeardRequest) => Step);

async function staged(t: TestContext, files: Record<string, string>, steps: Steps) {
  const model = await startScriptedModel({ steps });
  const stage = makeHookStage({ 'src/a.ts': 'export const a = 1;\n', ...files }, model.url);
  t.after(async () => {
    stage.close();
    await model.close();
  });
  await stage.acceptAll();
  return { stage, model };
}

const hooks = (...entries: object[]) => JSON.stringify({ version: 'v1', hooks: entries });
const keepDocs = {
  name: 'keep-docs',
  trigger: 'PreToolUse',
  matcher: 'write\\(docs/',
  action: { type: 'command', command: 'echo docs are frozen >&2; exit 2' },
};
const write = (path: string): Step => ({ tool: 'write', arguments: { path, content: '// new\n' } });

test('a tool hook stops the calls it names and no others', async (t) => {
  const { stage, model } = await staged(t, { '.kiro/hooks/x.json': hooks(keepDocs) }, [
    write('docs/a.md'),
    write('src/b.ts'),
    { text: 'done' },
  ]);
  await stage.run(['-p', 'write both', '--autopilot']);
  assert.equal(stage.text('docs/a.md'), undefined);
  assert.equal(stage.text('src/b.ts'), '// new\n');
  assert.match(model.toolResults()[0] ?? '', /docs are frozen/);
});

test('a tool hook speaks inside a sub-run too', async (t) => {
  const { stage, model } = await staged(t, { '.kiro/hooks/x.json': hooks(keepDocs) }, [
    { tool: 'spawn', arguments: { prompt: 'Write docs/a.md and src/b.ts.', write: ['docs/**', 'src/**'] } },
    write('docs/a.md'),
    write('src/b.ts'),
    { text: 'sub-run done' },
    { text: 'done' },
  ]);
  const { err } = await stage.run(['-p', 'delegate', '--autopilot']);
  assert.equal(stage.text('docs/a.md'), undefined);
  assert.equal(stage.text('src/b.ts'), '// new\n', err);
  assert.ok(model.toolResults().some((text) => text.includes('docs are frozen')));
});

test('a tool hook speaks inside another hook’s agent too', async (t) => {
  const updater = {
    name: 'updater',
    trigger: 'PostFileSave',
    matcher: '^src/',
    action: { type: 'agent', prompt: 'Update.' },
  };
  const file = hooks(keepDocs, updater);
  const hash = parseHookFile('.kiro/hooks/x.json', file).hooks.find(({ name }) => name === 'updater')?.hash;
  const policy = `hooks:\n  - name: updater\n    hash: ${hash}\n    write: ['docs/**', 'notes/**']\n`;
  const { stage, model } = await staged(t, { '.kiro/hooks/x.json': file, '.ambit/policy.yaml': policy }, [
    write('docs/a.md'),
    write('notes/a.md'),
    { text: 'done' },
  ]);
  await stage.run(['hooks', 'run', 'updater', 'src/a.ts']);
  assert.match(model.toolResults()[0] ?? '', /docs are frozen/);
  const { sets } = await listChangeSets(stage.state);
  assert.deepEqual(
    sets.flatMap((set) => set.files.map(({ path }) => path)),
    ['notes/a.md'],
  );
});

test('what a run lands fires file hooks, what waits for review does not', async (t) => {
  const looker = {
    name: 'looker',
    trigger: 'PostFileCreate',
    matcher: '^src/',
    action: { type: 'agent', prompt: 'LOOK AT IT' },
  };
  const steps = (request: HeardRequest): Step => {
    if (request.body.includes('LOOK AT IT')) return { text: `looked at ${/src\/\w+\.ts/.exec(request.body)?.[0]}` };
    return request.results.length > 0
      ? { text: 'done' }
      : write(request.body.includes('PROMPT-ONE') ? 'src/one.ts' : 'src/two.ts');
  };
  const { stage } = await staged(t, { '.kiro/hooks/x.json': hooks(looker) }, steps);
  const waiting = await stage.run(['-p', 'PROMPT-ONE']);
  assert.doesNotMatch(waiting.err, /looked at/);
  const landed = await stage.run(['-p', 'PROMPT-TWO', '--autopilot']);
  assert.equal(stage.text('src/two.ts'), '// new\n');
  assert.match(landed.err, /hook `looker`: looked at src\/two\.ts/);
});

test('a file that an ignore file leaves out fires nothing, its neighbour does', async (t) => {
  const looker = {
    name: 'looker',
    trigger: 'PostFileCreate',
    matcher: '.*',
    action: { type: 'agent', prompt: 'Look.' },
  };
  const files = { '.kiro/hooks/x.json': hooks(looker), '.gitignore': 'out/\n*.log\n', '.kiroignore': 'private/\n' };
  const { stage, model } = await staged(t, files, () => ({ text: 'looked' }));
  const child = stage.start(['hooks', 'watch']);
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  t.after(() => child.kill('SIGKILL'));
  await new Promise<void>((ready) =>
    child.stderr?.on('data', (chunk: Buffer) => chunk.includes('Watching') && ready()),
  );
  stage.put({ 'out/deep/x.txt': '1', 'a.log': '1', 'private/x.txt': '1' });
  await sleep(400);
  stage.put({ 'src/new.ts': '1' });
  const ledger = async () => (await openLedger(stage.state.hooks)).lines();
  for (let i = 0; i < 200 && (await ledger()).length === 0; i += 1) await sleep(100);
  child.kill('SIGTERM');
  await ended;
  const heard = model.requests.map(({ body }) => body).join('\n');
  assert.equal((await ledger()).length, 1, String(heard.match(/files: .{60}/g)));
  assert.match(heard, /src\/new\.ts/);
  assert.doesNotMatch(heard, /x\.txt|a\.log/);
});

test('interrupting the watcher ends a hook that runs; its event waits for the next start', async (t) => {
  const slow = {
    name: 'slow',
    trigger: 'PostFileCreate',
    matcher: '^src/',
    action: { type: 'command', command: 'sleep 50' },
  };
  const { stage } = await staged(t, { '.kiro/hooks/x.json': hooks(slow) }, [{ text: 'unused' }]);
  const child = stage.start(['hooks', 'watch']);
  const ended = new Promise<number>((resolve) => child.on('close', () => resolve(performance.now())));
  t.after(() => child.kill('SIGKILL'));
  await new Promise<void>((ready) =>
    child.stderr?.on('data', (chunk: Buffer) => chunk.includes('Watching') && ready()),
  );
  stage.put({ 'src/new.ts': '1' });
  await sleep(3_000);
  child.kill('SIGTERM');
  assert.ok(await Promise.race([ended, sleep(25_000, undefined)]), 'the watcher did not end');
  const lines = (await openLedger(stage.state.hooks)).lines();
  assert.ok(lines.every(({ status }) => status === 'interrupted'));
  const { openQueue } = await import('@ambit/engine/hooks');
  assert.deepEqual(
    (await openQueue(stage.state.hooks)).waiting().map(({ path }) => path),
    ['src/new.ts'],
  );
});
