// `ambit hooks migrate --write`: what ran before runs once afterwards, nothing is lost, what cannot be carried over stays whole.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { makeHookStage } from '../support/hook-stage.ts';

const legacy = (when: object, more: object = {}) =>
  JSON.stringify({
    enabled: true,
    name: 'Lint',
    version: '1',
    when,
    then: { type: 'runCommand', command: 'npm run lint' },
    ...more,
  });

function stageWith(t: TestContext, files: Record<string, string>) {
  const stage = makeHookStage({ 'src/a.ts': '', ...files });
  t.after(stage.close);
  return stage;
}

interface Listed {
  hooks: { id: string; trigger: string }[];
}
const listed = async (stage: ReturnType<typeof stageWith>) =>
  (JSON.parse((await stage.run(['hooks', 'list', '--json'])).out) as Listed).hooks.map(({ id }) => id);

test('a legacy hook moves to the current format once; its old file is a backup that nothing loads', async (t) => {
  const text = legacy({ type: 'fileEdited', patterns: ['**/*.ts'] });
  const stage = stageWith(t, { '.kiro/hooks/lint.kiro.hook': text, '.kiro/hooks/lint.kiro.hook.bak': 'older' });
  const { code, out } = await stage.run(['hooks', 'migrate', '--write']);
  assert.equal(code, 0);
  assert.match(out, /kept as lint\.kiro\.hook\.bak2/);
  assert.equal(stage.text('.kiro/hooks/lint.kiro.hook'), undefined);
  assert.equal(stage.text('.kiro/hooks/lint.kiro.hook.bak'), 'older');
  assert.equal(stage.text('.kiro/hooks/lint.kiro.hook.bak2'), text);
  assert.deepEqual(await listed(stage), ['.kiro/hooks/lint.json#Lint']);
  await stage.acceptAll();
  assert.match((await stage.run(['trust'])).out, /trusted +hook +\.kiro\/hooks\/lint\.json/);
  assert.match((await stage.run(['hooks', 'migrate', '--write'])).out, /current format/);
});

test('a manual hook becomes manual steering and is gone as a hook', async (t) => {
  const stage = stageWith(t, { '.kiro/hooks/m.kiro.hook': legacy({ type: 'userTriggered' }, { name: 'Deep check' }) });
  await stage.run(['hooks', 'migrate', '--write']);
  assert.match(stage.text('.kiro/steering/deep-check.md') ?? '', /inclusion: manual/);
  assert.deepEqual(await listed(stage), []);
});

test('hooks leave an agent file, everything else of it stays', async (t) => {
  const agent = {
    name: 'a',
    unknown: { kept: [1, 2] },
    hooks: { stop: [{ command: 'echo bye' }] },
    prompt: 'Be kind.',
  };
  const stage = stageWith(t, {
    '.kiro/agents/a.json': `${JSON.stringify(agent, null, 4)}\n`,
    '.kiro/agents/b.md':
      '---\n# why\nname: b\nhooks:\n  agentSpawn:\n    - command: echo hello\ntools: [read]\n---\nBody --- stays.\n',
  });
  const { code } = await stage.run(['hooks', 'migrate', '--write']);
  assert.equal(code, 0);
  const { hooks: _moved, ...rest } = agent;
  assert.equal(stage.text('.kiro/agents/a.json'), `${JSON.stringify(rest, null, 4)}\n`);
  assert.equal(stage.text('.kiro/agents/b.md'), '---\n# why\nname: b\ntools: [read]\n---\nBody --- stays.\n');
  assert.deepEqual(await listed(stage), ['.kiro/hooks/agent-a.json#stop[0]', '.kiro/hooks/agent-b.json#agentSpawn[0]']);
});

test('a file with one hook that cannot be read moves none of them and says why', async (t) => {
  const agent = `${JSON.stringify({ name: 'a', hooks: { stop: [{ command: 'echo bye' }], onSave: [{ command: 'x' }] } })}\n`;
  const stage = stageWith(t, { '.kiro/agents/a.json': agent });
  const { code, err } = await stage.run(['hooks', 'migrate', '--write']);
  assert.equal(code, 1);
  assert.match(err, /stays as it is[\s\S]*onSave/);
  assert.equal(stage.text('.kiro/agents/a.json'), agent);
  assert.equal(stage.text('.kiro/hooks/agent-a.json'), undefined);
});

test('a file of the new name is not written over', async (t) => {
  const stage = stageWith(t, {
    '.kiro/hooks/lint.kiro.hook': legacy({ type: 'fileEdited', patterns: ['**/*.ts'] }),
    '.kiro/hooks/lint.json': '{"version":"v1","hooks":[]}',
  });
  const { code, err } = await stage.run(['hooks', 'migrate', '--write']);
  assert.equal(code, 2);
  assert.match(err, /exists already/);
  assert.equal(stage.text('.kiro/hooks/lint.json'), '{"version":"v1","hooks":[]}');
  assert.notEqual(stage.text('.kiro/hooks/lint.kiro.hook'), undefined);
});
