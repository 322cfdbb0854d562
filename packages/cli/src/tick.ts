import type { ApplyChoice, StoredChangeSet } from '@ambit/engine/change-set';

/**
 * The box that applying a task's change set ticks, in the same transaction. Nothing when a check of the run failed: the
 * box says what is true.
 */
export async function tickFor(set: StoredChangeSet): Promise<NonNullable<ApplyChoice['also']>> {
  const { spec, task } = set;
  if (!spec || !task || set.checks.some((check) => check.status === 'failed')) return [];
  if (set.flags.some((flag) => flag.code === 'incomplete')) return [];
  const { tickTask } = await import('@ambit/engine/runner');
  return [{ path: `.kiro/specs/${spec}/tasks.md`, change: (text) => tickTask(text, task) }];
}
