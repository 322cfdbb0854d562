import type { Spec, Task } from '@ambit/core/spec';
import type { StoredChangeSet } from '../change-set/index.ts';
import { type CriterionDrift, criteriaOf } from '../evidence/index.ts';

/** A check that no further work can pass: a person has to say that the criterion holds. */
export const attestation = 'attestation';

const shown = ({ verdict, by }: CriterionDrift) => verdict === 'holds' || (verdict === 'undecidable' && by.length > 0);

/** All that kept the box open was that a person had to say that a criterion holds. */
const lackedOnlyAPerson = (set: StoredChangeSet) =>
  set.state.status === 'applied' &&
  set.checks.some((check) => check.name === attestation) &&
  set.checks.every((check) => check.status !== 'failed' || check.name === attestation) &&
  set.flags.every((flag) => flag.code !== 'incomplete');

/**
 * Tasks whose box an attestation settles: their newest work is in the workspace whole, nothing else was amiss with it, and
 * by now every criterion they name is shown to hold by evidence that still fits the files.
 * SECURITY: a person's word stands for its own criterion only (settled.test.ts).
 */
export function settledTasks(spec: Spec, drift: readonly CriterionDrift[], sets: readonly StoredChangeSet[]): Task[] {
  const proven = new Set(drift.filter(shown).map((entry) => entry.criterion));
  return (spec.tasks?.tasks ?? []).filter((task) => {
    if (!task.box || task.box.state === 'done') return false;
    const criteria = criteriaOf(spec, task);
    if (criteria.length === 0 || !criteria.every((id) => proven.has(id))) return false;
    const newest = sets.filter((set) => set.spec === spec.name && set.task === task.id).at(-1);
    return newest !== undefined && lackedOnlyAPerson(newest);
  });
}
