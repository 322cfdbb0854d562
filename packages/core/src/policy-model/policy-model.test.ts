import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { evaluate } from './evaluate.ts';
import {
  compilePolicy,
  type Facts,
  foldPath,
  pathMatcher,
  type Request,
  type Rule,
  regexMatcher,
  textMatcher,
} from './index.ts';
import { referenceEffect } from './reference.ts';

const rank = { deny: 0, ask: 1, allow: 2 };

const patterns = fc.constantFrom(
  '**',
  'src/**',
  'src/a.ts',
  '*.ts',
  'SRC/**',
  '.git/**',
  'a*',
  '*',
  'x',
  '{src,lib}/*',
  '',
  '[',
);
const rule: fc.Arbitrary<Rule> = fc.record(
  {
    id: fc.constantFrom('r1', 'r2', 'r3'),
    scope: fc.constantFrom('built-in', 'organisation', 'user', 'project', 'agent', 'run', 'answer'),
    source: fc.constant('test'),
    effect: fc.constantFrom('allow', 'ask', 'deny'),
    capabilities: fc.array(fc.constantFrom('fs_read', 'fs_write', 'filesystem', 'shell', 'all'), {
      minLength: 1,
      maxLength: 2,
    }),
    match: fc.array(patterns, { maxLength: 3 }),
    exclude: fc.array(patterns, { maxLength: 2 }),
    classes: fc.array(fc.constantFrom('read', 'write', 'destructive'), { maxLength: 2 }),
    when: fc.record(
      {
        mode: fc.array(fc.constantFrom('supervised', 'autopilot')),
        confined: fc.boolean(),
        taint: fc.array(fc.constantFrom('web', 'tool')),
      },
      { requiredKeys: [] },
    ),
    unless: fc.constant('granted'),
    reason: fc.constant('because'),
    syntax: fc.constantFrom('glob', 'glob', 'regex'),
  },
  { requiredKeys: ['id', 'scope', 'source', 'effect', 'capabilities', 'reason', 'syntax'] },
) as fc.Arbitrary<Rule>;

const request: fc.Arbitrary<Request> = fc.record({
  capability: fc.constantFrom('fs_read', 'fs_write', 'shell'),
  value: fc.constantFrom('src/a.ts', 'Src/A.ts', '.git/config', '.GIT/config', 'a', 'x', 'npm test', 'lib/b.ts'),
  classes: fc.array(fc.constantFrom('read', 'write', 'destructive'), { maxLength: 2 }),
}) as fc.Arbitrary<Request>;

const facts: fc.Arbitrary<Facts> = fc.record({
  run: fc.constant({ id: 'r', kind: 'chat', depth: 0 }),
  labels: fc.array(fc.constantFrom('web', 'tool', 'repository')),
  interactive: fc.boolean(),
  mode: fc.constantFrom('supervised', 'autopilot'),
  confined: fc.boolean(),
  grants: fc.array(
    fc.record({
      id: fc.constant('g'),
      capability: fc.constantFrom('fs_write', 'all'),
      match: fc.array(patterns, { maxLength: 2 }),
      source: fc.constant('t'),
      fresh: fc.boolean(),
    }),
    { maxLength: 2 },
  ),
  hashes: fc.constant([]),
}) as fc.Arbitrary<Facts>;

test('the evaluator and its naive twin say the same on any rule set', () => {
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 8 }), request, facts, (rules, wanted, known) => {
      assert.equal(evaluate(compilePolicy(rules), wanted, known).effect, referenceEffect(rules, wanted, known));
    }),
    { numRuns: 3_000 },
  );
});

test('one more forbidding rule never allows more', () => {
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 6 }), rule, request, facts, (rules, extra, wanted, known) => {
      if (extra.effect === 'allow') return;
      const before = evaluate(compilePolicy(rules), wanted, known).effect;
      const after = evaluate(compilePolicy([...rules, extra]), wanted, known).effect;
      assert.ok(rank[after] <= rank[before]);
    }),
    { numRuns: 2_000 },
  );
});

test('no rule of organisation, project, agent or run allows what was not allowed without it', () => {
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 6 }), rule, request, facts, (rules, extra, wanted, known) => {
      if (['built-in', 'user', 'answer'].includes(extra.scope)) return;
      const before = evaluate(compilePolicy(rules), wanted, known).effect;
      assert.ok(rank[evaluate(compilePolicy([...rules, extra]), wanted, known).effect] <= rank[before]);
    }),
    { numRuns: 2_000 },
  );
});

test('the order of rules does not matter', () => {
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 6 }), request, facts, (rules, wanted, known) => {
      const effect = (list: Rule[]) => evaluate(compilePolicy(list), wanted, known).effect;
      assert.equal(effect(rules), effect(rules.toReversed()));
    }),
    { numRuns: 500 },
  );
});

const base: Rule = {
  id: 'x',
  scope: 'built-in',
  source: 't',
  effect: 'deny',
  capabilities: ['fs_write'],
  match: ['['],
  reason: 'r',
  syntax: 'glob',
};
const still: Facts = {
  run: { id: 'r', kind: 'chat', depth: 0 },
  labels: [],
  interactive: false,
  mode: 'autopilot',
  confined: true,
  grants: [],
  hashes: [],
};
const wanted: Request = { capability: 'fs_write', value: 'a', classes: [] };

test('a forbidding rule that cannot be read forbids, an allowing one does not allow', () => {
  const bad = { ...base, match: ['(a+)+b'], syntax: 'regex' as const };
  assert.equal(evaluate(compilePolicy([bad]), wanted, still).effect, 'deny');
  assert.equal(evaluate(compilePolicy([{ ...bad, effect: 'allow' }]), wanted, still).effect, 'ask');
});

test('no rule means a question', () => {
  assert.deepEqual(evaluate(compilePolicy([]), wanted, still).because.rule, 'policy.unmatched');
});

test('a grant counts for its subject and while its content is in force', () => {
  const guarded: Rule = { ...base, effect: 'ask', match: ['**'], unless: 'granted' };
  const allow: Rule = { ...base, id: 'y', effect: 'allow', match: ['**'] };
  const policy = compilePolicy([guarded, allow]);
  const hash = 'a'.repeat(64);
  const grant = { id: 'g', capability: 'fs_write' as const, match: ['a'], subject: { task: '1' }, hash, source: 't' };
  const decide = (more: Partial<Facts>, task = '1') =>
    evaluate(policy, wanted, { ...still, run: { ...still.run, task }, ...more }).effect;
  assert.equal(decide({ grants: [grant], hashes: [hash] }), 'allow');
  assert.equal(decide({ grants: [grant], hashes: [] }), 'ask');
  assert.equal(decide({ grants: [grant], hashes: [hash] }, '2'), 'ask');
  assert.equal(decide({ grants: [{ ...grant, match: ['b'] }], hashes: [hash] }), 'ask');
});

test('paths fold to what the most forgiving file system would read', () => {
  for (const path of [
    '.GIT/Config',
    '.git./config',
    '.git /config',
    '.git::$INDEX_ALLOCATION/config',
    'GIT~1/config',
    '.g\u200cit/config',
    '.\uff47it/config',
  ])
    assert.equal(foldPath(path), '.git/config', path);
  assert.equal(foldPath('src/Straße.ts'), foldPath('src/STRASSE.ts'));
  assert.equal(foldPath('cafe\u0301'), foldPath('caf\u00e9'));
});

test('globs: segments, depth, braces, children of a plain path', () => {
  const yes: [string, string][] = [
    ['src/**', 'src/a/b'],
    ['./src/**', 'src/a'],
    ['src', 'src/a/b'],
    ['*.ts', 'a.ts'],
    ['**/*.ts', 'a/b.ts'],
    ['{a,b}/*', 'b/c'],
    ['[ab].ts', 'a.ts'],
    ['**/.env', '.env'],
  ];
  const no: [string, string][] = [
    ['src/*', 'src/a/b'],
    ['src', 'srcx'],
    ['*.ts', 'a/b.ts'],
    ['src/**', 'lib/a'],
    ['**/.env', '.env.local'],
  ];
  for (const [glob, path] of yes) assert.equal(pathMatcher(glob)(path), true, `${glob} ${path}`);
  for (const [glob, path] of no) assert.equal(pathMatcher(glob)(path), false, `${glob} ${path}`);
});

test('text patterns know only the star', () => {
  assert.equal(textMatcher('npm *')('npm test'), true);
  assert.equal(textMatcher('*.example')('docs.example'), true);
  assert.equal(textMatcher('a*b*c')('a1b2c'), true);
  assert.equal(textMatcher('ab*ba')('aba'), false);
  assert.equal(textMatcher('docs.example')('docsxexample'), false);
  assert.equal(regexMatcher('git (status|log).*')('git log -1'), true);
  assert.equal(regexMatcher('git status')('git status; rm'), false);
});
