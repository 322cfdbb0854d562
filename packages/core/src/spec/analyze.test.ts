import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCatalogSources } from '../../../../test/support/catalog.ts';
import { analyzeSpec } from './analyze.ts';
import { parseLintRules } from './lint/index.ts';
import { parseSpec } from './spec.ts';
import { syncPlan } from './sync.ts';

const spec = parseSpec({
  name: 'login',
  requirements: {
    file: 'requirements.md',
    text: '### Requirement 1: Sessions\n#### Acceptance Criteria\n1. WHEN a user logs in THE system SHALL keep the session for 30 minutes.\n2. WHEN a user logs in, the system SHALL keep the session for 8 hours.\n3. WHEN a user logs out THE system SHALL delete the session.\n4. WHEN a user logs out THE system SHALL NOT delete the session.\n### Requirement 2: Mail\n#### Acceptance Criteria\n1. THE system SHALL send a mail.\n',
  },
  tasks: {
    file: 'tasks.md',
    text: '# Plan\n\n- [x] 1. Sessions\n  - _Requirements: 1.1, 1.2, 1.3, 7.7_\n  - _Scope: src/session/**_\n- [ ] 2. Rename things\n',
  },
});

test('contradictions, different numbers and loose ends are found', async () => {
  const found = analyzeSpec(spec, parseLintRules(await readCatalogSources('lint')));
  assert.deepEqual(
    found.map((entry) => `${entry.kind} ${entry.about.join('/')}`),
    [
      'contradiction 1.4',
      'different-numbers 1.1/1.2',
      'task-without-criterion 2',
      'uncovered-criterion 1.4',
      'uncovered-criterion 2.1',
    ],
  );
});

test('sync appends tasks for what nothing covers and keeps every line there is', () => {
  const plan = syncPlan(spec);
  assert.deepEqual(
    plan.added.map((task) => [task.id, task.criteria]),
    [
      ['3', ['1.4']],
      ['4', ['2.1']],
    ],
  );
  assert.ok(plan.tasks.startsWith((spec.tasks?.source ?? '').trimEnd()));
  assert.match(
    plan.tasks,
    /- \[ \] 3\. Complete Sessions \(1\.4\)\n {2}- tests cite login\/1\.4\n {2}- _Requirements: 1\.4_\n {2}- _Scope: src\/session\/\*\*_/,
  );
  assert.deepEqual(
    plan.dangling.map((entry) => [entry.about, entry.reference]),
    [['task 1', '7.7']],
  );
  const again = parseSpec({
    name: 'login',
    requirements: { file: 'r', text: spec.requirements?.source ?? '' },
    tasks: { file: 't', text: plan.tasks },
  });
  assert.deepEqual(syncPlan(again).added, []);
});
