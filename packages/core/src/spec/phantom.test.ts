// What a model may leave behind instead of a proof: none of it proves a criterion.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { citedTests } from './citations.ts';
import { criterionVerdict } from './evidence.ts';
import { judgeTest } from './test-report.ts';

const passing = { exitCode: 0, output: 'ok 1 - login/1.1 locks\n' };

/** Verdict on 1.1 when these files stand and the report says that the test passed. */
function verdict(...files: string[]) {
  const tests = files
    .flatMap((text, i) => citedTests(`${i}.test.ts`, text, ''))
    .map((entry) => ({ test: entry, run: judgeTest(entry, passing) }));
  const found = criterionVerdict({ criterion: '1.1', tests, records: [] }, {});
  return found.verdict === 'unproven' ? found.reason : found.verdict;
}

const named = (body: string) => `test('login/1.1 locks', async () => {\n${body}\n});\n`;
const real = named('assert.equal(locked(), true);');

test('assertions that fail never, late, unseen or about a constant are none', () => {
  const hollow = [
    'try { assert.equal(run(), 1) } catch (error) { console.log(error) }',
    'const got = 1;\n assert.equal(got, 1)',
    'const check = () => { assert.equal(run(), 1) }',
    'function check() { assert.equal(run(), 1) }',
    'setTimeout(() => assert.equal(run(), 1), 10)',
    'expect(run()).resolves.toBe(1)',
    "if ('') { assert.equal(run(), 1) }",
    '// assert.equal(run(), 1)',
    '',
  ];
  assert.deepEqual(
    hollow.filter((body) => verdict(named(body)) !== 'asserts-nothing'),
    [],
  );
});

test('their honest neighbours count', () => {
  const honest = [
    'try { await run() } catch (error) { assert.match(error.message, /no/) }',
    'let calls = 0;\n run(() => calls++);\n assert.equal(calls, 1)',
    'const wanted = 1;\n assert.equal(run(), wanted)',
    'const check = () => { assert.equal(run(), 1) };\n check()',
    'await new Promise((done) => setTimeout(() => { assert.equal(run(), 1); done() }, 10))',
    'await expect(run()).resolves.toBe(1)',
    'return expect(run()).rejects.toThrow()',
  ];
  assert.deepEqual(
    honest.filter((body) => verdict(named(body)) !== 'proven'),
    [],
  );
});

test('Python: a swallowed assertion is none', () => {
  const count = (body: string) =>
    citedTests('test_a.py', `def test_lock():\n    # login/1.1\n${body}`, '')[0]?.assertions;
  assert.equal(count('    try:\n        assert locked()\n    except Exception:\n        pass\n'), 0);
  assert.equal(count('    try:\n        unlock()\n    finally:\n        assert locked()\n'), 1);
});

test('a comment further down in a test about something else is no citation, an opening one is', () => {
  const cited = (text: string, file = 'a.test.ts') => citedTests(file, text, '').length;
  assert.equal(cited("test('adds', () => {\n  assert.equal(add(1, 1), 2);\n  // login/1.1 is done\n});\n"), 0);
  assert.equal(cited("test('adds', () => {\n  const note = 'login/1.1';\n  assert.equal(add(1, 1), 2);\n});\n"), 0);
  assert.equal(cited("test('adds', () => assert.equal(add(1, 1), 2)); // login/1.1\n"), 0);
  assert.equal(cited("test('locks', () => {\n  // login/1.1\n  assert.equal(locked(), true);\n});\n"), 1);
  assert.equal(cited("test('login/1.1 locks', () => assert.equal(locked(), true));\n"), 1);
  assert.equal(cited('def test_add():\n    assert add(1, 1) == 2\n    # login/1.1\n', 'test_a.py'), 0);
  assert.equal(cited('def test_lock():\n    """login/1.1"""\n    assert locked()\n', 'test_a.py'), 1);
  assert.equal(cited("it 'adds' do\n  expect(add).to eq 2\n  # login/1.1\nend\n", 'a_spec.rb'), 0);
  const go = 'func TestAdd(t *testing.T) {\n\tif add() != 2 {\n\t\tt.Fatal()\n\t}\n\t// login/1.1\n}\n';
  assert.equal(cited(go, 'a_test.go'), 0);
});

test('a file that prints a report of its own proves nothing', () => {
  assert.equal(verdict(real), 'proven');
  assert.equal(verdict(`if (process.env.NEVER) ${real}console.log('ok 1 - login/1.1 locks');\n`), 'imitated-report');
  assert.equal(verdict(`${real}process.stdout.write('✔ login/1.1 locks (1ms)');\n`), 'imitated-report');
  assert.equal(verdict(`${real}console.log('result: ok');\n`), 'proven');
});

test('where two tests share a name, a hollow one spoils the other: the report cannot tell them apart', () => {
  assert.notEqual(verdict(named('assert.ok(true);'), real), 'proven');
  assert.notEqual(verdict(real.replace('test(', 'test.skip('), real), 'proven');
  assert.equal(verdict(real, real), 'proven');
});
