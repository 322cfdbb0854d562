// Whole sessions as processes over each provider's wire, with every fault: the run survives it, or ends with exit code 5
// and a session that `ambit resume` carries on to its end.
import { strict as assert } from 'node:assert';
import { onStage, type Stage } from '../../test/support/ambit.ts';
import { providerEnvironments, scriptedKey } from '../../test/support/provider-environments.ts';
import { type HeardRequest, type Step, startScriptedModel } from '../../test/support/scripted-model.ts';
import { makeSpecStage, project, specFiles } from '../../test/support/spec-stage.ts';

export const providers = Object.keys(providerEnvironments);

const content = 'ä\n'.repeat(60);
const write: Step = { tool: 'write', arguments: { path: 'a.txt', content } };
const done: Step = { text: 'all done' };
/** As often as a request is tried. */
const always = (step: Step): Step[] => Array.from({ length: 5 }, () => step);

export interface FaultCase {
  steps: Step[];
  ends: 'survived' | 'model-failed';
  /** What the person is told, where the run ends. */
  told?: RegExp;
  /** Waits for real pauses between tries, so that continuous integration leaves it to the whole run. */
  slow?: boolean;
  /** The file is written before the fault. */
  afterWork?: boolean;
}

export const faults: Readonly<Record<string, FaultCase>> = {
  'no fault': { steps: [write, done], ends: 'survived' },
  'a stream cut once': { steps: [write, { fault: 'cut' }, done], ends: 'survived' },
  'a stream cut before the first call': { steps: [{ fault: 'cut' }, write, done], ends: 'survived' },
  '429 with retry-after': { steps: [write, { fault: 'rate-limit', retryAfterSeconds: 1 }, done], ends: 'survived' },
  'one 500': { steps: [write, { fault: 'server-error', retryAfterSeconds: 0 }, done], ends: 'survived' },
  'bad JSON once': { steps: [write, { fault: 'bad-json' }, done], ends: 'survived' },
  'a tool call in pieces': { steps: [{ ...write, pieces: 3 }, done], ends: 'survived' },
  'an empty answer': { steps: [write, { fault: 'empty' }, done], ends: 'survived' },
  'a refusal': { steps: [write, { fault: 'refusal' }], ends: 'model-failed', afterWork: true, told: /refused/ },
  'nothing but empty answers': {
    steps: [write, ...always({ fault: 'empty' }).slice(0, 3)],
    ends: 'model-failed',
    afterWork: true,
    told: /answers with nothing/,
  },
  'a lasting 500': {
    steps: [write, ...always({ fault: 'server-error', retryAfterSeconds: 0 })],
    ends: 'model-failed',
    afterWork: true,
    told: /unwell|500/,
  },
  'a lasting 429': {
    steps: [write, ...always({ fault: 'rate-limit', retryAfterSeconds: 0 })],
    ends: 'model-failed',
    afterWork: true,
    told: /too many requests|429/,
  },
  '429 that asks for an hour': {
    steps: [write, { fault: 'rate-limit', retryAfterSeconds: 3_600 }],
    ends: 'model-failed',
    afterWork: true,
    told: /too many requests|429/,
  },
  'a wrong key': { steps: [{ fault: 'access' }], ends: 'model-failed', told: /401|invalid key/ },
  'a stream cut for good': {
    steps: [write, ...always({ fault: 'cut' })],
    ends: 'model-failed',
    afterWork: true,
    slow: true,
  },
  'bad JSON for good': {
    steps: [write, ...always({ fault: 'bad-json' })],
    ends: 'model-failed',
    afterWork: true,
    slow: true,
  },
  'a 500 without retry-after for good': {
    steps: [write, ...always({ fault: 'server-error' })],
    ends: 'model-failed',
    afterWork: true,
    slow: true,
    told: /unwell|500/,
  },
};

async function goOn({ run, model, text }: Stage, said: string, fault: FaultCase): Promise<void> {
  const [, id] = /to go on: ambit resume (\S+)/.exec(said) ?? [];
  assert.ok(id, `no way to go on is shown: ${said}`);
  const resumed = await run(['resume', id, '-p', 'go on', '--autopilot']);
  assert.equal(resumed.code, 0, resumed.err);
  assert.match(resumed.out, /all done/);
  assert.equal(text('a.txt'), content);
  const heard = model.requests.at(-1);
  assert.ok(heard?.prompts.join('\n').includes('the port is 4711'), 'what was said before the fault is known after it');
  if (fault.afterWork) assert.notEqual(heard?.results.length, 0, 'what was done before the fault is known after it');
}

/** One session, and its continuation where the fault ended it; throws what did not hold. */
export async function survive(provider: string, name: string): Promise<void> {
  const fault = faults[name];
  const environment = providerEnvironments[provider];
  if (!fault || !environment) throw new Error(`there is no ${provider} or no ${name}`);
  const after = fault.afterWork ? [done] : [write, done];
  await onStage(fault.ends === 'survived' ? fault.steps : [...fault.steps, ...after], async (stage) => {
    const { env, model, run, text } = stage;
    for (const variable of ['OPENAI_BASE_URL', 'OPENAI_API_KEY']) delete env[variable];
    Object.assign(env, environment(model.url), { AMBIT_MODEL: `${provider}/scripted` });
    const { code, out, err } = await run(['-p', 'the port is 4711; write a.txt', '--autopilot']);
    assert.ok(!`${out}${err}`.includes(scriptedKey), 'a key was shown');
    assert.deepEqual(model.unknown, []);
    assert.equal(code, fault.ends === 'survived' ? 0 : 5, err);
    if (fault.ends === 'survived') {
      assert.match(out, /all done/);
      assert.equal(text('a.txt'), content);
      return;
    }
    assert.match(err, fault.told ?? /the model failed/);
    assert.equal(text('a.txt'), '', 'half a job is not applied');
    await goOn(stage, err, fault);
  });
}

const testOf = (id: string) =>
  `import assert from 'node:assert/strict';\nimport { test } from 'node:test';\nimport { part } from '../src/part${id}.js';\n\ntest('sums ${id}', () => assert.equal(part, ${id}));\n`;

/** A plan of two tasks whose model fails for good in the second: exit 5, and the same command finishes it. */
export async function survivePlan(provider: string): Promise<void> {
  const environment = providerEnvironments[provider];
  if (!environment) throw new Error(`there is no ${provider}`);
  let down = true;
  const steps = ({ body, results }: HeardRequest): Step => {
    const id = /Spec sums, task (\d+):/.exec(body)?.[1] ?? '0';
    if (down && id === '2' && results.length > 0) return { fault: 'server-error', retryAfterSeconds: 0 };
    if (results.length > 0) return { text: `part ${id} is there` };
    return {
      calls: [
        { tool: 'write', arguments: { path: `src/part${id}.js`, content: `export const part = ${id};\n` } },
        { tool: 'write', arguments: { path: `test/part${id}.test.js`, content: testOf(id) } },
      ],
    };
  };
  const model = await startScriptedModel({ steps });
  const tasks = ['1', '2'].map((id) => ({
    id,
    title: `Write part ${id}`,
    scope: `src/part${id}.js, test/part${id}.test.js`,
    ...(id === '2' ? { depends: '1' } : {}),
  }));
  const stage = makeSpecStage({ ...project, ...specFiles('sums', tasks) }, model.url);
  try {
    for (const variable of ['OPENAI_BASE_URL', 'OPENAI_API_KEY']) delete stage.env[variable];
    Object.assign(stage.env, environment(model.url), { AMBIT_MODEL: `${provider}/scripted` });
    await stage.approve('sums');
    const failed = await stage.run(['run', 'sums', '--all', '--autopilot']);
    assert.equal(failed.code, 5, failed.err);
    assert.match(failed.err, /the run ended early: .*\(?(?:unwell|500)[\s\S]*the same command goes on/);
    assert.equal(stage.text('src/part2.js'), undefined);
    down = false;
    const before = model.requests.length;
    const again = await stage.run(['run', 'sums', '--all', '--autopilot']);
    assert.equal(again.code, 0, `${again.out}${again.err}`);
    assert.equal(stage.text('src/part2.js'), 'export const part = 2;\n');
    assert.match(stage.text('.kiro/specs/sums/tasks.md') ?? '', /- \[x\] 1\.[\s\S]*- \[x\] 2\./);
    const asked = model.requests.slice(before).map(({ body }) => body);
    assert.ok(!asked.some((body) => body.includes('Spec sums, task 1:')), 'what was done is not done again');
  } finally {
    stage.close();
    await model.close();
  }
}
