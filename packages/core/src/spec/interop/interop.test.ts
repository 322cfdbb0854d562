import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSpec } from '../spec.ts';
import {
  draftRequirements,
  draftTasks,
  exportGherkin,
  exportIssues,
  exportOpenSpec,
  exportSpecKit,
  importOpenSpec,
  importSpecKit,
} from './index.ts';

const kit = `# Feature Specification: Photo albums

**Input**: User description: "Organise photos in albums"

## User Scenarios & Testing

### User Story 1 - Make an album (Priority: P1)

A user collects photos.

**Acceptance Scenarios**:

1. **Given** an empty library, **When** the user adds an album, **Then** the album is listed
2. **When** the name is empty, **Then** the system MUST refuse it

## Requirements

### Functional Requirements

- **FR-001**: System MUST keep albums for [NEEDS CLARIFICATION: how long?]
- **FR-002**: Users MUST be able to rename an album
`;
const kitTasks =
  '# Tasks\n\n## Phase 1: Setup\n\n- [x] T001 [P] Create src/albums/store.ts\n- [ ] T002 [US1] List albums in src/albums/list.ts\n';

const specOf = (requirements: string, tasks?: string) =>
  parseSpec({
    name: 'albums',
    requirements: { file: 'requirements.md', text: requirements },
    ...(tasks === undefined ? {} : { tasks: { file: 'tasks.md', text: tasks } }),
  });

test('spec-kit comes in with stories, scenarios, functional requirements and tasks', () => {
  const draft = importSpecKit({ spec: kit, tasks: kitTasks });
  const spec = specOf(draftRequirements(draft), draftTasks(draft));
  assert.deepEqual(
    spec.requirements?.requirements.map((entry) => [entry.title, entry.criteria.map((criterion) => criterion.text)]),
    [
      [
        'Make an album',
        [
          'WHILE an empty library, WHEN the user adds an album, THE System SHALL ensure that the album is listed',
          'WHEN the name is empty, THE System SHALL refuse it',
        ],
      ],
      [
        'Functional requirements',
        [
          'THE System SHALL keep albums for [NEEDS CLARIFICATION: how long?]',
          'THE System SHALL let the user rename an album',
        ],
      ],
    ],
  );
  assert.deepEqual(
    spec.tasks?.tasks.map((task) => [
      task.id,
      task.box?.state,
      task.parallel,
      task.requirements.map((ref) => ref.text).join(),
      task.scope.map((slot) => slot.text).join(),
    ]),
    [
      ['1', 'done', true, '', 'src/albums/store.ts'],
      ['2', 'open', false, '1', 'src/albums/list.ts'],
    ],
  );
});

test('OpenSpec comes in with requirements and scenarios, removed ones left out', () => {
  const draft = importOpenSpec({
    title: 'albums',
    proposal: '## Why\n\nPhotos get lost.\n',
    specs: [
      '## ADDED Requirements\n\n### Requirement: Album list\n\nThe system SHALL list albums.\n\n#### Scenario: Empty\n\n- **GIVEN** no album\n- **WHEN** the list is opened\n- **THEN** a hint is shown\n- **AND** nothing else\n\n## REMOVED Requirements\n\n### Requirement: Old list\n\nThe system SHALL not.\n',
    ],
    tasks: '## 1. List\n\n- [x] 1.1 Show it\n',
  });
  const spec = specOf(draftRequirements(draft), draftTasks(draft));
  assert.deepEqual(
    spec.requirements?.requirements.map((entry) => entry.criteria.map((criterion) => criterion.text)),
    [
      [
        'THE System SHALL list albums.',
        'WHILE no album, WHEN the list is opened, THE System SHALL ensure that a hint is shown and nothing else',
      ],
    ],
  );
  assert.equal(spec.requirements?.introduction?.text, 'Photos get lost.');
  assert.equal(spec.tasks?.tasks[0]?.box?.state, 'done');
});

const own = specOf(
  '### Requirement 1: Albums\n\n**User Story:** As a user, I want albums.\n\n#### Acceptance Criteria\n\n1. WHILE online, WHEN a user adds an album, THE Album_Service SHALL list it.\n2. IF the name is empty THEN THE Album_Service SHALL NOT save it.\n',
  '- [x] 1. Save albums\n  - _Requirements: 1.1_\n',
);

test('Gherkin has a scenario a criterion', () => {
  const feature = exportGherkin(own).get('1.feature') ?? '';
  assert.match(
    feature,
    /Scenario: 1\.1 [^\n]+\n {4}Given online\n {4}When a user adds an album\n {4}Then the Album_Service shall list it\n/,
  );
  assert.match(feature, /Then the Album_Service shall not save it/);
});

test('what goes out to OpenSpec and spec-kit comes back with the same meaning', () => {
  const open = exportOpenSpec(own).get('specs/albums/spec.md') ?? '';
  const back = importOpenSpec({ title: 'albums', specs: [open] });
  assert.equal(back.requirements[0]?.criteria.at(-1)?.text, 'WHEN the name is empty, THE System SHALL not save it');
  const kitOut = exportSpecKit(own);
  assert.match(kitOut.get('tasks.md') ?? '', /- \[x\] T001 \[US1\] Save albums/);
  assert.equal(importSpecKit({ spec: kitOut.get('spec.md') ?? '' }).requirements[0]?.criteria.length, 2);
});

test('an issue has the criteria and the tasks as check lists', () => {
  const issue = exportIssues(own).get('1.md') ?? '';
  assert.match(issue, /- \[ \] \*\*1\.2\*\* IF the name is empty/);
  assert.match(issue, /- \[x\] 1\. Save albums/);
});
