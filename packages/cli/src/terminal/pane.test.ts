import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApprovalStatus } from '@ambit/engine/approvals';
import { type PaneContent, type PaneTask, paneLines } from './pane.ts';

const phases = (['requirements', 'design', 'tasks'] as const).map((phase, i) => ({
  phase,
  state: (['approved', 'stale', 'pending'] as const)[i] ?? 'pending',
  questions: 0,
}));

function content(tasks: PaneTask[], name = 'user-accounts'): PaneContent {
  return { name, approvals: { spec: name, phases, runnable: false, reasons: [] } as ApprovalStatus, tasks };
}

const task = (id: string, state: PaneTask['state'], more: Partial<PaneTask> = {}): PaneTask => ({
  ...{ id, state, title: `Write part ${id} with everything it needs`, depth: id.split('.').length - 1 },
  ...{ optional: false, leaf: true },
  ...more,
});

test('what is done, waiting and blocked has its mark; groups and optional tasks do not count', () => {
  const lines = paneLines(
    content([
      task('1', 'open', { leaf: false }),
      task('1.1', 'done'),
      task('1.2', 'waiting'),
      task('2', 'blocked'),
      task('3', 'open', { optional: true }),
    ]),
    90,
    20,
  );
  assert.equal(lines[0], '── user-accounts  ✓ requirements  ! design  · tasks  1/3 tasks');
  assert.deepEqual(
    lines.slice(1).map((line) => line.trim().slice(0, 7)),
    ['[ ] 1 W', '[x] 1.1', '[?] 1.2', '[!] 2 W', '[ ] 3 W'],
  );
  assert.match(lines.at(-1) ?? '', /\(optional\)$/);
});

test('however narrow or low, no line is wider and no row too many; the count and the next open task stay in view', () => {
  const many = Array.from({ length: 40 }, (_, i) => task(String(i + 1), i < 20 ? 'done' : 'open'));
  for (const columns of [20, 40, 59, 80, 200])
    for (const rows of [3, 5, 9, 60]) {
      const lines = paneLines(content(many, 'a-very-long-name-of-a-spec-that-goes-on-and-on'), columns, rows);
      assert.ok(lines.length <= rows && lines.every((line) => [...line].length <= columns));
      if (columns < 60) assert.match(lines[0] ?? '', /^── 20\/40 ✓R !D ·T/);
      assert.ok(
        lines.some((line) => /\[ \] 21 /.test(line)),
        lines.join('\n'),
      );
    }
});
