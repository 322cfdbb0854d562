// The line through the whole product, as processes: an approved task is carried out by a scripted model, its work tested in
// the sandbox, applied, the box ticked, the log whole.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { cli } from '../support/cli.ts';
import { type Script, startScriptedModel } from '../support/scripted-model.ts';
import { makeSpecStage, type PlannedTask, project, type SpecStage, specFiles } from '../support/spec-stage.ts';

const sumTask: PlannedTask = {
  id: '1',
  title: 'Add the sum module with its test',
  scope: 'src/sum.js, test/sum.test.js',
  requirements: '1.1',
};
const sum = 'export const sum = (a, b) => a + b;\n';
const sumTest =
  "import assert from 'node:assert/strict';\nimport { test } from 'node:test';\nimport { sum } from '../src/sum.js';\n\ntest('sums/1.1 two numbers give their sum', () => assert.equal(sum(2, 3), 5));\n";

const write = (path: string, content: string) => ({ tool: 'write', arguments: { path, content } });
const goodSteps: Script['steps'] = [
  write('src/sum.js', sum),
  write('test/sum.test.js', sumTest),
  { tool: 'bash', arguments: { command: 'npm test' } },
  { text: 'The module and its test are there; all tests pass.' },
];

async function stageWith(
  t: TestContext,
  steps: Script['steps'],
  tasks: readonly PlannedTask[] = [sumTask],
): Promise<SpecStage> {
  const model = await startScriptedModel({ steps });
  const stage = makeSpecStage({ ...project, ...specFiles('sums', tasks) }, model.url);
  t.after(async () => {
    stage.close();
    await model.close();
  });
  await stage.approve('sums');
  return stage;
}

test('an approved task ends applied, tested in the sandbox, ticked; the log verifies, and one flipped byte is named', async (t) => {
  const stage = await stageWith(t, goodSteps);
  const run = await stage.run(['run', 'sums', '--autopilot']);
  assert.equal(run.code, 0, `${run.out}\n${run.err}`);
  assert.equal(stage.text('src/sum.js'), sum);
  assert.equal(stage.text('test/sum.test.js'), sumTest);
  assert.match(stage.text('.kiro/specs/sums/tasks.md') ?? '', /- \[x\] 1\. Add the sum module/);
  const shown = await stage.run(['review', 'list', '--all', '--json']);
  const [set] = JSON.parse(shown.out).changeSets;
  assert.equal(set.state.status, 'applied');
  assert.deepEqual(set.flags, []);
  assert.equal(set.checks.find((check: { name: string }) => check.name === 'tests')?.status, 'passed');
  const whole = await stage.run(['log', 'verify']);
  assert.equal(whole.code, 0, whole.out + whole.err);
  const again = await stage.run(['run', 'sums', '--autopilot']);
  assert.equal(again.code, 0);
  assert.match(again.out, /nothing to do/);

  const segment = join(stage.state.audit, readdirSync(stage.state.audit).find((name) => name.endsWith('.jsonl'))!);
  const bytes = readFileSync(segment);
  const lines = bytes.toString('latin1').split('\n');
  const start = lines.slice(0, 4).join('\n').length + 1;
  const at = bytes.indexOf('"intent"', start) + 2;
  bytes[at] = bytes[at]! ^ 1;
  writeFileSync(segment, bytes);
  const record = JSON.parse(lines[bytes.subarray(0, at).toString('latin1').split('\n').length - 1]!) as {
    sequence: number;
  };
  const verify = await stage.run(['log', 'verify']);
  assert.equal(verify.code, 1, verify.out);
  assert.match(`${verify.out}${verify.err}`, new RegExp(`\\b${record.sequence}\\b`));
});

test('without autopilot nothing lands: the change set waits, review applies it with the tick, undo takes both back', async (t) => {
  const stage = await stageWith(t, goodSteps);
  const before = stage.text('.kiro/specs/sums/tasks.md');
  const run = await stage.run(['run', 'sums', '1']);
  assert.equal(run.code, 4, `${run.out}\n${run.err}`);
  assert.equal(stage.text('src/sum.js'), undefined);
  assert.equal(stage.text('.kiro/specs/sums/tasks.md'), before);
  const shown = await stage.run(['review', 'show']);
  assert.match(shown.out, /\+export const sum = \(a, b\) => a \+ b;/);
  const applied = await stage.run(['review', 'apply', '--yes']);
  assert.equal(applied.code, 0, applied.err);
  assert.equal(stage.text('src/sum.js'), sum);
  assert.match(stage.text('.kiro/specs/sums/tasks.md') ?? '', /- \[x\] 1\./);
  const undone = await stage.run(['undo']);
  assert.equal(undone.code, 0, undone.err);
  assert.equal(stage.text('src/sum.js'), undefined);
  assert.equal(stage.text('.kiro/specs/sums/tasks.md'), before);
});

test('a write outside the scope is denied by rule, has no effect, and the run goes on', async (t) => {
  const outside = [
    write('src/elsewhere.js', 'export const stolen = 1;\n'),
    write('.kiro/specs/sums/tasks.md', '- [x] 1. Done, trust me\n'),
    { tool: 'bash', arguments: { command: 'echo x > src/by-command.js' } },
    ...(goodSteps as []),
  ];
  const stage = await stageWith(t, outside);
  const run = await stage.run(['run', 'sums', '--autopilot', '--json']);
  assert.equal(run.code, 3, `${run.out}\n${run.err}`);
  assert.equal(existsSync(join(stage.workspace, 'src/elsewhere.js')), false);
  assert.equal(existsSync(join(stage.workspace, 'src/by-command.js')), false);
  assert.match(stage.text('.kiro/specs/sums/tasks.md') ?? '', /- \[ \] 1\. Add the sum module/);
  const events = run.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const denied = events.filter((event) => event.type === 'action.finished' && event.status === 'denied');
  assert.ok(denied.length >= 2);
  assert.ok(denied.every((event) => typeof event.rule === 'string' && event.text.includes(event.rule)));
  const last = events.at(-1);
  assert.equal(last.type, 'spec.finished');
  assert.equal(last.tasks[0].status, 'waiting', 'it went on to its end and waits for a person');
  const set = JSON.parse((await stage.run(['review', 'show', '--json'])).out).changeSet;
  assert.ok(set.flags.some((flag: { code: string }) => flag.code === 'denied-action'));
  assert.ok(set.files.some((file: { path: string }) => file.path === 'src/sum.js'));
  const apply = await stage.run(['review', 'apply', '--yes']);
  assert.equal(apply.code, 4, 'a flagged change set needs a person at a terminal');
  assert.equal(stage.text('src/sum.js'), undefined);
});

test('a spec that is not approved, or changed after approval, is refused before anything starts', async (t) => {
  const model = await startScriptedModel({ steps: goodSteps });
  const stage = makeSpecStage({ ...project, ...specFiles('sums', [sumTask]) }, model.url);
  t.after(async () => {
    stage.close();
    await model.close();
  });
  const pending = await stage.run(['run', 'sums', '--autopilot']);
  assert.equal(pending.code, 2);
  assert.match(pending.err, /not approved/);
  await stage.approve('sums');
  stage.put({ '.kiro/specs/sums/tasks.md': stage.text('.kiro/specs/sums/tasks.md')!.replace('src/sum.js', 'src/**') });
  const stale = await stage.run(['run', 'sums', '--autopilot']);
  assert.equal(stale.code, 2);
  assert.match(stale.err, /changed after it was approved/);
  assert.equal(model.requests.length, 0);
  assert.equal(stage.text('src/sum.js'), undefined);
});

test('SECURITY: a text that was approved once is not approved again by bringing it back, nor by another name', async (t) => {
  const model = await startScriptedModel({ steps: goodSteps });
  const stage = makeSpecStage({ ...project, ...specFiles('sums', [sumTask]) }, model.url);
  t.after(async () => {
    stage.close();
    await model.close();
  });
  const wide = stage.text('.kiro/specs/sums/tasks.md')!;
  await stage.approve('sums');
  stage.put({ '.kiro/specs/sums/tasks.md': wide.replace('src/sum.js', 'docs/sum.md') });
  await stage.approve('sums');
  stage.put({ '.kiro/specs/sums/tasks.md': wide });
  const replayed = await stage.run(['run', 'sums', '--autopilot']);
  assert.equal(replayed.code, 2);
  assert.match(replayed.err, /changed after it was approved/);
  stage.put(specFiles('other', [sumTask]));
  const borrowed = await stage.run(['run', 'other', '--autopilot']);
  assert.equal(borrowed.code, 2);
  assert.match(borrowed.err, /not approved/);
  assert.equal(model.requests.length, 0);
  assert.equal(stage.text('src/sum.js'), undefined);
  await stage.approve('sums');
  assert.equal((await stage.run(['run', 'sums', '--autopilot'])).code, 0);
  assert.notEqual(stage.text('src/sum.js'), undefined, 'approved again, it runs');
});

const noTerminal =
  spawnSync('script', ['--version']).status === 0 ? false : 'the program script, which makes a terminal, is not here';

test('at a terminal the change is shown and asked about, a question of the policy too', {
  skip: noTerminal,
}, async (t) => {
  const stage = await stageWith(
    t,
    [write('src/middleware/auth.js', 'export const a = 1;\n'), ...(goodSteps as [])],
    [{ ...sumTask, scope: 'src/**, test/**' }],
  );
  const child = spawn('script', ['-qec', `'${process.execPath}' '${cli}' run sums`, '/dev/null'], {
    cwd: stage.workspace,
    env: stage.env,
    stdio: 'pipe',
  });
  let seen = '';
  let from = 0;
  const answer = (question: RegExp, text: string) => {
    const found = question.exec(seen.slice(from));
    if (!found) return false;
    from += found.index + found[0].length;
    child.stdin.write(text);
    return true;
  };
  const script: [RegExp, string][] = [
    [/\[y allow once.*\] /, 'n\r'],
    [/Type yes: /, 'yes\r'],
  ];
  child.stdout.on('data', (chunk: Buffer) => {
    seen += chunk;
    const [next] = script;
    if (next && answer(...next)) script.shift();
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  assert.deepEqual(script, [], seen);
  assert.equal(code, 0, seen);
  assert.match(seen, /guarded\.auth|guarded\.middleware/);
  assert.match(seen, /\+export const sum/);
  assert.equal(stage.text('src/middleware/auth.js'), undefined, 'the person said no');
  assert.equal(stage.text('src/sum.js'), sum);
  assert.match(stage.text('.kiro/specs/sums/tasks.md') ?? '', /- \[x\] 1\./);
});
