import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { addCriterion, appendTask, printDocument, renumber, setTaskBox } from './edit.ts';
import { referenceIndex, resolveReference } from './references.ts';
import { parseRequirements } from './requirements.ts';
import { parseSpec } from './spec.ts';
import { parseTasks } from './tasks.ts';

const plan = `# Implementation Plan

- [x] 1. Set up
  - [x] 1.1 Create types
    - write \`a.ts\`
    - _Requirements: 1.1, 2.3_
  - [ ]* 1.2 Write property test
    - **Property 1: Round trip**
    - **Validates: Requirements 1.2-1.4**
- [-] 2. Build (P)
  - [~] 2.1 Store
    - _Scope: src/store/**, test/store/**_
    - _Depends: 1.1_
    - _Leverage: src/old.ts_
- [ ] 3. Checkpoint - Ensure all tests pass

## Task Dependency Graph

\`\`\`json
{"waves": [{"id": 0, "tasks": ["1.1"]}, {"id": 1, "tasks": ["2.1"]}]}
\`\`\`
`;

test('states, nesting, options, references, scope and dependencies are read', () => {
  const { tasks, waves } = parseTasks(plan);
  assert.deepEqual(
    tasks.map((task) => [task.id, task.parent ?? '', task.box?.state, task.optional]),
    [
      ['1', '', 'done', false],
      ['1.1', '1', 'done', false],
      ['1.2', '1', 'open', true],
      ['2', '', 'in-progress', false],
      ['2.1', '2', 'queued', false],
      ['3', '', 'open', false],
    ],
  );
  const [, types, property, build, store, checkpoint] = tasks;
  assert.deepEqual(
    types?.requirements.map((ref) => ref.text),
    ['1.1', '2.3'],
  );
  assert.deepEqual(
    types?.details.map((detail) => detail.text),
    ['write `a.ts`'],
  );
  assert.deepEqual(property?.properties, ['Property 1: Round trip']);
  assert.deepEqual(
    property?.requirements.map((ref) => [ref.kind, ref.from, ref.to]),
    [['range', '1.2', '1.4']],
  );
  assert.deepEqual([build?.parallel, build?.title], [true, 'Build']);
  assert.deepEqual(
    store?.scope.map((slot) => slot.text),
    ['src/store/**', 'test/store/**'],
  );
  assert.deepEqual(
    store?.depends.map((slot) => slot.text),
    ['1.1'],
  );
  assert.deepEqual(store?.fields, { Leverage: 'src/old.ts' });
  assert.equal(checkpoint?.checkpoint, true);
  assert.deepEqual(waves?.waves, [
    { id: 0, tasks: ['1.1'] },
    { id: 1, tasks: ['2.1'] },
  ]);
});

const variants: [string, string, [string, string | undefined][]][] = [
  [
    'children at the same column',
    '- [ ] 1. A\n- [x] 1.1 B\n- [ ] 2. C\n',
    [
      ['1', undefined],
      ['1.1', '1'],
      ['2', undefined],
    ],
  ],
  [
    'wide markers',
    '-   [x] 1. A\n\n    -   detail\n    -   _Requirements: 1.1_\n\n-   [ ] 2. B\n',
    [
      ['1', undefined],
      ['2', undefined],
    ],
  ],
  [
    'tabs',
    '- [ ] 1. A\n\t- [x] 1.1 B\n\t\t- [ ] 1.1.1 C\n',
    [
      ['1', undefined],
      ['1.1', '1'],
      ['1.1.1', '1.1'],
    ],
  ],
  [
    'without numbers',
    '- [ ] A\n- [x] B\n  - [ ] C\n',
    [
      ['~1', undefined],
      ['~2', undefined],
      ['~3', '~2'],
    ],
  ],
  [
    'ordered markers',
    '1. [ ] A\n2. [x] B\n',
    [
      ['1', undefined],
      ['2', undefined],
    ],
  ],
  [
    'ticks for boxes',
    '- ✅ 1. A\n- ⬜ 2. B\n',
    [
      ['1', undefined],
      ['2', undefined],
    ],
  ],
  [
    'numbers that repeat',
    '## Phase 1\n- [ ] 1. A\n## Phase 2\n- [ ] 1. B\n',
    [
      ['1', undefined],
      ['1~2', undefined],
    ],
  ],
  [
    'bold titles',
    '- [ ] **1. A**\n- [ ] **Task 2: B**\n',
    [
      ['1', undefined],
      ['2', undefined],
    ],
  ],
];

for (const [name, text, expected] of variants)
  test(`tasks: ${name}`, () => {
    assert.deepEqual(
      parseTasks(text).tasks.map((task) => [task.id, task.parent]),
      expected,
    );
    assert.deepEqual(
      parseTasks(text.replaceAll('\n', '\r\n')).tasks.map((task) => [task.id, task.parent]),
      expected,
    );
  });

test('a tick in a heading is a state, and what a heading task waits for is read', () => {
  const [first, second] = parseTasks('### Task 1.1: A ✅\n### Task 1.2: B\n**Dependencies**: Task 1.1\n').tasks;
  assert.deepEqual(
    [first?.title, first?.box?.state, second?.box?.state, second?.depends[0]?.text],
    ['A', 'done', undefined, '1.1'],
  );
});

test('a link, a footnote and a box in code are no tasks', () => {
  assert.deepEqual(
    parseTasks('- [x](https://example.test)\n- [1] note\n```\n- [ ] 1. no\n```\n- [ ] 2. yes\n').tasks.map(
      (task) => task.id,
    ),
    ['2'],
  );
});

test('requirement lines of every form resolve', () => {
  const requirements = parseRequirements(
    Array.from(
      { length: 3 },
      (_, r) =>
        `### Requirement ${r + 1}\n#### Acceptance Criteria\n${Array.from({ length: 4 }, (_, c) => `${c + 1}. THE system SHALL x${r}${c}`).join('\n')}`,
    ).join('\n'),
  );
  const index = referenceIndex(requirements.requirements);
  const resolved = (line: string) => {
    const [task] = parseTasks(`- [ ] 1. A\n  - ${line}\n`).tasks;
    return task?.requirements.flatMap((ref) => resolveReference(ref, index).criteria).join(' ');
  };
  assert.equal(resolved('_Requirements: 1.1, 1.2_'), '1.1 1.2');
  assert.equal(resolved('_Requirements: 1.1，1.2；2.1_'), '1.1 1.2 2.1');
  assert.equal(resolved('_需求：1.1、1.2_'), '1.1 1.2');
  assert.equal(resolved('_Requirements: 2.1-2.3_'), '2.1 2.2 2.3');
  assert.equal(resolved('_Requirements: 2.1 - 2.2, 3.4_'), '2.1 2.2 3.4');
  assert.equal(resolved('_Requirements: 2.3–3.1_'), '2.3 2.4 3.1');
  assert.equal(resolved('_Requirements: 3_'), '3.1 3.2 3.3 3.4');
  assert.equal(resolved('_Requirements: Requirement 1.4, Req 2.1_'), '1.4 2.1');
  assert.equal(resolved('_Requirements: 1.1 (partial), 1.2_'), '1.1 1.2');
  assert.equal(resolved('**Validates: Requirements 1.1, 1.3**'), '1.1 1.3');
  assert.equal(resolved('*Requirements: 1.1*'), '1.1');
  assert.equal(resolved('Requirements: 1.1, 1.2'), '1.1 1.2');
  assert.equal(resolved('_Requirements: 1.1, 1.2; Design: Property 4_'), '1.1 1.2');
  assert.equal(resolved('_Requirements: 1.1, 1.2_ _Depends: 2_'), '1.1 1.2');
  assert.equal(resolved('_Requirements: All_')?.split(' ').length, 12);
  assert.equal(resolved('_Requirements: Requirement 2 from the original spec_'), '2.1 2.2 2.3 2.4');
  assert.equal(resolved('_Requirements: AC1.1, R2.2, REQ-3.1_'), '1.1 2.2 3.1');
  assert.equal(resolved('**Done when** it works. _Requirements: 1.1, 3.2_'), '1.1 3.2');
  assert.equal(resolved('_Requirements: 9.9_'), '');
  assert.equal(resolved('_Requirements: performance, reliability_'), '');
});

test('a tick changes one character, whatever the line ends', () => {
  for (const text of [plan, plan.replaceAll('\n', '\r\n')]) {
    const ticked = setTaskBox(text, '2.1', 'done');
    assert.ok(ticked.ok);
    assert.equal(ticked.text, text.replace('[~] 2.1', '[x] 2.1'));
  }
  assert.deepEqual(setTaskBox(plan, '9', 'done'), { ok: false, problem: 'there is no task `9`' });
});

test('a new task goes behind its siblings and nothing else changes', () => {
  const added = appendTask(plan, { title: 'Load', under: '2', requirements: ['1.1'], scope: ['src/load/**'] });
  assert.ok(added.ok);
  assert.equal(added.id, '2.2');
  const block = '\n  - [ ] 2.2 Load\n    - _Requirements: 1.1_\n    - _Scope: src/load/**_';
  assert.equal(added.text, plan.replace('_Leverage: src/old.ts_', `_Leverage: src/old.ts_${block}`));
  const last = appendTask(plan, { title: 'Ship' });
  assert.equal(last.ok && last.text, plan.replace('all tests pass\n', 'all tests pass\n\n- [ ] 4. Ship\n'));
});

test('a new criterion and new numbers change their lines only', () => {
  const text =
    '### Requirement 1\n\n#### Acceptance Criteria\n\n1. THE system SHALL a\n3. THE system SHALL b\n\n### Requirement 2\n';
  const added = addCriterion(text, '1', 'THE system SHALL c');
  assert.equal(added.ok && added.text, text.replace('SHALL b\n', 'SHALL b\n4. THE system SHALL c\n'));
  const numbered = renumber(text);
  assert.deepEqual(
    [numbered.ok && numbered.text, numbered.changed],
    [text.replace('3. THE', '2. THE'), { '1.3': '1.2' }],
  );
});

test('no text makes the parsers throw or lose a byte', () => {
  const piece = fc.constantFrom(
    '# ',
    '### Requirement 1: ',
    '#### Acceptance Criteria',
    '- [ ] ',
    '- [x]* 1.2 ',
    '1. ',
    '_Requirements: ',
    '1.1-1.9',
    '```',
    '<!-- ',
    '-->',
    'WHEN ',
    'SHALL ',
    '|',
    '\t',
    '\r\n',
    '\n',
    '\n\n',
    '**',
    '_',
    '当',
    'THEN ',
    '\u0000',
    '\r',
    '---',
    '"waves"',
    '[',
    ']',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 6 })), { maxLength: 60 }), (parts) => {
      const text = parts.join('');
      const source = { file: 'f', text };
      const spec = parseSpec({
        name: 's',
        requirements: source,
        bugfix: source,
        design: source,
        tasks: source,
        config: source,
      });
      assert.equal(printDocument(spec.requirements ?? { source: '' }), text);
      for (const task of spec.tasks?.tasks ?? []) assert.ok(task.span.end <= text.length && task.span.start >= 0);
    }),
    { numRuns: 300 },
  );
});

test('a scope may begin with stars, whatever the emphasis around it', () => {
  for (const [line, globs] of [
    ['_Scope: **_', ['**']],
    ['_Scope: **/*.ts, src/**_', ['**/*.ts', 'src/**']],
    ['_Scope:**/*.ts_', ['**/*.ts']],
    ['**Scope:** **/*.md', ['**/*.md']],
    ['**Scope: **/*.ts**', ['**/*.ts']],
    ['**Scope:** src/a.ts', ['src/a.ts']],
  ] as const) {
    const [task] = parseTasks(`# Plan\n\n- [ ] 1. Build\n  - ${line}\n`, 'tasks.md').tasks;
    assert.deepEqual(
      task?.scope.map(({ text }) => text),
      globs,
      line,
    );
  }
});
