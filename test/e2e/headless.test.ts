import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { event } from '../../packages/core/src/schema/index.ts';
import { onStage } from '../support/ambit.ts';
import type { Step } from '../support/scripted-model.ts';

const makeB: Step[] = [
  { tool: 'write', arguments: { path: 'src/b.js', content: 'export const b = 2;\n' } },
  { text: 'made b' },
];

test('without --autopilot a change waits: exit 4, nothing in the workspace; applied by review', () =>
  onStage(makeB, async ({ run, has, model }) => {
    const { code, out, err } = await run(['-p', 'make b']);
    assert.deepEqual([code, out], [4, 'made b\n']);
    assert.equal(has('src/b.js'), false);
    const id = /ambit review apply (\S+)/.exec(err)?.[1] ?? '';
    assert.ok(id !== '' && err.includes('created  src/b.js'));
    const first = model.requests[0]?.body.length ?? 0;
    assert.ok(first > 0 && first <= 8_192, `the first request has ${first} bytes`);
  }));

test('--autopilot applies what is inside the ambit and carries no flag: exit 0', () =>
  onStage(makeB, async ({ run, text }) => {
    const { code } = await run(['-p', 'make b', '--autopilot', '-q']);
    assert.equal(code, 0);
    assert.equal(text('src/b.js'), 'export const b = 2;\n');
  }));

test('--autopilot does not apply a change of a guarded file, and says why', () =>
  onStage(
    [{ tool: 'write', arguments: { path: '.github/workflows/ci.yml', content: 'on: push\n' } }, { text: 'tried' }],
    async ({ run, has }) => {
      const { code } = await run(['-p', 'change ci', '--autopilot']);
      assert.ok(code === 3 || code === 4, `exit ${code}`);
      assert.equal(has('.github/workflows/ci.yml'), false);
    },
  ));

test('SECURITY: what a rule forbids does not happen, the run goes on, exit 3, the rule is named', () =>
  onStage(
    [{ tool: 'write', arguments: { path: '../out.txt', content: 'x' } }, ...makeB],
    async ({ run, has, model }) => {
      const { code, err } = await run(['-p', 'go', '--autopilot']);
      assert.equal(code, 3);
      assert.equal(has('../out.txt'), false);
      assert.match(err, /denied by path\.outside/);
      assert.match(model.toolResults()[0] ?? '', /path\.outside/);
    },
  ));

test('--json is one event a line, each of the documented shape, the last one the verdict', () =>
  onStage([{ text: 'hello' }], async ({ run }) => {
    const { code, out } = await run(['-p', 'say hello', '--json']);
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    for (const line of lines) assert.equal(event.safeParse(line).success, true, JSON.stringify(line));
    assert.deepEqual(
      lines.map((line) => line['type']),
      ['run.started', 'turn.started', 'text.delta', 'message.finished', 'turn.finished', 'run.finished'],
    );
    assert.deepEqual([code, lines.at(-1)?.['exitCode'], lines.at(-1)?.['status']], [0, 0, 'done']);
  }));

test('a prompt from standard input, and one of a megabyte', () =>
  onStage([{ text: 'read it' }, { text: 'both' }], async ({ run, model }) => {
    const long = `begin ${'word '.repeat(200_000)}end`;
    assert.equal((await run(['-p', '-'], { stdin: long })).code, 0);
    assert.ok(model.requests[0]?.prompts[0]?.endsWith('word end'));
    assert.equal((await run(['-p', 'explain this:'], { stdin: 'the log' })).code, 0);
    assert.equal(model.requests[1]?.prompts[0], 'explain this:\n\nthe log');
    const nothing = await run(['-p', ''], { stdin: '' });
    assert.deepEqual([nothing.code, /there is no prompt/.test(nothing.err)], [2, true]);
  }));

test('a model that fails is exit 5 with what to do; the session is resumed', () =>
  onStage([{ fault: 'access' }, { text: 'back again' }], async ({ run, model }) => {
    const failed = await run(['-p', 'the port is 8472']);
    assert.equal(failed.code, 5);
    assert.match(failed.err, /401[\s\S]*ambit resume/);
    const resumed = await run(['resume', '-p', 'go on']);
    assert.deepEqual([resumed.code, resumed.out], [0, 'back again\n']);
    assert.deepEqual(model.requests[1]?.prompts, ['the port is 8472', 'go on']);
  }));

test('Ctrl-C ends a hanging model at once with 130, and what was changed is still there when resumed', () =>
  onStage([makeB[0] as Step, { fault: 'hang' }, { text: 'all done' }], async ({ run, model, text }) => {
    const stopped = await run(['-p', 'make b'], { interruptWhen: () => model.requests.length >= 2 });
    assert.equal(stopped.code, 130);
    const resumed = await run(['resume', '-p', 'go on', '--autopilot']);
    assert.equal(resumed.code, 0);
    assert.equal(text('src/b.js'), 'export const b = 2;\n');
  }));

test('--max-turns ends a run that would go on: exit 1, with its change set kept', () =>
  onStage(
    { steps: (_request, i) => ({ tool: 'write', arguments: { path: `f${i}.txt`, content: `${i}\n` } }) },
    async ({ run, has }) => {
      const { code, err } = await run(['-p', 'go', '--max-turns', '3', '--autopilot']);
      assert.equal(code, 1);
      assert.match(err, /3 turns/);
      assert.equal(has('f0.txt'), false);
      assert.match(err, /created {2}f2\.txt/);
    },
  ));

test('--output-schema gives JSON of the schema on standard output', () =>
  onStage(
    { steps: ({ tools }) => (tools.length > 0 ? { text: 'counted' } : { text: '{"files": 3}' }) },
    async ({ run }) => {
      const { code, out } = await run(['-p', 'count', '--output-schema', 'schema.json', '-q']);
      assert.deepEqual([code, out], [0, '{"files":3}\n']);
    },
    { 'schema.json': '{"type":"object","properties":{"files":{"type":"integer"}},"required":["files"]}' },
  ));

test('wrong options and a missing model say what to do', () =>
  onStage([], async ({ run, env }) => {
    const wrong = await run(['-p', 'x', '--effort', 'extreme']);
    assert.deepEqual([wrong.code, /one of: none, low, medium, high/.test(wrong.err)], [2, true]);
    delete env['AMBIT_MODEL'];
    delete env['OPENAI_API_KEY'];
    const without = await run(['-p', 'x']);
    if (without.code !== 0) assert.deepEqual([without.code, /no model is set up/.test(without.err)], [5, true]);
  }));

test('a command runs in the sandbox: it sees the workspace, not the home, not the network, not our variables', () =>
  onStage(
    [{ tool: 'bash', arguments: { command: 'cat README.md; echo made > made.txt; ls /home; env' } }, { text: 'ran' }],
    async ({ run, model, text, home }) => {
      const { code } = await run(['-p', 'run it', '--autopilot']);
      const [result = ''] = model.toolResults();
      if (/no sandbox|denied/.test(result)) return;
      assert.equal(code, 0);
      assert.match(result, /# demo/);
      assert.equal(text('made.txt'), 'made\n');
      assert.ok(!result.includes(home) && !result.includes('OPENAI_API_KEY'));
    },
  ));

test('below the workspace’s root the model is told where the person stands, and paths stay those of the workspace', () =>
  onStage(
    [{ tool: 'write', arguments: { path: 'packages/one/b.js', content: 'x\n' } }, { text: 'made b' }],
    async ({ run, model, text }) => {
      assert.equal((await run(['-p', 'make b', '--autopilot'], { folder: 'packages/one' })).code, 0);
      assert.match(model.requests[0]?.body ?? '', /the person stands in packages\/one/);
      assert.equal(text('packages/one/b.js'), 'x\n');
      await run(['-p', 'hello']);
      assert.doesNotMatch(model.requests.at(-1)?.body ?? '', /the person stands/);
    },
    { 'packages/one/package.json': '{}' },
  ));

test('limits are checked before anything is opened, for every command that asks a model; a resumed job has them too', () =>
  onStage(
    { steps: (_request, i) => ({ tool: 'write', arguments: { path: `f${i}.txt`, content: `${i}\n` } }) },
    async ({ run, model }) => {
      for (const command of [
        ['-p', 'x'],
        ['resume', '-p', 'x'],
        ['run', 'login'],
      ])
        for (const [name, value, hint] of [
          ['effort', 'extreme', /one of: none, low, medium, high/],
          ['max-turns', '1.5', /whole number/],
          ['budget', '-1', /positive number of dollars/],
        ] as const) {
          if (command[0] === 'resume' && model.requests.length === 0) await run(['-p', 'x', '--max-turns', '1']);
          const asked = model.requests.length;
          const { code, err } = await run([...command, `--${name}=${value}`]);
          assert.deepEqual(
            [code, hint.test(err), model.requests.length],
            [2, true, asked],
            `${command[0]} ${name}: ${err}`,
          );
        }
      const resumed = await run(['resume', '-p', 'go on', '--max-turns', '2']);
      assert.deepEqual([resumed.code, /2 turns/.test(resumed.err)], [1, true]);
    },
  ));

test('--budget ends a run where the price is known, each step says its cost; without a price it is refused', () =>
  onStage(
    { steps: (_request, i) => ({ tool: 'write', arguments: { path: `f${i}.txt`, content: `${i}\n` } }) },
    async ({ run, model, home, env }) => {
      const without = await run(['-p', 'go', '--budget', '1']);
      assert.deepEqual(
        [without.code, /price of `openai-compatible\/scripted` is not known/.test(without.err)],
        [2, true],
      );
      assert.equal(model.requests.length, 0);
      mkdirSync(join(home, '.config/ambit'), { recursive: true });
      const gateway = `{ kind: openai-compatible, url: '${env['OPENAI_BASE_URL']}', price: { input: 10, output: 100 } }`;
      writeFileSync(join(home, '.config/ambit/models.yaml'), `providers:\n  gateway: ${gateway}\n`);
      // A step costs 100 × $10 and 10 × $100 a million: $0.002.
      const { code, out } = await run(['-p', 'go', '--budget', '0.005', '--model', 'gateway/scripted', '--json']);
      const events = out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { type: string; status?: string; usage?: { dollars?: number } });
      const costs = events.filter(({ type }) => type === 'turn.finished').map(({ usage }) => usage?.dollars);
      assert.deepEqual(costs, [0.002, 0.002, 0.002]);
      const last = events.at(-1);
      assert.deepEqual([code, last?.status, last?.usage?.dollars], [1, 'budget', 0.006]);
    },
  ));
