import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { SubjectStatus, TrustState } from '@ambit/guard/integrity';
import {
  foundationFiles,
  loadSteering,
  parseSteering,
  renderSteering,
  type SteeringFile,
  selectSteering,
  surveyProject,
  withReferences,
} from './index.ts';

const parsed = (text: string, path = '.kiro/steering/x.md') => parseSteering({ path, text, scope: 'workspace' });

function file(text: string, path?: string): SteeringFile {
  const result = parsed(text, path);
  assert.ok('file' in result, JSON.stringify(result));
  return result.file;
}

test('a file without front matter always applies; AGENTS.md too, whatever it begins with', () => {
  assert.equal(file('# Product\n').inclusion, 'always');
  assert.equal(file('---\ninclusion: manual\n---\nx', 'AGENTS.md').inclusion, 'always');
});

test('front matter only counts as the first bytes', () => {
  assert.equal(file('\n---\ninclusion: manual\n---\nx').inclusion, 'always');
  assert.equal(file('\ufeff---\r\ninclusion: manual\r\n---\r\nx').inclusion, 'manual');
});

const refused: [string, string][] = [
  ['---\ninclusion: fileMatch\n---\nx', 'fileMatchPattern'],
  ['---\ninclusion: fileMatch\nfileMatchPattern: []\n---\nx', 'fileMatchPattern'],
  ['---\ninclusion: sometimes\n---\nx', 'not known'],
  ['---\ninclusion: auto\n---\nx', 'description'],
  ['---\ninclusion: [\n---\nx', 'YAML'],
  ['---\ninclusion: always\nno end', 'not closed'],
];
for (const [text, reason] of refused) {
  test(`not loaded rather than loaded always: ${JSON.stringify(text)}`, () => {
    const result = parsed(text);
    assert.ok('problem' in result && result.problem.message.includes(reason));
  });
}

const files = [
  file('always', '.kiro/steering/always.md'),
  file('---\ninclusion: fileMatch\nfileMatchPattern: ["**/*.sql", "db/**"]\n---\nsql', '.kiro/steering/sql.md'),
  file('---\ninclusion: manual\n---\nmanual', '.kiro/steering/release.md'),
  file(
    '---\ninclusion: auto\nname: testing\ndescription: How we write integration tests\n---\nauto',
    '.kiro/steering/t.md',
  ),
];
const names = (prompt: string, about: string[] = []) =>
  selectSteering(files, { prompt, files: about }).map(({ file: { name } }) => name);

test('each inclusion mode applies when it should and not otherwise', () => {
  assert.deepEqual(names('hello'), ['always']);
  assert.deepEqual(names('hello', ['supabase/1.sql']), ['always', 'sql']);
  assert.deepEqual(names('follow #release, please'), ['always', 'release']);
  assert.deepEqual(names('#released is another word'), ['always']);
  assert.deepEqual(names('add an integration test for login'), ['always', 'testing']);
  assert.deepEqual(names('add a test'), ['always']);
});

function status(
  id: string,
  kind: 'steering' | 'instructions' | 'hook' | 'skill' | 'power',
  state: TrustState,
  text: string,
): SubjectStatus {
  return { id, kind, state, subject: { id, kind, path: id, sha256: 'x', text } };
}

test('only accepted content is loaded; the rest is named as inert', async (t) => {
  const home = await mkdtemp(join(tmpdir(), 'ambit-steering-'));
  t.after(() => rm(home, { recursive: true, force: true }));
  await mkdir(join(home, 'steering'));
  await writeFile(join(home, 'steering/mine.md'), 'my rules');
  await writeFile(join(home, 'secret.md'), 'CANARY');
  await symlink(join(home, 'secret.md'), join(home, 'steering/linked.md'));
  const loaded = await loadSteering(
    {
      statuses: [
        status('.kiro/steering/a.md', 'steering', 'trusted', 'accepted'),
        status('.kiro/steering/b.md', 'steering', 'changed', 'POISON'),
        status('AGENTS.md', 'instructions', 'unconfirmed', 'POISON'),
        status('CLAUDE.md', 'instructions', 'trusted', 'for another agent'),
        status('.kiro/hooks/h.json', 'hook', 'trusted', '{}'),
      ],
      refused: [{ path: '.kiro/steering/c.md', kind: 'steering', reason: 'a link' }],
    },
    [join(home, 'steering'), join(home, 'absent')],
  );
  assert.deepEqual(
    loaded.files.map(({ body }) => body),
    ['accepted', 'my rules'],
  );
  assert.deepEqual(
    loaded.inert.map(({ path }) => path),
    ['.kiro/steering/b.md', 'AGENTS.md', '.kiro/steering/c.md'],
  );
  const rendered = await renderSteering(selectSteering(loaded.files, { prompt: '', files: [] }), async () => '');
  assert.doesNotMatch(rendered, /POISON|CANARY/);
});

test('references are fenced under their path, bounded, and unreadable ones named', async () => {
  const read = async (path: string) => {
    if (path === 'denied') throw new Error('denied by policy');
    return path === 'big' ? 'b'.repeat(100) : 'has ``` inside';
  };
  const text = await withReferences('see #[[file:a.md]] #[[file:big]] #[[file:denied]] #[[file:a.md]]', read, {
    file: 40,
    total: 60,
  });
  assert.match(text, /a\.md:\n````\nhas ``` inside\n````/);
  assert.match(text, /… cut: \d+ more/);
  assert.match(text, /denied: not included: denied by policy/);
  assert.equal(text.split('a.md:\n').length, 2);
});

test('hidden characters in accepted steering are shown to the model by name', async () => {
  const rendered = await renderSteering([{ file: file('be kind\u202e'), reason: 'always' }], async () => '');
  assert.match(rendered, /be kind⟨U\+202E⟩/);
});

test('foundation files say what the code base shows and ask for the rest', async () => {
  const sources: Record<string, string> = {
    'package.json': JSON.stringify({
      name: 'shop',
      scripts: { test: 'vitest' },
      dependencies: { next: '16' },
      devDependencies: { vitest: '4' },
    }),
    'README.md': '# Shop\n\nA small shop for handmade pottery and prints.\n',
  };
  const survey = await surveyProject({
    folder: 'ws',
    files: ['package.json', 'pnpm-lock.yaml', 'app/page.tsx', 'app/api/route.ts', 'lib/db.ts', 'lib/db.test.ts'],
    read: async (path) => sources[path],
  });
  const made = foundationFiles(survey);
  assert.match(made['product.md'], /shop: A small shop for handmade/);
  assert.match(made['product.md'], /<Who uses it/);
  assert.match(made['tech.md'], /TypeScript \(4 files\)[\s\S]*Next\.js[\s\S]*`pnpm test`: `vitest`/);
  assert.match(made['structure.md'], /`app\/api\/`: API[\s\S]*lib\/db\.test\.ts/);
});

test('skills and powers apply when a request speaks of them or names them; only accepted words, never their files', async () => {
  const skill = '---\nname: pdf-forms\ndescription: Fill and flatten PDF forms\n---\nUse the forms library.\n';
  const power =
    '---\nname: payments\ndescription: Stripe payments\nkeywords: [stripe, checkout]\n---\nAsk for the key.\n';
  const loaded = await loadSteering(
    {
      statuses: [
        status('.kiro/skills/pdf/SKILL.md', 'skill', 'trusted', skill),
        status('.kiro/skills/pdf/scripts/run.py', 'skill', 'trusted', 'import os'),
        status('.kiro/skills/evil/SKILL.md', 'skill', 'pending', skill.replace('forms library', 'POISON')),
        status('.kiro/skills/bare/SKILL.md', 'skill', 'trusted', 'no front matter'),
        status('.kiro/powers/pay/POWER.md', 'power', 'trusted', power),
        status('.kiro/powers/pay/steering/flow.md', 'power', 'trusted', '---\ninclusion: manual\n---\nthe flow'),
        status('.kiro/powers/pay/mcp.json', 'power', 'trusted', '{}'),
      ],
      refused: [],
    },
    [],
  );
  assert.deepEqual(loaded.files.map(({ name }) => name).sort(), ['flow', 'payments', 'pdf-forms']);
  assert.deepEqual(
    loaded.problems.map(({ path }) => path),
    ['.kiro/skills/bare/SKILL.md'],
  );
  assert.deepEqual(
    loaded.inert.map(({ path }) => path),
    ['.kiro/skills/evil/SKILL.md'],
  );
  const names = (prompt: string) => selectSteering(loaded.files, { prompt, files: [] }).map(({ file }) => file.name);
  assert.deepEqual(names('flatten the pdf of the order'), ['pdf-forms']);
  assert.deepEqual(names('take payments with stripe'), ['payments']);
  assert.deepEqual(names('use #pdf-forms and #flow'), ['flow', 'pdf-forms']);
  assert.deepEqual(names('rename a variable'), []);
});
