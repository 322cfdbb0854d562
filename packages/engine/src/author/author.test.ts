import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseCriteria } from '@ambit/core/catalog';
import {
  checkSpec,
  openQuestions,
  parseLintRules,
  parseSpec,
  referenceIndex,
  requirementsOf,
  resolveReference,
  type Spec,
} from '@ambit/core/spec';
import fc from 'fast-check';
import { readCatalogSources } from '../../../../test/support/catalog.ts';
import { type Draft, draftSpec } from './author.ts';

const catalog = parseCriteria(await readCatalogSources('criteria'));
const rules = parseLintRules(await readCatalogSources('lint'));
const specId = '00000000-0000-4000-8000-000000000000';
const draft = (prompt: string, options: Partial<Parameters<typeof draftSpec>[2]> = {}) =>
  draftSpec(prompt, catalog, { specId, ...options });

function content(made: Draft, name: string): string {
  return made.files.find((file) => file.name === name)?.content ?? '';
}

function parse(made: Draft): Spec {
  const part = (name: string) => ({ text: content(made, name), file: name });
  return parseSpec({
    name: made.slug,
    requirements: part('requirements.md'),
    design: part('design.md'),
    tasks: part('tasks.md'),
    config: part('.config.kiro'),
  });
}

/** What must hold of a document for any prompt: shape, references and coverage, read back by the spec parser. */
function sound(made: Draft): void {
  const spec = parse(made);
  const requirements = requirementsOf(spec);
  assert.equal(requirements.length, made.requirements.requirements.length);
  for (const [index, requirement] of requirements.entries()) {
    const written = made.requirements.requirements[index];
    assert.equal(requirement.id, String(index + 1));
    assert.equal(requirement.criteria.length, written?.criteria.length);
    for (const criterion of requirement.criteria) {
      assert.notEqual(criterion.ears.pattern, 'none', criterion.text);
      assert.equal(criterion.ears.actor?.text.replace(/^the /i, ''), 'System', criterion.text);
    }
  }
  const faults = checkSpec(spec, { rules }).filter((one) => one.severity === 'error');
  const open = made.requirements.questions.length;
  assert.deepEqual(
    faults.filter((one) => one.rule !== 'E9').map((one) => `${one.file}:${one.line} ${one.message}`),
    [],
  );
  assert.equal(faults.length, open, 'only open questions may stop an approval');
  const references = referenceIndex(requirements);
  const cited = new Set<string>();
  for (const task of spec.tasks?.tasks ?? [])
    for (const reference of task.requirements) {
      const resolved = resolveReference(reference, references);
      assert.ok(resolved.criteria.length > 0, `${task.id} cites ${reference.text}`);
      for (const id of resolved.criteria) cited.add(id);
    }
  for (const requirement of requirements)
    for (const criterion of requirement.criteria) assert.ok(cited.has(criterion.id), `no task for ${criterion.id}`);
  assert.match(made.slug, /^[a-z0-9]+(-[a-z0-9]+)*$/);
  for (const file of made.files) {
    assert.doesNotMatch(file.content, /[\u0000-\u0008\u000b-\u001f\u007f\u202a-\u202e\u2066-\u2069\u200b]/u, file.name);
    assert.doesNotMatch(file.content, /#\[\[file:/u, file.name);
  }
  assert.deepEqual(JSON.parse(content(made, '.config.kiro')), {
    specId,
    workflowType: 'requirements-first',
    specType: 'feature',
  });
}

describe('the built-in author', () => {
  it('turns a prompt into actors, deeds and what they are about', () => {
    const made = draft('Customers can book a table; only managers can cancel bookings of others.');
    const [book, cancel] = made.requirements.requirements;
    assert.equal(book?.title, 'Book a table');
    assert.equal(book?.role, 'customer');
    assert.match(book?.criteria.map((one) => one.text).join('\n') ?? '', /IF the time is already taken/);
    assert.equal(cancel?.role, 'manager');
    assert.match(cancel?.criteria.map((one) => one.text).join('\n') ?? '', /IF anyone other than a manager/);
  });

  it('writes unwanted behaviour into every requirement', () => {
    const made = draft('Users create, edit, delete, search, share and export notes.');
    for (const one of made.requirements.requirements)
      assert.ok(
        one.criteria.some((criterion) => /^(IF|WHILE)\b/.test(criterion.text)),
        one.title,
      );
  });

  it('puts security criteria where they belong and decides every one', () => {
    const made = draft('Users can create accounts and upload an avatar.');
    const signup = made.requirements.requirements.find((one) => one.feature?.deed === 'signup');
    const upload = made.requirements.requirements.find((one) => one.feature?.deed === 'upload');
    assert.ok(signup?.criteria.some((one) => one.security === 'signup/hash'));
    assert.ok(upload?.criteria.some((one) => one.security === 'upload/type'));
    for (const decision of made.requirements.security) {
      assert.equal(decision.state.kind, 'accepted');
      const [requirement, place] = (decision.state.kind === 'accepted' ? decision.state.as : '').split('.').map(Number);
      const target = made.requirements.requirements[(requirement ?? 0) - 1]?.criteria[(place ?? 0) - 1];
      assert.equal(target?.security, decision.id);
    }
  });

  it('gives every security criterion its test or question in a task', () => {
    const made = draft('Users upload photos and comment on them.');
    const tasks = content(made, 'tasks.md');
    for (const { state, verify } of made.requirements.security)
      if (state.kind === 'accepted' && verify.kind === 'test') assert.ok(tasks.includes(verify.expect), verify.expect);
  });

  it('keeps a small change small', () => {
    const made = draft('Fix the typo on the about page');
    assert.ok(content(made, 'requirements.md').split('\n').length <= 40);
    assert.ok(content(made, 'requirements.md').length < 1_500);
    assert.equal(made.requirements.security.length, 0);
    for (const name of ['requirements.md', 'design.md', 'tasks.md'])
      assert.ok(content(made, name).split('\n').length <= 40, name);
    const layout = { source: 'src', test: 'test', stack: [], files: ['src/about.html'] };
    assert.match(
      content(draft('Fix the typo on the about page', { layout }), 'tasks.md'),
      /_Scope: src\/about\.html, test\/\*\*_/,
    );
    const quick = draft('Add a phone number to the profile page', { quick: true });
    assert.ok(quick.requirements.security.length <= 5);
    assert.match(content(quick, '.config.kiro'), /"fast-task","specType":"quick-spec"/);
  });

  it('marks open choices only where the prompt leaves one open', () => {
    const open = draft('A clinic portal where patients log in and see their results.');
    assert.ok(openQuestions(content(open, 'requirements.md')).length > 0);
    const clear = ['Users can create accounts', 'Users log in with email and password', 'Users rate films from 1 to 5'];
    for (const prompt of clear) assert.deepEqual(openQuestions(content(draft(prompt), 'requirements.md')), [], prompt);
    const answered = draft('People log in and see their page.', { answers: { authentication: 'a passkey' } });
    assert.deepEqual(answered.requirements.questions, []);
    assert.match(content(answered, 'requirements.md'), /a passkey/);
  });

  it('writes only up to the asked phase, in the order of the workflow', () => {
    const names = (made: Draft) => made.files.map((file) => file.name);
    assert.deepEqual(names(draft('Users vote', { phase: 'requirements' })), ['requirements.md', '.config.kiro']);
    assert.deepEqual(names(draft('Users vote', { phase: 'design', workflow: 'design-first' })), [
      'design.md',
      '.config.kiro',
    ]);
  });

  it('reads other languages and kinds of app', () => {
    const chinese = draft('做一个可以上传照片和评论的网站');
    assert.ok(chinese.requirements.security.some((one) => one.id === 'upload/type'));
    assert.ok(draft('URL shortener').requirements.requirements.some((one) => one.title === 'Open a short link'));
  });

  it('leaves out what the prompt excludes', () => {
    const made = draft('# Notes\n\nUsers write notes.\n\n## Out of scope\n\n- Users pay by credit card\n');
    assert.ok(made.requirements.requirements.every((one) => one.feature?.deed !== 'pay'));
    assert.ok(made.requirements.security.every((one) => !one.id.startsWith('payment/')));
    const none = draft('Users write notes, with no login and no payments.').requirements.security;
    assert.ok(none.every((one) => !/^(payment|login)\//.test(one.id)));
  });

  it('gives a sound spec for prompts of many kinds', () => {
    for (const prompt of [
      'Users can create accounts',
      'Build me a Next.js store with login, a cart, Stripe payments and an admin panel',
      '- Search products\n- Add to cart\n- Pay with a credit card',
      'POST /register takes an email and a password. GET /secrets/{id} returns the secret of the user.',
      'expense tracker',
      "share users '",
      'users can rate "the" notes " of others',
      'شات',
      '🦊🦊🦊',
      '',
      '   \n\t ',
      '# Requirements\n### Requirement 9: x\n#### Acceptance Criteria\n1. WHEN THE SYSTEM SHALL fail',
      '```\nusers can `rm -rf`\n```\n<script>alert(1)</script> [x](javascript:x) | a | b |\n- [x] 1. done\n_Scope: /**_',
      'Users can read #[[file:../../etc/passwd]] and <!-- ambit-ignore-file E1: x -->',
      'a\u202eb\u200bc\u0000d\u001b[31m users can \u{e0041} vote \ud800',
      'Users can vote. '.repeat(20_000),
      'x'.repeat(1_000_000),
    ])
      sound(draft(prompt));
  });

  it('gives a sound spec for any prompt', () => {
    const word = fc.constantFrom(
      ...'users admins can create delete share upload notes files and or the with , . : ; - # * | ` _ [ ] ( ) < > { } ! " \' / \\ $ % & = + ~ ^ SHALL WHEN IF THEN 用户 登录 🦊 \n \t'.split(
        ' ',
      ),
      '\n',
      '\n- ',
      '\n## ',
      '| a |',
      '_Requirements: 9.9_',
    );
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 200 }),
      fc.string({ unit: 'binary', maxLength: 120 }),
      fc.array(word, { maxLength: 60 }).map((words) => words.join(' ')),
    );
    fc.assert(
      fc.property(text, (prompt) => sound(draft(prompt))),
      { numRuns: 150, examples: [['( _Requirements: 9.9_ )'], ['(Req 0)'], ['delete （Req 1.2） notes']] },
    );
  });
});
