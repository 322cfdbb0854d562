import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseSpec } from '@ambit/core/spec';
import type { StoredChangeSet } from '../change-set/index.ts';
import { judgeDrift } from '../evidence/index.ts';
import { settledTasks } from './settled.ts';

const spec = parseSpec({
  name: 'drafts',
  requirements: {
    file: 'requirements.md',
    text: '# R\n\n### Requirement 1: A\n\n#### Acceptance Criteria\n\n1. THE Store SHALL keep it.\n2. THE team SHALL know how to restore it.\n',
  },
  tasks: {
    file: 'tasks.md',
    text: '# T\n\n- [ ] 1. Save\n  - _Requirements: 1.1, 1.2_\n- [ ] 2. Other\n  - _Requirements: 1.2_\n',
  },
});

const record = (criterion: string, file: Record<string, string>) => ({
  kind: 'attestation' as const,
  criterion,
  by: 'ada',
  reason: 'restored it',
  files: file,
  at: 't',
});
const set = (more: Partial<StoredChangeSet>) =>
  ({
    spec: 'drafts',
    task: '1',
    flags: [],
    checks: [
      { name: 'tests', status: 'passed' },
      { name: 'attestation', status: 'failed' },
    ],
    state: { status: 'applied' },
    ...more,
  }) as unknown as StoredChangeSet;

const both = judgeDrift(spec, [record('1.1', { a: 'x' }), record('1.2', {})], { a: 'x' });
const ids = (...args: Parameters<typeof settledTasks>) => settledTasks(...args).map((task) => task.id);

describe('a box that waited for a person', () => {
  it('is settled when every criterion of the task is shown and its work is in the workspace', () => {
    assert.deepEqual(ids(spec, both, [set({})]), ['1']);
  });

  it('stays open while another criterion is without evidence, or its evidence no longer fits the files', () => {
    assert.deepEqual(ids(spec, judgeDrift(spec, [record('1.2', {})], {}), [set({})]), []);
    assert.deepEqual(
      ids(spec, judgeDrift(spec, [record('1.1', { a: 'x' }), record('1.2', {})], { a: 'y' }), [set({})]),
      [],
    );
  });

  it('stays open when the work is not there whole, failed a check, or was done again since', () => {
    const failed = { name: 'tests', status: 'failed' as const };
    for (const sets of [
      [],
      [set({ state: { status: 'partly-applied' } as StoredChangeSet['state'] })],
      [set({ state: { status: 'open' } as StoredChangeSet['state'] })],
      [set({ checks: [failed, { name: 'attestation', status: 'failed' }] as StoredChangeSet['checks'] })],
      [set({ flags: [{ code: 'incomplete', reason: 'x' }] as unknown as StoredChangeSet['flags'] })],
      [set({}), set({ state: { status: 'open' } as StoredChangeSet['state'] })],
      [set({ task: '9' })],
      [set({ spec: 'else' })],
    ])
      assert.deepEqual(ids(spec, both, sets), []);
  });
});
