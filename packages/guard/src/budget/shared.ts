import type { Outcome, RuleVerdict } from '@ambit/core/schema';
import type { Resolved } from '../grant.ts';
import type { Spending } from './budget.ts';

/** The budgets of a run and of the runs around it, told of what commands leave as well. */
export interface SharedSpending {
  judge: (resolved: Resolved) => Promise<RuleVerdict[]>;
  /** What is used up by now. */
  exceeded: () => Promise<RuleVerdict[]>;
  count: (resolved: Resolved, outcome: Pick<Outcome, 'status'>) => void;
}

/**
 * Commands write without asking: after one, what stands in the working copy is measured before anything else is decided.
 * Nothing is measured where no budget has a limit.
 */
export function shareSpending(
  spendings: readonly Spending[],
  measure?: () => Promise<readonly { path: string; size: number }[]>,
): SharedSpending {
  let unmeasured = false;
  const measured = async () => {
    if (!unmeasured || !measure || !spendings.some(({ limited }) => limited)) return;
    unmeasured = false;
    const changes = await measure();
    for (const one of spendings) one.observe(changes);
  };
  return {
    judge: async (resolved) => {
      await measured();
      return spendings.flatMap((one) => one.judge(resolved));
    },
    exceeded: async () => {
      await measured();
      return spendings.flatMap((one) => one.exceeded());
    },
    count: (resolved, outcome) => {
      for (const one of spendings) one.count(resolved, outcome);
      unmeasured ||= resolved.kind === 'execute' || resolved.kind === 'spawn';
    },
  };
}
