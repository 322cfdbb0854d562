// A session that was killed in the middle goes on with everything that was said and done.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { onStage } from '../support/ambit.ts';
import { cli } from '../support/cli.ts';

test('kill -9 between two steps: resumed with the first step’s file and words; a prompt of it can be gone back from', () =>
  onStage(
    {
      steps: (request, index) => {
        if (index === 0) return { tool: 'write', arguments: { path: 'one.txt', content: '1\n' } };
        if (index === 1) return { fault: 'hang' };
        if (request.results.length < 2) return { tool: 'read', arguments: { path: 'one.txt' } };
        return { text: 'it is all there' };
      },
    },
    async ({ run, env, workspace, model, has }) => {
      const child = spawn(process.execPath, [cli, '-p', 'the port is 8472'], { cwd: workspace, env, stdio: 'ignore' });
      const gone = new Promise((resolve) => child.on('close', resolve));
      while (model.requests.length < 2) await new Promise((resolve) => setTimeout(resolve, 25));
      child.kill('SIGKILL');
      await gone;
      const resumed = await run(['resume', '-p', 'go on']);
      assert.equal(resumed.code, 4, resumed.err);
      assert.match(resumed.out, /it is all there/);
      const last = model.requests.at(-1);
      assert.ok(last?.prompts.join('\n').includes('the port is 8472'));
      assert.equal(model.toolResults().at(-1), '1');
      assert.equal(has('one.txt'), false);

      const { turns } = JSON.parse((await run(['undo', '--list', '--json'])).out);
      assert.deepEqual(
        turns.map(({ prompt, pending }: { prompt: string; pending: number }) => [prompt, pending]),
        [
          ['the port is 8472', 0],
          ['go on', 1],
        ],
      );
      const back = await run(['undo', turns[0].id]);
      assert.equal(back.code, 0, back.err);
      assert.match(back.out, /back to before "the port is 8472"; to go on from there: ambit resume/);
      assert.match(back.out, /its change set still waits: ambit review reject \S+/);
      const listed = JSON.parse((await run(['resume', '--list', '--json'])).out);
      const after = JSON.parse((await run(['resume', listed.sessions[0].id, '--turns', '--json'])).out);
      assert.deepEqual(after.turns, []);
      const unknown = await run(['undo', 'ffffffffffff']);
      assert.equal(unknown.code, 2);
      assert.match(unknown.err, /there is no checkpoint/);
    },
  ));

test('what was applied on autopilot is gone back from too, by task or prompt; an own edit in the way changes nothing', () =>
  onStage(
    [
      { tool: 'write', arguments: { path: 'one.txt', content: '1\n' } },
      { text: 'made' },
      { tool: 'edit', arguments: { path: 'one.txt', old: '1', new: '2' } },
      { text: 'edited' },
    ],
    async ({ run, text, has, workspace }) => {
      const { writeFileSync } = await import('node:fs');
      assert.equal((await run(['-p', 'make one', '--autopilot'])).code, 0);
      assert.equal((await run(['resume', '-p', 'edit one', '--autopilot'])).code, 0);
      assert.equal(text('one.txt'), '2\n');
      const { turns } = JSON.parse((await run(['undo', '--list', '--json'])).out);
      const [make, edit] = turns;
      assert.deepEqual([make.prompt, edit.prompt], ['make one', 'edit one']);
      writeFileSync(join(workspace, 'one.txt'), 'mine\n');
      const refused = await run(['undo', edit.id]);
      assert.equal(refused.code, 1);
      assert.match(refused.err, /conflict: "one\.txt"/);
      assert.equal(text('one.txt'), 'mine\n');
      writeFileSync(join(workspace, 'one.txt'), '2\n');
      assert.match((await run(['undo', edit.id])).out, /one\.txt/);
      assert.equal(text('one.txt'), '1\n');
      assert.equal((await run(['undo', make.id])).code, 0);
      assert.equal(has('one.txt'), false);
    },
  ));
