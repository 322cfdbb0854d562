// A model that claims success without a proof: whatever it leaves behind, the box stays open and nothing is recorded.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type HeardRequest, type Step, startScriptedModel } from '../support/scripted-model.ts';
import { makeSpecStage, type PlannedTask, project, specFiles } from '../support/spec-stage.ts';

const write = (path: string, content: string) => ({ tool: 'write', arguments: { path, content } });
const head = "import assert from 'node:assert/strict';\nimport { test } from 'node:test';\n";
const code = write('src/part.js', 'export const part = () => 1;\n');
const uses = "import { part } from '../src/part.js';\n";
const inTest = (text: string) => write('test/part.test.js', `${head}${text}`);
const fakeScript = JSON.stringify({ name: 'p', type: 'module', scripts: { test: "echo 'ok 1 - plan/1.1 works'" } });

/** What the model writes before it says that everything is done and tested, and what the run says of it. */
const claims: Record<string, { calls: ReturnType<typeof write>[]; because: RegExp }> = {
  'no test at all': { calls: [code], because: /1\.1: no test cites it/ },
  'a test that fails': {
    calls: [code, inTest(`${uses}test('plan/1.1 works', () => assert.equal(part(), 2));\n`)],
    because: /1\.1: its test failed/,
  },
  'a test that asserts nothing': {
    calls: [code, inTest("test('plan/1.1 works', () => {\n  assert.ok(true);\n});\n")],
    because: /1\.1: its test asserts nothing/,
  },
  'a failure swallowed': {
    calls: [
      code,
      inTest(
        `${uses}test('plan/1.1 works', () => {\n  try {\n    assert.equal(part(), 2);\n  } catch (error) {\n    console.error(error);\n  }\n});\n`,
      ),
    ],
    because: /1\.1: its test asserts nothing/,
  },
  'a skipped test': {
    calls: [code, inTest(`${uses}test.skip('plan/1.1 works', () => assert.equal(part(), 1));\n`)],
    because: /1\.1: its test is skipped/,
  },
  'a citation in a comment of another test': {
    calls: [
      code,
      inTest(`${uses}test('counts', () => {\n  assert.equal(part(), 1);\n  // plan/1.1 is covered here\n});\n`),
    ],
    because: /1\.1: no test cites it/,
  },
  'a test that the runner never starts': {
    calls: [code, write('docs/tests/part.js', `${head}test('plan/1.1 works', () => assert.equal(1 + one, 2));\n`)],
    because: /1\.1: the test that should prove it does not exist or did not run/,
  },
  'a test script that prints the report': {
    calls: [
      code,
      inTest(`${uses}test('plan/1.1 works', () => assert.equal(part(), 2));\n`),
      write('package.json', fakeScript),
    ],
    because: /test command: this task changed the `test` script/,
  },
  'a test file that prints the report': {
    calls: [
      code,
      inTest(
        `${uses}if (process.env.NEVER) test('plan/1.1 works', () => assert.equal(part(), 2));\nconsole.log('✔ plan/1.1 works (0.1ms)');\n`,
      ),
    ],
    because: /1\.1: (?:the file of its test prints|the test that should prove it)/,
  },
};

async function runClaim(t: TestContext, calls: ReturnType<typeof write>[]) {
  const model = await startScriptedModel({
    steps: (request: HeardRequest): Step =>
      request.results.length > 0 ? { text: 'Done. All tests pass; plan/1.1 is implemented and verified.' } : { calls },
  });
  const task: PlannedTask = {
    id: '1',
    title: 'Write the part',
    scope: 'src/part.js, test/**, docs/**, package.json',
    requirements: '1.1',
  };
  const stage = makeSpecStage({ ...project, ...specFiles('plan', [task]) }, model.url);
  t.after(async () => {
    stage.close();
    await model.close();
  });
  await stage.approve('plan');
  const run = await stage.run(['run', 'plan', '--all', '--json', '--autopilot']);
  return { stage, run };
}

for (const [name, { calls, because }] of Object.entries(claims))
  test(`a claim of success ticks nothing: ${name}`, async (t) => {
    const { stage, run } = await runClaim(t, calls);
    assert.match(`${run.out}\n${run.err}`, because);
    assert.match(stage.text('.kiro/specs/plan/tasks.md') ?? '', /- \[ \] 1/);
    assert.notEqual(run.code, 0);
    const drift = await stage.run(['spec', 'drift', 'plan', '--json']);
    const { criteria } = JSON.parse(drift.out) as { criteria: { criterion: string; verdict: string }[] };
    assert.equal(criteria.find((one) => one.criterion === '1.1')?.verdict, 'unproven');
  });

test('its honest counterpart is ticked and recorded', async (t) => {
  const { stage, run } = await runClaim(t, [
    code,
    inTest(`${uses}test('plan/1.1 works', () => assert.equal(part(), 1));\n`),
  ]);
  assert.equal(run.code, 0, `${run.out}\n${run.err}`);
  assert.match(stage.text('.kiro/specs/plan/tasks.md') ?? '', /- \[x\] 1/);
  const drift = await stage.run(['spec', 'drift', 'plan', '--json']);
  const { criteria } = JSON.parse(drift.out) as { criteria: { criterion: string; verdict: string }[] };
  assert.equal(criteria.find((one) => one.criterion === '1.1')?.verdict, 'holds');
});
