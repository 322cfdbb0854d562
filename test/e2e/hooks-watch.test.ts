// `ambit hooks watch` over many saves: three real jobs, proposals coalesced per file, nothing lost over a restart, hooks that
// feed themselves or each other settle. AMBIT_HOOK_SAVES=300 plays a whole working day.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { listChangeSets, loadBlob } from '@ambit/engine/change-set';
import { openLedger, openQueue, parseHookFile, readStarters } from '@ambit/engine/hooks';
import { parse, stringify } from 'yaml';
import { type HookStage, makeHookStage } from '../support/hook-stage.ts';
import { type HeardRequest, type Step, startScriptedModel } from '../support/scripted-model.ts';

const saves = Number(process.env['AMBIT_HOOK_SAVES'] ?? 9);
const starters = readStarters(
  parse(readFileSync(join(import.meta.dirname, '../../catalog/hooks/starters.yaml'), 'utf8')),
  'starters.yaml',
).filter(({ id }) => ['test-generator', 'docs-updater', 'translation-sync'].includes(id));

/** The file the event of this session is about. */
const savedFile = (body: string) => /files: \\"((?:[^"\\])+)\\"/.exec(body)?.[1] ?? '';

/** Answers as each job's model would: the first turn writes, the second says done. */
function jobs(request: HeardRequest): Step {
  const file = savedFile(request.body);
  if (request.results.length > 0) return { text: 'done' };
  if (request.body.includes('write the missing cases')) {
    const path = file.replace(/\.ts$/, '.test.ts');
    return { tool: 'write', arguments: { path, content: `// tests of ${file}\n` } };
  }
  if (request.body.includes('Search docs/'))
    return { tool: 'write', arguments: { path: `docs/${file.replaceAll('/', '-')}.md`, content: `# ${file}\n` } };
  return { tool: 'write', arguments: { path: 'locales/de.json', content: '{"hello":"hallo"}\n' } };
}

async function watching(stage: HookStage, t: TestContext): Promise<{ stop: () => Promise<void> }> {
  const child = stage.start(['hooks', 'watch']);
  let err = '';
  await new Promise<void>((ready, failed) => {
    child.stderr?.on('data', (chunk: Buffer) => {
      err += chunk;
      if (err.includes('Watching')) ready();
    });
    child.on('close', () => failed(new Error(err)));
  });
  const ended = new Promise<void>((done) => child.on('close', () => done()));
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  t.after(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { stop };
}

async function settled(stage: HookStage, quietMs = 1_500): Promise<void> {
  let last = -1;
  let since = Date.now();
  while (Date.now() - since < quietMs) {
    await sleep(100);
    const runs = (await openLedger(stage.state.hooks)).lines().length;
    const waiting = (await openQueue(stage.state.hooks)).waiting().length;
    if (runs !== last || waiting > 0) {
      last = runs;
      since = Date.now();
    }
  }
}

test('three jobs over a day of saves: one open proposal a job, everything in it, nothing landed, nothing lost', {
  timeout: 900_000,
}, async (t) => {
  const model = await startScriptedModel({ steps: jobs });
  const grants = starters.flatMap(({ grant }) => (grant ? [{ ...grant, runsPerHour: 10_000 }] : []));
  const stage = makeHookStage(
    {
      ...Object.fromEntries(starters.map(({ id, file }) => [`.kiro/hooks/${id}.json`, file])),
      '.ambit/policy.yaml': stringify({ hooks: grants }),
      'docs/index.md': '# Docs\n',
      'locales/en.json': '{}\n',
      'locales/de.json': '{}\n',
    },
    model.url,
  );
  t.after(async () => {
    stage.close();
    await model.close();
  });
  await stage.acceptAll();
  const files = ['src/a.ts', 'src/b.ts', 'src/c.ts', 'locales/en.json'];
  let watch = await watching(stage, t);
  for (let i = 0; i < saves; i += 1) {
    const path = files[i % files.length] ?? '';
    stage.put({ [path]: path.endsWith('.json') ? `{"hello":"hello ${i}"}\n` : `export const n = ${i};\n` });
    await sleep(60);
    if (i === Math.floor(saves / 2)) {
      await watch.stop();
      watch = await watching(stage, t);
    }
  }
  await settled(stage);
  await watch.stop();
  const { sets } = await listChangeSets(stage.state);
  const open = sets.filter(({ state }) => state.status === 'open');
  const byHook = new Map(open.map((set) => [set.run.hook?.split('#')[1] ?? '', set.files.map(({ path }) => path)]));
  assert.equal(open.length, 3, JSON.stringify([...byHook]));
  assert.deepEqual(byHook.get('test-generator'), ['src/a.test.ts', 'src/b.test.ts', 'src/c.test.ts']);
  assert.deepEqual(byHook.get('docs-updater'), ['docs/src-a.ts.md', 'docs/src-b.ts.md', 'docs/src-c.ts.md']);
  assert.deepEqual(byHook.get('translation-sync'), ['locales/de.json']);
  const translated = open.find(({ run }) => run.hook?.includes('translation'));
  const blob = await loadBlob(stage.state, translated?.id ?? '', translated?.files[0]?.after ?? '');
  assert.equal(Buffer.from(blob).toString(), '{"hello":"hallo"}\n');
  assert.equal(stage.text('src/a.test.ts'), undefined);
  assert.equal(stage.text('locales/de.json'), '{}\n');
  assert.deepEqual((await openQueue(stage.state.hooks)).waiting(), []);
});

function landing(name: string, matcher: string, write: string[]): { file: string; grant: object } {
  const file = JSON.stringify({
    version: 'v1',
    hooks: [{ name, trigger: 'PostFileSave', matcher, action: { type: 'agent', prompt: `JOB-${name}` } }],
  });
  const hash = parseHookFile(`.kiro/hooks/${name}.json`, file).hooks[0]?.hash;
  return { file, grant: { name, hash, write, land: 'apply' } };
}

test('a hook that rewrites its own trigger, and two that rewrite each other’s, settle', {
  timeout: 120_000,
}, async (t) => {
  let round = 0;
  const model = await startScriptedModel({
    steps: (request) => {
      if (request.results.length > 0) return { text: 'done' };
      round += 1;
      const target = request.body.includes('JOB-self')
        ? 'notes/self.md'
        : request.body.includes('JOB-ping')
          ? 'notes/pong.md'
          : 'notes/ping.md';
      return { tool: 'write', arguments: { path: target, content: `round ${round}\n` } };
    },
  });
  const made = [
    landing('self', 'self\\.md$', ['notes/**']),
    landing('ping', 'ping\\.md$', ['notes/**']),
    landing('pong', 'pong\\.md$', ['notes/**']),
  ];
  const stage = makeHookStage(
    {
      '.kiro/hooks/self.json': made[0]!.file,
      '.kiro/hooks/ping.json': made[1]!.file,
      '.kiro/hooks/pong.json': made[2]!.file,
      '.ambit/policy.yaml': stringify({ hooks: made.map(({ grant }) => grant) }),
      'notes/self.md': 'a\n',
      'notes/ping.md': 'a\n',
      'notes/pong.md': 'a\n',
    },
    model.url,
  );
  t.after(async () => {
    stage.close();
    await model.close();
  });
  await stage.acceptAll();
  const watch = await watching(stage, t);
  stage.put({ 'notes/self.md': 'by a human\n' });
  await settled(stage);
  stage.put({ 'notes/ping.md': 'by a human\n' });
  await settled(stage);
  await watch.stop();
  const runs = (await openLedger(stage.state.hooks)).lines().map(({ hook }) => hook.split('#')[1]);
  assert.deepEqual(runs, ['self', 'ping']);
  assert.match(stage.text('notes/self.md') ?? '', /^round/);
  assert.match(stage.text('notes/pong.md') ?? '', /^round/);
});
