import assert from 'node:assert/strict';
import { test } from 'node:test';
import { citedTests } from '../citations.ts';
import { parseSpec } from '../spec.ts';
import { traceHtml, traceMermaid, traceSpec } from './index.ts';

const spec = parseSpec({
  name: 'login',
  requirements: {
    file: 'requirements.md',
    text: '# Requirements Document\n\n### Requirement 1: Lock <b>\n\n#### Acceptance Criteria\n\n1. IF a login fails 5 times THEN the system SHALL lock the "account".\n2. THE system SHALL log it.\n3. THE system SHALL send a mail.\n',
  },
  design: {
    file: 'design.md',
    text: '# Design\n\n## Components and Interfaces\n\n### Lock_Service\n\nImplements Requirement 1.1 in `src/lock.ts`.\n\n## Correctness Properties\n\n### Property 1: Lock holds\n\n*For any* login, the lock SHALL hold.\n\n**Validates: Requirements 1.1, 1.2**\n',
  },
  tasks: {
    file: 'tasks.md',
    text: '# Implementation Plan: Login Flow\n\n- [x] 1. Lock\n  - _Requirements: 1.1_\n- [x] 2. Log\n  - _Requirements: 1.2_\n- [x] 3. Banner\n',
  },
});
const tests = citedTests(
  'test/lock.test.ts',
  "test('login/1.1 locks', () => { assert.equal(locked(), true); });\n// Feature: login-flow, Property 1: Lock holds\ntest('property', () => { fc.assert(holds); });\ntest('login/9.9 gone', () => { assert.equal(a(), 1); });\n",
  'x',
);

test('joins design, property, task, test and file to each criterion', () => {
  const { rows } = traceSpec(spec, { tests, changes: [{ task: '1', files: ['src/lock.ts'] }] });
  const [first, second] = rows;
  assert.deepEqual(first?.components, ['Lock_Service']);
  assert.deepEqual(first?.properties, ['Property 1']);
  assert.deepEqual(
    first?.tasks.map((task) => task.id),
    ['1'],
  );
  assert.deepEqual(
    first?.tests.map((entry) => entry.name),
    ['login/1.1 locks', 'property'],
  );
  assert.deepEqual(first?.files, ['src/lock.ts']);
  assert.deepEqual(
    second?.tests.map((entry) => entry.name),
    ['property'],
  );
});

test('names what is missing: no task, ticked without a test, unrequested change, citation of nothing', () => {
  const { gaps } = traceSpec(spec, {
    tests: tests.slice(0, 1).concat(tests.slice(2)),
    changes: [{ task: '3', files: ['src/banner.ts'] }],
  });
  assert.deepEqual(
    gaps.map((gap) => `${gap.kind} ${gap.about}`),
    ['done-without-test 1.2', 'no-task 1.3', 'no-test 1.3', 'unrequested task 3', 'dangling login/9.9'],
  );
});

test('without a list of tests no test is missed', () => {
  assert.deepEqual(
    traceSpec(spec).gaps.map((gap) => gap.kind),
    ['no-task'],
  );
});

test('text of a spec stays text in the graph and the page', () => {
  const trace = traceSpec(spec, { tests });
  trace.rows[0]!.text = '"] --> x <script>alert(1)</script>';
  assert.ok(!traceHtml(trace).includes('<script>alert'));
  assert.ok(!traceMermaid(trace).includes('"] --> x'));
});
