import assert from 'node:assert/strict';
import { test } from 'node:test';
import { citationsIn, citedTests } from './citations.ts';
import { type CitedTest, criterionVerdict, taskEvidence } from './evidence.ts';
import { judgeTest } from './test-report.ts';

const source = `
import { test } from 'node:test';
import assert from 'node:assert/strict';

// accounts/1.2
test('a known address gets the same answer', async () => {
  assert.equal(await answer('known'), await answer('unknown'));
});

test('accounts/1.3 locks after five attempts', () => {
  // expect(locked).toBe(true)
  const note = "expect(locked).toBe(true)";
  expect(true).toBe(true);
  assert.ok(true);
});

test.skip('accounts/1.4 sends a mail', () => {
  assert.equal(sent.length, 1);
});

test('unrelated', () => assert.equal(1 + 1, two));
`;
const tests = citedTests('test/accounts.test.ts', source, 'a'.repeat(64));
const cited = (criterion: string) => tests.find((entry) => entry.cites.some((cite) => cite.criterion === criterion));
const passing =
  'TAP version 13\nok 1 - a known address gets the same answer\nok 2 - accounts/1.3 locks after five attempts\nok 3 - accounts/1.4 sends a mail # SKIP\n';

const facts = (criterion: string, output: string, exitCode = 0) => {
  const found = cited(criterion);
  const pairs = found ? [{ test: found, run: judgeTest(found, { exitCode, output }) }] : [];
  return { criterion, tests: pairs, records: [] };
};

test('a cited test that passed and asserts proves its criterion', () => {
  const evidence = taskEvidence('2.1', [facts('1.2', passing)], {});
  assert.deepEqual([evidence.tick, evidence.verdicts[0]?.verdict], [true, 'proven']);
});

test('a claim without a test ticks nothing', () => {
  const claimed = [
    { result: 'passed' as const, file: 'test/made-up.test.ts', name: 'it works', sha256: 'b'.repeat(64) },
  ];
  const evidence = taskEvidence('2.1', [{ criterion: '9.9', tests: [], claimed, records: [] }], {});
  assert.equal(evidence.tick, false);
  assert.deepEqual(evidence.verdicts[0], {
    criterion: '9.9',
    verdict: 'unproven',
    reason: 'test-missing',
    detail: 'the test that should prove it does not exist or did not run',
  });
});

test('a failing test, a test that asserts nothing and a skipped test tick nothing', () => {
  const failing = taskEvidence('2', [facts('1.2', 'not ok 1 - a known address gets the same answer\n', 1)], {});
  assert.equal(failing.tick, false);
  assert.equal(reasonOf(failing.verdicts[0]), 'test-failed');
  assert.equal(reasonOf(taskEvidence('2', [facts('1.3', passing)], {}).verdicts[0]), 'asserts-nothing');
  assert.equal(reasonOf(taskEvidence('2', [facts('1.4', passing)], {}).verdicts[0]), 'test-skipped');
});

function reasonOf(verdict: ReturnType<typeof criterionVerdict> | undefined) {
  return verdict?.verdict === 'unproven' ? verdict.reason : undefined;
}

test('a report that does not name the test, an exit code that is not 0 and an older file do not prove', () => {
  assert.equal(reasonOf(taskEvidence('2', [facts('1.2', 'ok 1 - something else\n')], {}).verdicts[0]), 'test-missing');
  assert.equal(reasonOf(taskEvidence('2', [facts('1.2', passing, 1)], {}).verdicts[0]), 'test-failed');
  const found = cited('1.2') as CitedTest;
  const run = judgeTest({ ...found, sha256: 'c'.repeat(64) }, { exitCode: 0, output: passing });
  assert.equal(
    reasonOf(criterionVerdict({ criterion: '1.2', tests: [{ test: found, run }], records: [] }, {})),
    'stale',
  );
});

test('one failing test among those that cite a criterion is not outvoted', () => {
  const good = facts('1.2', passing).tests;
  const bad = facts('1.2', 'not ok 1 - a known address gets the same answer\n', 1).tests;
  const verdict = criterionVerdict({ criterion: '1.2', tests: [...good, ...bad], records: [] }, {});
  assert.equal(reasonOf(verdict), 'test-failed');
});

test('an attestation counts while its files are what they were', () => {
  const record = {
    kind: 'attestation' as const,
    criterion: '3.1',
    by: 'ada',
    reason: 'read it',
    files: { 'src/a.ts': 'x' },
    at: 't',
  };
  const entry = { criterion: '3.1', tests: [], records: [record], undecidable: 'an operator must do it' };
  assert.equal(criterionVerdict(entry, { 'src/a.ts': 'x' }).verdict, 'proven');
  assert.equal(criterionVerdict(entry, { 'src/a.ts': 'y' }).verdict, 'undecidable');
});

test('assertions that cannot fail are none', () => {
  const hollow = [
    'assert.equal(1, 1)',
    'assert.equal(result, result)',
    'assert(1 === 1)',
    'assert.ok(!false)',
    'expect(result)',
    'expect(result).toBe(result)',
    'expect("a").toBe("a")',
    'expect(1 + 1).toBe(2)',
    'if (false) { assert.equal(run(), 1) }',
    'try { assert.equal(run(), 1) } catch {}',
    'return;\n assert.equal(run(), 1)',
    'assert True\n',
    't.pass()',
  ];
  const real = [
    'assert.equal(run(), 1)',
    'assert.throws(() => run())',
    'expect(run()).toBe(run())',
    'expect(result).toBe(2)',
    'await expect(run()).rejects.toThrow()',
    'assert.equal(`${result}`, "x")',
    'try { assert.equal(run(), 1) } finally { stop() }',
    'assert result == 2\n',
    'if (got !== 1) t.fail()',
    'self.assertEqual(run(), 1)',
  ];
  const count = (body: string) => citedTests('a.test.ts', `test('s/1.1 x', () => {\n${body}\n});`, '')[0]?.assertions;
  const python = (body: string) =>
    citedTests('test_a.py', `def test_x():\n    # s/1.1\n    ${body}`, '')[0]?.assertions;
  const found = (body: string) => (body.startsWith('assert ') || body.startsWith('self') ? python(body) : count(body));
  assert.deepEqual(
    hollow.filter((body) => found(body) !== 0),
    [],
  );
  assert.deepEqual(
    real.filter((body) => found(body) !== 1),
    [],
  );
});

test('tests of other languages are found with their citations and assertions', () => {
  const python =
    'def test_lockout():\n    """Validates: Requirements 2.1"""\n    assert attempts() == 5\n\ndef test_empty():\n    # Requirements: 2.2\n    assert True\n';
  const go =
    '// accounts/2.1\nfunc TestLockout(t *testing.T) {\n\tif got != 5 {\n\t\tt.Errorf("got %d", got)\n\t}\n}\n';
  const counts = (file: string, text: string) =>
    citedTests(file, text, '').map((entry) => [entry.name, entry.assertions]);
  assert.deepEqual(counts('test_a.py', python), [
    ['test_lockout', 1],
    ['test_empty', 0],
  ]);
  assert.deepEqual(counts('a_test.go', go), [['TestLockout', 1]]);
  assert.deepEqual(citationsIn('see https://example.test/a/1.2.3 and src/1.2'), [{ spec: 'src', criterion: '1.2' }]);
});

test('reports of common runners are read', () => {
  const entry = { file: 'a.test.ts', name: 'adds two', sha256: '', skipped: false };
  const results = [
    '✔ adds two (0.5ms)',
    '  ✓ math > adds two 3ms',
    'PASS a.test.ts',
    '--- PASS: adds (0.00s)',
    '<testcase classname="math" name="adds two" time="0.1"/>',
    '  ✖ adds two (1ms)',
    'all good',
  ].map((output) => judgeTest(entry, { exitCode: 0, output }).result);
  assert.deepEqual(results, ['passed', 'passed', 'passed', 'missing', 'passed', 'failed', 'missing']);
});
