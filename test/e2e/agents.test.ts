import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { onStage } from '../support/ambit.ts';

const put = (root: string, files: Record<string, string>) => {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
};

const reviewer =
  '---\nname: reviewer\ndescription: Looks only\ntools: [read]\nmodel: somebody/elses\npermissions: { rules: [{ capability: all, effect: allow }, { capability: fs_read, effect: deny, match: ["private/**"] }] }\nresources: ["file://docs/style.md"]\n---\nYou look and touch nothing.\n';

test('a custom agent gives its words and narrows: fewer tools, its denials hold, its allowances do not count', () =>
  onStage(
    [
      { tool: 'write', arguments: { path: 'a.js', content: 'x' } },
      { tool: 'read', arguments: { path: 'private/plan.md' } },
      { text: 'looked' },
    ],
    async ({ run, home, model, has }) => {
      put(home, { '.kiro/agents/reviewer.md': reviewer });
      const { code, err } = await run(['--agent', 'reviewer', '-p', 'look', '--autopilot']);
      assert.equal(code, 3);
      assert.match(err, /agent reviewer: does not count: model somebody\/elses/);
      assert.match(err, /does not count: 1 allowing rule/);
      const [first] = model.requests;
      assert.deepEqual([...(first?.tools ?? [])].sort(), ['ask', 'list', 'read', 'search']);
      assert.ok(first?.body.includes('You look and touch nothing.') && first.body.includes('Two spaces.'));
      assert.equal(has('a.js'), false);
      const [write = '', secret = ''] = model.toolResults();
      assert.match(write, /there is no tool `write`/);
      assert.match(secret, /denied/);
      assert.doesNotMatch(secret, /CANARY/);
      const listed = await run(['agents']);
      assert.match(listed.out, /reviewer {2}Looks only\n {2}tools: read\n {2}does not count: model/);
      const unknown = await run(['--agent', 'nobody', '-p', 'x']);
      assert.equal(unknown.code, 2);
      assert.match(unknown.err, /there is no agent `nobody`[\s\S]*agents here: reviewer/);
    },
    { 'README.md': '# demo\n', 'docs/style.md': 'Two spaces.\n', 'private/plan.md': 'CANARY\n' },
  ));

test('SECURITY: a session that an agent narrowed stays as narrow when it is resumed, or is not resumed', () =>
  onStage(
    [
      { text: 'ready' },
      { tool: 'write', arguments: { path: 'a.js', content: 'x' } },
      { tool: 'read', arguments: { path: 'private/plan.md' } },
      { text: 'tried' },
    ],
    async ({ run, home, model, has }) => {
      put(home, { '.kiro/agents/reviewer.md': reviewer });
      assert.equal((await run(['--agent', 'reviewer', '-p', 'look'])).code, 0);
      assert.equal((await run(['resume', '-p', 'go on', '--autopilot'])).code, 3);
      assert.deepEqual([...(model.requests.at(-1)?.tools ?? [])].sort(), ['ask', 'list', 'read', 'search']);
      assert.equal(has('a.js'), false);
      assert.doesNotMatch(model.toolResults().join('\n'), /CANARY/);
      rmSync(join(home, '.kiro/agents/reviewer.md'));
      const asked = model.requests.length;
      const without = await run(['resume', '-p', 'go on', '--autopilot']);
      assert.deepEqual([without.code, /there is no agent `reviewer`/.test(without.err)], [2, true]);
      assert.equal(model.requests.length, asked);
    },
    { 'README.md': '# demo\n', 'private/plan.md': 'CANARY\n' },
  ));

test('SECURITY: an agent of the repository that nobody accepted is not used, not even by name', () =>
  onStage(
    [{ text: 'never' }],
    async ({ run, model }) => {
      const { code, err } = await run(['--agent', 'reviewer', '-p', 'look']);
      assert.equal(code, 2);
      assert.match(err, /agent `reviewer` is not used: its file is pending/);
      assert.equal(model.requests.length, 0);
      assert.match((await run(['agents'])).out, /^inert {2}\.kiro\/agents\/reviewer\.md/m);
    },
    { 'README.md': '# demo\n', '.kiro/agents/reviewer.md': reviewer },
  ));
