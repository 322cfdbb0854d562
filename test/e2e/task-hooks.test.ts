// Task hooks in `ambit run`: one that fails keeps its task from starting, one that passes lets it; both get the task.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { openLedger } from '@ambit/engine/hooks';
import { startScriptedModel } from '../support/scripted-model.ts';
import { makeSpecStage, project, specFiles } from '../support/spec-stage.ts';

async function runWith(t: TestContext, command: string) {
  const model = await startScriptedModel({
    steps: [{ tool: 'write', arguments: { path: 'src/new.js', content: 'export const x = 1;\n' } }, { text: 'done' }],
  });
  const hooks = [
    { name: 'before', trigger: 'PreTaskExec', action: { type: 'command', command } },
    { name: 'after', trigger: 'PostTaskExec', action: { type: 'command', command: 'cat' } },
  ];
  const stage = makeSpecStage(
    {
      ...project,
      ...specFiles('plan', [{ id: '1', title: 'Add a constant', scope: 'src/new.js' }]),
      '.kiro/hooks/task.json': JSON.stringify({ version: 'v1', hooks }),
    },
    model.url,
  );
  t.after(async () => {
    stage.close();
    await model.close();
  });
  await stage.acceptAll();
  await stage.approve('plan');
  const ran = await stage.run(['run', 'plan', '--rounds', '0']);
  const runs = (await openLedger(stage.state.hooks))
    .lines()
    .map(({ hook, status }) => `${hook.split('#')[1]} ${status}`);
  return { ran, runs, asked: model.requests.length, stage };
}

test('a task hook that fails keeps the task from starting: the model is never asked', async (t) => {
  const { ran, runs, asked, stage } = await runWith(t, 'echo "not on a Friday" >&2; exit 2');
  assert.equal(asked, 0);
  assert.deepEqual(runs, ['before blocked']);
  assert.match(`${ran.out}${ran.err}`, /not on a Friday/);
  assert.equal(stage.text('src/new.js'), undefined);
});

test('a task hook that passes lets the task run, and the one after it hears of it', async (t) => {
  const { asked, runs } = await runWith(t, 'grep -q \'"task_id":"1"\'');
  assert.ok(asked > 0);
  assert.deepEqual(runs, ['before done', 'after done']);
});
