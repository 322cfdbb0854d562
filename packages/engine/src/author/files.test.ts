import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { parseCriteria } from '@ambit/core/catalog';
import { checkSpec, parseLintRules, parseSpec, requirementsOf } from '@ambit/core/spec';
import { readCatalogSources } from '../../../../test/support/catalog.ts';
import { draftSpec } from './author.ts';
import { draftBugfix, readBugReport } from './bugfix.ts';
import { continueSpec } from './continue.ts';
import { likelyFiles, meaningOfDependencies, survey } from './survey.ts';
import { writeSpec } from './write.ts';

const catalog = parseCriteria(await readCatalogSources('criteria'));
const specId = '00000000-0000-4000-8000-000000000000';
let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ambit-author-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('writing a spec', () => {
  const files = [{ name: 'requirements.md', content: '# Requirements Document\n' }];

  it('makes the folder and its documents', async () => {
    const folder = await writeSpec(root, 'photo-comments', files);
    assert.equal(await readFile(join(folder, 'requirements.md'), 'utf8'), files[0]?.content);
    assert.deepEqual(await readdir(folder), ['requirements.md']);
  });

  it('never touches a spec that is there', async () => {
    await writeSpec(root, 'photo-comments', files);
    await assert.rejects(
      writeSpec(root, 'photo-comments', [{ name: 'requirements.md', content: 'other' }]),
      /exists already/,
    );
    assert.equal(await readFile(join(root, '.kiro/specs/photo-comments/requirements.md'), 'utf8'), files[0]?.content);
  });

  it('leaves nothing behind when a document cannot be written', async () => {
    const broken = [...files, { name: 'no/such/../../folder\u0000.md', content: '' }];
    await assert.rejects(writeSpec(root, 'broken', broken));
    assert.deepEqual(await readdir(join(root, '.kiro/specs')), []);
  });

  it('follows no link out of the workspace', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'ambit-outside-'));
    try {
      await symlink(outside, join(root, '.kiro'));
      await assert.rejects(writeSpec(root, 'photo-comments', files), /link or a file/);
      await rm(join(root, '.kiro'));
      await mkdir(join(root, '.kiro'));
      await symlink(outside, join(root, '.kiro/specs'));
      await assert.rejects(writeSpec(root, 'photo-comments', files), /link or a file/);
      assert.deepEqual(await readdir(outside), []);
    } finally {
      await rm(outside, { recursive: true, force: true });
    }
  });

  it('refuses names that are no folder name of a spec', async () => {
    for (const name of ['../x', 'a/b', '.', '', 'A b', 'x'.repeat(65)])
      await assert.rejects(writeSpec(root, name, files), /spec name/);
  });
});

describe('continuing a spec', () => {
  const begin = async () => {
    const draft = draftSpec('Customers rate films and comment on them', catalog, { specId, phase: 'requirements' });
    await writeSpec(root, draft.slug, draft.files);
    return draft;
  };

  it('writes design and tasks from requirements as they stand now', async () => {
    const { slug } = await begin();
    const path = join(root, '.kiro/specs', slug, 'requirements.md');
    const edited = (await readFile(path, 'utf8')).replace(
      '\n### Requirement 2:',
      '99. WHEN a film is deleted, THE System SHALL delete its ratings.\n\n### Requirement 2:',
    );
    await writeFile(path, edited);
    await continueSpec(root, slug, 'design', catalog);
    await continueSpec(root, slug, 'tasks', catalog);
    const part = async (name: string) => ({
      text: await readFile(join(root, '.kiro/specs', slug, name), 'utf8'),
      file: name,
    });
    const spec = parseSpec({
      name: slug,
      requirements: await part('requirements.md'),
      design: await part('design.md'),
      tasks: await part('tasks.md'),
    });
    const rules = parseLintRules(await readCatalogSources('lint'));
    assert.deepEqual(
      checkSpec(spec, { rules }).filter((one) => one.severity === 'error'),
      [],
    );
    assert.ok((spec.design?.components.length ?? 0) >= 2);
    assert.match((await part('tasks.md')).text, /expected: all appear as text/);
  });

  it('writes requirements from a design that came first, also from one that a person wrote', async () => {
    const asked = 'Customers rate films and comment on them';
    const first = draftSpec(asked, catalog, { specId, phase: 'design', workflow: 'design-first', slug: 'films' });
    await writeSpec(root, first.slug, first.files);
    await continueSpec(root, 'films', 'requirements', catalog);
    const written = await readFile(join(root, '.kiro/specs/films/requirements.md'), 'utf8');
    assert.equal(written, draftSpec(asked, catalog, { specId, slug: 'films' }).files[0]?.content);
    const design = '# Design\n\n## Overview\n\nMembers can book a room.\n\n## Architecture\n\nOne service.\n';
    await writeSpec(root, 'rooms', [{ name: 'design.md', content: design }]);
    await continueSpec(root, 'rooms', 'requirements', catalog);
    const rooms = await readFile(join(root, '.kiro/specs/rooms/requirements.md'), 'utf8');
    assert.match(rooms, /book a room/);
    assert.equal(await readFile(join(root, '.kiro/specs/rooms/design.md'), 'utf8'), design);
    await assert.rejects(continueSpec(root, 'rooms', 'requirements', catalog), /has its requirements already/);
  });

  it('never touches a document that is there, and needs requirements', async () => {
    const { slug } = await begin();
    await continueSpec(root, slug, 'design', catalog);
    await assert.rejects(continueSpec(root, slug, 'design', catalog), /has its design already/);
    await assert.rejects(continueSpec(root, 'nothing', 'design', catalog), /no such spec/);
  });
});

describe('the survey', () => {
  it('reads files and dependencies of a project, and says what they mean', async () => {
    await mkdir(join(root, 'app/cart'), { recursive: true });
    await mkdir(join(root, 'tests'));
    await mkdir(join(root, 'node_modules/left-pad'), { recursive: true });
    await writeFile(join(root, 'app/cart/totals.ts'), '');
    await writeFile(join(root, 'tests/totals.test.ts'), '');
    await writeFile(join(root, 'node_modules/left-pad/index.js'), '');
    await writeFile(
      join(root, 'package.json'),
      JSON.stringify({ dependencies: { next: '1', '@supabase/supabase-js': '2' } }),
    );
    const found = await survey(root);
    assert.deepEqual(found.files, ['app/cart/totals.ts', 'package.json', 'tests/totals.test.ts']);
    assert.deepEqual(found.layout, { source: 'app', test: 'tests', stack: [] });
    const known = meaningOfDependencies(found.dependencies, catalog);
    assert.match(known.text, /Next\.js/);
    const draft = draftSpec('Users write notes', catalog, { specId, project: known.text });
    assert.ok(draft.requirements.security.some((one) => one.id === 'supabase/rls'));
    assert.deepEqual(likelyFiles(found.files, 'The cart totals are wrong')[0], 'app/cart/totals.ts');
  });

  it('survives broken manifests and an empty folder', async () => {
    assert.deepEqual((await survey(root)).files, []);
    await writeFile(join(root, 'package.json'), '{');
    await writeFile(join(root, 'requirements.txt'), '# x\nflask==3.0\n-e .\n');
    assert.deepEqual((await survey(root)).dependencies, ['flask']);
  });
});

describe('the bug author', () => {
  it('takes a report apart', () => {
    const report = readBugReport('When the cart is empty, the app crashes instead of showing a hint.');
    assert.equal(report.condition, 'the cart is empty');
    assert.equal(report.defect, 'crashes');
    assert.equal(report.expected, 'show a hint');
  });

  it('writes analysis, design and tasks in the fixed order, sound for any report', async () => {
    const rules = parseLintRules(await readCatalogSources('lint'));
    for (const prompt of [
      'The app crashes when the cart is empty',
      '修复登录错误',
      '',
      'x'.repeat(9_000),
      '## [x] SHALL `fail`\n- a\u202e',
    ]) {
      const made = draftBugfix(prompt, { specId, files: ['src/cart.ts'] });
      const part = (name: string) => ({
        text: made.files.find((file) => file.name === name)?.content ?? '',
        file: name,
      });
      const spec = parseSpec({
        name: made.slug,
        bugfix: part('bugfix.md'),
        design: part('design.md'),
        tasks: part('tasks.md'),
      });
      assert.deepEqual(
        requirementsOf(spec).map((one) => one.criteria.map((criterion) => criterion.id)),
        [['1.1'], ['2.1'], ['3.1', '3.2']],
      );
      assert.deepEqual(
        checkSpec(spec, { rules })
          .filter((one) => one.severity === 'error')
          .map((one) => one.message),
        [],
      );
      assert.deepEqual(
        spec.tasks?.tasks.map((task) => task.number),
        ['1', '2', '3', '3.1', '3.2', '3.3', '4'],
      );
      assert.match(made.slug, /^fix-[a-z0-9-]+$/);
    }
  });
});
