import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTasks } from '@ambit/core/spec';
import { protections, readPolicySets } from '@ambit/guard/policy';
import { readCatalogSources } from '../../../../test/support/catalog.ts';
import { reviewCues } from '../../../../test/support/change-sets.ts';
import { judgeTests, type TestOutcome } from './checks.ts';
import { taskScope } from './job.ts';
import { wantsFailingTests } from './prompt.ts';

const cues = await reviewCues();
const outcome = (status: TestOutcome['status'], report = ''): TestOutcome => ({
  status,
  command: 'npm test',
  report,
  detail: 'detail',
  exitCode: status === 'passed' ? 0 : 1,
});
const never = () => Promise.reject(new Error('not asked for'));

test('only failures that were not there before are the task\u2019s', async () => {
  const old = '✖ broken before (1ms)\n';
  const now = outcome('failed', `${old}✔ fine (1ms)\n`);
  assert.equal((await judgeTests(now, false, cues, async () => outcome('failed', old))).status, 'passed');
  const worse = outcome('failed', `${old}✖ newly broken (2ms)\n`);
  const judged = await judgeTests(worse, false, cues, async () => outcome('failed', old));
  assert.equal(judged.status, 'failed');
  assert.match(judged.detail, /: newly broken\n/);
  assert.equal((await judgeTests(worse, false, cues, async () => outcome('passed'))).status, 'failed');
  assert.equal(
    (
      await judgeTests(outcome('failed', 'Segmentation fault'), false, cues, async () =>
        outcome('failed', 'Segmentation fault'),
      )
    ).status,
    'failed',
  );
});

test('tests that could not be run are a failed check, no tests a skipped one', async () => {
  assert.equal((await judgeTests(outcome('unable'), false, cues, never)).status, 'failed');
  assert.equal((await judgeTests(outcome('none'), false, cues, never)).status, 'skipped');
  assert.equal((await judgeTests(outcome('passed'), false, cues, never)).status, 'passed');
});

test('a task that asks for failing tests is done when they fail, and not when they pass', async () => {
  assert.equal((await judgeTests(outcome('failed'), true, cues, never)).status, 'passed');
  assert.equal((await judgeTests(outcome('passed'), true, cues, never)).status, 'failed');
  const wants = (title: string) => wantsFailingTests(parseTasks(`# Tasks\n\n- [ ] 1. ${title}\n`).tasks[0]!);
  assert.ok(wants('Write failing tests for the parser'));
  assert.ok(wants('Write bug condition exploration test'));
  assert.ok(!wants('Fix failing login when the password is empty'));
  assert.ok(!wants('Write tests for the parser'));
});

test('a scope names guarded files only where it stands on guarded ground', async () => {
  const guarded = protections(readPolicySets(await readCatalogSources('policies')));
  const text = (scope: string) => `# Tasks\n\n- [ ] 1. Parent\n  - _Scope: ${scope}_\n  - [ ] 1.1 Child\n`;
  const scopeOf = (scope: string, id = '1.1') => {
    const tasks = parseTasks(text(scope));
    const place = { spec: { name: 's', tasks }, policy: { protections: guarded }, hashes: [] };
    return taskScope(place as never, tasks.tasks.find((task) => task.id === id)!);
  };
  assert.deepEqual(scopeOf('src/**').write, ['src/**'], 'a child has its parent\u2019s scope');
  assert.deepEqual(scopeOf('src/**').grants, []);
  assert.deepEqual(scopeOf('**').grants, []);
  assert.deepEqual(scopeOf('src/auth/**, src/x.ts').grants[0]?.match, ['src/auth/**']);
  assert.deepEqual(scopeOf('src/middleware.ts').grants[0]?.match, ['src/middleware.ts']);
  assert.deepEqual(scopeOf('src/author/**').grants, []);
});
