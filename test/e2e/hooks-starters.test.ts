// The starter hooks, each made with `ambit hooks new`, accepted, granted as its own text says, and fired: the narrowest scope
// lets its job happen and nothing else.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { listChangeSets } from '@ambit/engine/change-set';
import { readStarters } from '@ambit/engine/hooks';
import { parse, stringify } from 'yaml';
import { makeHookStage } from '../support/hook-stage.ts';
import { type Step, startScriptedModel } from '../support/scripted-model.ts';

const starters = readStarters(
  parse(readFileSync(join(import.meta.dirname, '../../catalog/hooks/starters.yaml'), 'utf8')),
  'starters.yaml',
);

const project = {
  'src/price.ts': 'export const total = (a: number, b: number) => a + b;\n',
  'docs/price.md': '`total` subtracts.\n',
  'locales/en.json': '{"hello":"Hello {name}","bye":"Bye"}\n',
  'locales/de.json': '{"hello":"Hallo {name}"}\n',
  'package.json': '{"name":"shop","version":"1.0.0","dependencies":{}}\n',
};

const write = (path: string, content: string): Step => ({ tool: 'write', arguments: { path, content } });

async function made(t: TestContext, id: string, steps: Step[]) {
  const model = await startScriptedModel({ steps });
  const starter = starters.find((one) => one.id === id);
  assert.ok(starter);
  const policy = starter.grant ? { '.ambit/policy.yaml': stringify({ hooks: [starter.grant] }) } : {};
  const stage = makeHookStage({ ...project, ...policy }, model.url);
  t.after(async () => {
    stage.close();
    await model.close();
  });
  const { code, out } = await stage.run(['hooks', 'new', id]);
  assert.equal(code, 0, out);
  await stage.acceptAll();
  const proposed = async () =>
    (await listChangeSets(stage.state)).sets
      .filter(({ state }) => state.status === 'open')
      .flatMap(({ files }) => files.map(({ path }) => path));
  return { stage, model, proposed };
}

const jobs: [id: string, fired: string, inside: [string, string], outside: [string, string]][] = [
  [
    'test-generator',
    'src/price.ts',
    ['src/price.test.ts', 'import { test } from "node:test";\n'],
    ['src/price.ts', 'export const total = () => 0;\n'],
  ],
  ['docs-updater', 'src/price.ts', ['docs/price.md', '`total` adds.\n'], ['package.json', '{}\n']],
  [
    'translation-sync',
    'locales/en.json',
    ['locales/de.json', '{"hello":"Hallo {name}","bye":"Tschüss"}\n'],
    ['src/price.ts', 'export const total = () => 0;\n'],
  ],
];

for (const [id, fired, inside, outside] of jobs) {
  test(`starter ${id}: its job is a proposal, anything else is refused, nothing lands`, async (t) => {
    const { stage, proposed, model } = await made(t, id, [write(...outside), write(...inside), { text: 'Did it.' }]);
    const before = Object.keys(project).map((path) => stage.text(path));
    const { err } = await stage.run(['hooks', 'run', id, fired]);
    assert.match(model.toolResults()[0] ?? '', /denied/);
    assert.deepEqual(await proposed(), [inside[0]]);
    assert.deepEqual(
      Object.keys(project).map((path) => stage.text(path)),
      before,
    );
    assert.match(err, new RegExp(`hook \`${id}\` \\[change set [\\w-]+\\]: Did it\\.`));
  });
}

test('starter security-review: it reads and reports, its words reach the person, a write is refused', async (t) => {
  const words = 'src/price.ts:1 anybody may call total; check the owner first.';
  const { stage, proposed, model } = await made(t, 'security-review', [
    { tool: 'read', arguments: { path: 'src/price.ts' } },
    write('src/price.ts', 'export const total = () => 0;\n'),
    { text: words },
  ]);
  const { err } = await stage.run(['hooks', 'run', 'security-review']);
  assert.match(model.toolResults().join('\n'), /a \+ b/);
  assert.match(model.toolResults().at(-1) ?? '', /denied/);
  assert.deepEqual(await proposed(), []);
  assert.ok(err.includes(words), err);
  assert.ok((await stage.run(['hooks', 'list'])).out.includes(`last words: ${words}`));
});

test('starter dependency-review: a clean manifest passes, one with a package from an address is reported', async (t) => {
  const { stage, proposed } = await made(t, 'dependency-review', [{ text: 'unused' }]);
  const clean = await stage.run(['hooks', 'run', 'dependency-review', 'package.json']);
  assert.equal(clean.err, '');
  stage.put({
    'package.json': '{"name":"shop","version":"1.0.0","dependencies":{"x":"http://example.com/x.tgz"}}\n',
  });
  const dirty = await stage.run(['hooks', 'run', 'dependency-review', 'package.json']);
  assert.match(dirty.err, /dependency-review[\s\S]*package\.json/);
  assert.deepEqual(await proposed(), []);
});
