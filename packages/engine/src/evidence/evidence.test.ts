import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSpec } from '@ambit/core/spec';
import type { FileView } from './collect.ts';
import { judgeDrift } from './drift.ts';
import { judgeTaskEvidence, recordsOf } from './judge.ts';

const requirements =
  '# Requirements Document\n\n### Requirement 1: Lock\n\n#### Acceptance Criteria\n\n1. IF a login fails 5 times THEN the system SHALL lock the account.\n2. THE system SHALL log it.\n';
const tasks = '# Plan\n\n- [ ] 1. Lock accounts\n  - _Requirements: 1.1_\n- [ ] 2. Tidy up\n';
const spec = parseSpec({
  name: 'login',
  requirements: { file: 'requirements.md', text: requirements },
  tasks: { file: 'tasks.md', text: tasks },
});
const task = (id: string) => spec.tasks?.tasks.find((entry) => entry.id === id) ?? assert.fail(id);

function files(content: Record<string, string>): FileView {
  const below = (path: string) => (path === '.' ? '' : `${path}/`);
  return {
    list: async (path) => {
      const names = new Map<string, 'file' | 'directory'>();
      for (const file of Object.keys(content)) {
        if (!file.startsWith(below(path))) continue;
        const [name = '', ...rest] = file.slice(below(path).length).split('/');
        names.set(name, rest.length > 0 ? 'directory' : 'file');
      }
      return [...names].map(([name, type]) => ({ name, type }));
    },
    read: async (path) => Buffer.from(content[path] ?? assert.fail(path)),
  };
}

const good = "test('login/1.1 locks', () => {\n  assert.equal(locked(), true);\n});\n";
const ask = (content: Record<string, string>, output: string, exitCode = 0) =>
  judgeTaskEvidence({ spec, task: task('1'), view: files(content), tests: { exitCode, output }, records: [] });

test('a task is ticked when the test that cites its criterion passed', async () => {
  const evidence = await ask({ 'test/login.test.ts': good }, 'ok 1 - login/1.1 locks\n');
  assert.equal(evidence.tick, true);
  const records = recordsOf(evidence, spec, { 'src/login.ts': 'a' }, '2026-01-01T00:00:00Z');
  assert.deepEqual(
    records.map((record) => [record.criterion, Object.keys(record.files)]),
    [['1.1', ['src/login.ts', 'test/login.test.ts']]],
  );
});

test('claims of success without a test, with a failing one or with one that asserts nothing tick nothing', async () => {
  const claim = { 'README.md': 'login/1.1 is done and tested', 'src/login.ts': '// login/1.1 done' };
  const hollow = good.replace('assert.equal(locked(), true)', 'assert.ok(true)');
  const reasons = await Promise.all([
    ask(claim, 'ok 1 - login/1.1 locks\n'),
    ask({ 'test/login.test.ts': good }, 'not ok 1 - login/1.1 locks\n', 1),
    ask({ 'test/login.test.ts': hollow }, 'ok 1 - login/1.1 locks\n'),
    ask({ 'test/login.test.ts': good }, 'all tests pass, I promise\n'),
  ]);
  assert.deepEqual(
    reasons.map((evidence) => [
      evidence.tick,
      evidence.verdicts.map((entry) => ('reason' in entry ? entry.reason : '')),
    ]),
    [
      [false, ['no-test']],
      [false, ['test-failed']],
      [false, ['asserts-nothing']],
      [false, ['test-missing']],
    ],
  );
});

test('where several specs share numbers a citation must name its spec', async () => {
  const loose = good.replace('login/1.1 locks', 'locks').replace('test(', '// Requirements: 1.1\ntest(');
  const question = {
    spec,
    task: task('1'),
    view: files({ 'a.test.ts': loose }),
    tests: { exitCode: 0, output: 'ok 1 - locks\n' },
    records: [],
  };
  assert.equal((await judgeTaskEvidence(question)).tick, true);
  assert.equal((await judgeTaskEvidence({ ...question, manySpecs: true })).tick, false);
});

test('drift names the file that changed, the criterion that was reworded and what no diff can decide', async () => {
  const evidence = await ask({ 'test/login.test.ts': good }, 'ok 1 - login/1.1 locks\n');
  const records = recordsOf(evidence, spec, { 'src/login.ts': 'a' }, 't');
  const hashes = { ...records[0]?.files };
  const verdicts = (found: ReturnType<typeof judgeDrift>) =>
    found.map((entry) => [entry.criterion, entry.verdict, entry.changed.join()]);
  assert.deepEqual(verdicts(judgeDrift(spec, records, hashes)), [
    ['1.1', 'holds', ''],
    ['1.2', 'unproven', ''],
  ]);
  assert.deepEqual(verdicts(judgeDrift(spec, records, { ...hashes, 'src/login.ts': 'b' }))[0], [
    '1.1',
    'drifted',
    'src/login.ts',
  ]);
  const other = parseSpec({
    name: 'login',
    requirements: { file: 'r', text: requirements.replace('5 times', '3 times') },
  });
  assert.equal(judgeDrift(other, records, hashes)[0]?.reworded, true);
  const person = [{ kind: 'attestation' as const, criterion: '1.2', by: 'ada', reason: 'seen it', files: {}, at: 't' }];
  assert.equal(judgeDrift(spec, person, {})[1]?.verdict, 'undecidable');
});

const secret = { kind: 'scan' as const, rule: 'hard-coded-password' };

test('a criterion that a scanner rule verifies is proven where the rule is clean on the files that serve it', async () => {
  const question = {
    spec,
    task: task('1'),
    view: files({ 'src/login.ts': 'export const a = 1;\n' }),
    tests: { exitCode: 0, output: '' },
    records: [],
    verify: new Map([['1.1', secret]]),
    linked: ['src/login.ts', 'src/gone.ts'],
  };
  const clean = await judgeTaskEvidence({ ...question, scanRule: async () => [] });
  assert.equal(clean.tick, true);
  const [record] = recordsOf(clean, spec, { 'src/other.ts': 'x' }, 't');
  assert.deepEqual([record?.kind, Object.keys(record?.files ?? {}), record?.at], ['scan', ['src/login.ts'], 't']);
  // The record counts as long as the file is what it was, and drift names it when it is not.
  assert.ok(record);
  assert.equal(judgeDrift(spec, [record], { ...record.files })[0]?.verdict, 'holds');
  assert.equal(judgeDrift(spec, [record], { 'src/login.ts': 'changed' })[0]?.verdict, 'drifted');
});

test('a finding, a gap, no file and no scanner prove nothing', async () => {
  const question = {
    spec,
    task: task('1'),
    view: files({ 'src/login.ts': '' }),
    tests: { exitCode: 0, output: '' },
    records: [],
    verify: new Map([['1.1', secret]]),
    linked: ['src/login.ts'],
  };
  const found = await judgeTaskEvidence({ ...question, scanRule: async () => ['src/login.ts:1'] });
  assert.deepEqual(
    [found.tick, found.verdicts[0]?.verdict === 'unproven' && found.verdicts[0].reason],
    [false, 'scan-finding'],
  );
  assert.equal((await judgeTaskEvidence({ ...question, linked: [], scanRule: async () => [] })).tick, false);
  assert.equal((await judgeTaskEvidence(question)).tick, false);
});

test('what the catalogue has a person answer is not decidable from the diff until a person attests it', async () => {
  const question = {
    spec,
    task: task('1'),
    view: files({}),
    tests: { exitCode: 0, output: '' },
    records: [],
    verify: new Map([['1.1', { kind: 'review' as const, question: 'Who may unlock an account?' }]]),
  };
  const asked = await judgeTaskEvidence(question);
  assert.equal(asked.tick, false);
  assert.match(JSON.stringify(asked.verdicts), /"undecidable".*not decidable from the diff: Who may unlock/);
  const person = { kind: 'attestation' as const, criterion: '1.1', by: 'ada', reason: 'asked', files: {}, at: 't' };
  const attested = await judgeTaskEvidence({ ...question, records: [person] });
  assert.equal(attested.tick, true);
  assert.deepEqual(recordsOf(attested, spec, {}, 'now'), [], 'an attestation is the person’s, never the run’s');
});
