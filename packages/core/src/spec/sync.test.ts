import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSpec, requirementsOf } from './spec.ts';
import { syncPlan } from './sync.ts';
import { criteriaChange } from './sync-design.ts';

const requirements = (...criteria: string[]) =>
  `# Requirements Document\n\n### Requirement 1: Upload\n\n#### Acceptance Criteria\n\n${criteria.map((text, i) => `${i + 1}. ${text}`).join('\n')}\n\n### Requirement 2: Mail\n\n#### Acceptance Criteria\n\n1. WHEN a file is there THE system SHALL send a mail.\n`;
const store = 'WHEN a user picks a file THE system SHALL store it.';
const size = 'IF the file has more than 5 MB THEN the system SHALL refuse it.';
const name = 'THE system SHALL choose the stored name itself.';
const type = 'IF the file is no image THEN the system SHALL refuse it.';

const design = `# Design

## Components and Interfaces

### Upload

Takes files.

- Files: \`src/upload/**\`
- Requirements: 1.1, 1.2, 1.3

### Mail

Sends. As 1.2 says: «${size}»

- Requirements: 2

## Correctness Properties

### Property 1: Bounded

*For any* file, its size is checked.

**Validates: Requirements 1.2, 1.3**

### Property 2: Named

*For any* file, its name is ours.

**Validates: Requirements 1.3**
`;
const tasks =
  '# Plan\n\n- [x] 1. Upload\n  - _Requirements: 1.1, 1.2, 1.3_\n  - _Scope: src/upload/**_\n- [ ] 2. Mail\n  - _Requirements: 2.1_\n';

const specOf = (text: string, plan = tasks, outline = design) =>
  parseSpec({
    name: 'files',
    requirements: { file: 'requirements.md', text },
    design: { file: 'design.md', text: outline },
    tasks: { file: 'tasks.md', text: plan },
  });
const criteria = (text: string) => requirementsOf(specOf(text)).flatMap((entry) => entry.criteria);
const before = criteria(requirements(store, size, name));

/** Lines of `now` that `old` does not have, and the other way round. */
function difference(old: string, now: string): { gone: string[]; come: string[] } {
  const [a, b] = [old.split('\n'), now.split('\n')];
  return { gone: a.filter((line) => !b.includes(line)), come: b.filter((line) => !a.includes(line)) };
}

test('nothing edited, nothing changed', () => {
  const spec = specOf(requirements(store, size, name));
  const plan = syncPlan(spec, before);
  assert.deepEqual([plan.design, plan.tasks, plan.added, plan.review], [design, tasks, [], []]);
});

test('an inserted criterion moves the numbers behind it, in design and tasks, and nothing else', () => {
  const plan = syncPlan(specOf(requirements(store, type, size, name)), before);
  assert.deepEqual(plan.edited.renumbered, [
    ['1.2', '1.3'],
    ['1.3', '1.4'],
  ]);
  assert.deepEqual(plan.edited.added, ['1.2']);
  assert.deepEqual(difference(design, plan.design ?? ''), {
    gone: ['- Requirements: 1.1, 1.2, 1.3', '**Validates: Requirements 1.2, 1.3**', '**Validates: Requirements 1.3**'],
    come: [
      '- Requirements: 1.1, 1.3, 1.4, 1.2',
      `- Revised 1.2: ${type}`,
      '**Validates: Requirements 1.3, 1.4**',
      '**Validates: Requirements 1.4**',
    ],
  });
  assert.deepEqual(difference(tasks, plan.tasks).gone, ['  - _Requirements: 1.1, 1.2, 1.3_']);
  assert.match(plan.tasks, /- \[x\] 1\. Upload\n {2}- _Requirements: 1\.1, 1\.3, 1\.4_/);
  assert.deepEqual(
    plan.added.map((task) => task.criteria),
    [['1.2']],
  );
});

test('a reworded criterion: its section and quotes say the new words, and done work gets a task', () => {
  const smaller = size.replace('5 MB', '2 MB');
  const text = requirements(store, smaller, name);
  const plan = syncPlan(specOf(text), before);
  assert.deepEqual(plan.edited.reworded, ['1.2']);
  assert.match(plan.design ?? '', /- Requirements: 1\.1, 1\.2, 1\.3\n- Revised 1\.2: IF the file has more than 2 MB/);
  assert.match(plan.design ?? '', /«IF the file has more than 2 MB THEN the system SHALL refuse it\.»/);
  assert.match(plan.review.join('\n'), /property 1 validates 1\.2, whose words changed/);
  assert.deepEqual(
    plan.added.map((task) => [task.title, task.criteria]),
    [['Bring Upload in line with 1.2', ['1.2']]],
  );
  assert.ok(plan.tasks.startsWith(tasks.trimEnd()), 'what stood there stands there');
  // Said once: a later sync of the same words changes nothing, and of other words replaces the line.
  const again = syncPlan(specOf(text, plan.tasks, plan.design ?? ''), criteria(text));
  assert.deepEqual([again.design, again.tasks], [plan.design, plan.tasks]);
  const third = requirements(store, size.replace('5 MB', '1 MB'), name);
  const replaced = syncPlan(specOf(third, plan.tasks, plan.design ?? ''), criteria(text)).design ?? '';
  assert.equal(replaced.split('Revised 1.2').length, 2);
  assert.match(replaced, /- Revised 1\.2: IF the file has more than 1 MB/);
});

test('open work needs no further task', () => {
  const plan = syncPlan(specOf(requirements(store, size.replace('5', '2'), name), tasks.replace('[x]', '[ ]')), before);
  assert.deepEqual(plan.added, []);
});

test('a removed criterion leaves the lists; where it stood alone a person is told', () => {
  const plan = syncPlan(specOf(requirements(store, size)), before);
  assert.deepEqual(plan.edited.removed, ['1.3']);
  assert.deepEqual(difference(design, plan.design ?? ''), {
    gone: ['- Requirements: 1.1, 1.2, 1.3', '**Validates: Requirements 1.2, 1.3**'],
    come: ['- Requirements: 1.1, 1.2', '**Validates: Requirements 1.2**'],
  });
  assert.match(plan.review.join('\n'), /refers to 1\.3 alone, which is gone/);
  assert.match(plan.tasks, /_Requirements: 1\.1, 1\.2_/);
});

test('line ends stay what they are', () => {
  const crlf = (text: string) => text.replaceAll('\n', '\r\n');
  const plan = syncPlan(specOf(crlf(requirements(store, type, size, name)), crlf(tasks), crlf(design)), before);
  assert.equal((plan.design ?? '').replaceAll('\r\n', '').includes('\n'), false);
  assert.equal(plan.tasks.replaceAll('\r\n', '').includes('\n'), false);
});

test('swapped criteria are renumbered, not reworded', () => {
  const change = criteriaChange(before, criteria(requirements(size, store, name)));
  assert.deepEqual(
    [...change.renumbered],
    [
      ['1.1', '1.2'],
      ['1.2', '1.1'],
    ],
  );
  assert.deepEqual([[...change.reworded.keys()], change.added, [...change.removed]], [[], [], []]);
});
