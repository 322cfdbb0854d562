import type { Budget, Outcome, RuleVerdict } from '@ambit/core/schema';
import type { Resolved } from '../grant.ts';

/** What a run has used of the parts of its budget that the door can count. */
export interface Spending {
  /** Bytes written and distinct files touched by actions that were done. */
  readonly bytesWritten: number;
  readonly filesTouched: number;
  /** The budget's word on one more action: a denial when it would go over. */
  judge: (resolved: Resolved) => RuleVerdict[];
  /** Counts an action once it was done. */
  count: (resolved: Resolved, outcome: Pick<Outcome, 'status'>) => void;
  /** What stands in the working copy, whoever wrote it: commands write without asking. */
  observe: (changes: readonly { path: string; size: number }[]) => void;
  /** What the budget says now that it is used up; empty while it is not, and without limits. */
  exceeded: () => RuleVerdict[];
  /** Whether there is a limit that `observe` could tell about. */
  readonly limited: boolean;
}

interface Cost {
  bytes: number;
  files: string[];
}

function costOf(resolved: Resolved): Cost {
  if (resolved.kind === 'write') {
    const { content, encoding } = resolved.action;
    return { bytes: Buffer.byteLength(content, encoding), files: [resolved.path.absolute] };
  }
  if (resolved.kind === 'delete') return { bytes: 0, files: [resolved.path.absolute] };
  if (resolved.kind === 'move') return { bytes: 0, files: [resolved.from.absolute, resolved.to.absolute] };
  return { bytes: 0, files: [] };
}

/** Actions that could write more. */
const writing: ReadonlySet<string> = new Set(['write', 'delete', 'move', 'execute']);

const over = (rule: string, what: string, limit: number): RuleVerdict => ({
  rule,
  effect: 'deny',
  source: 'run',
  reason: `the budget of ${limit} ${what} would be used up`,
});

/** Counts what one run writes and refuses what would exceed its budget. Absent limits do not limit. */
export function createSpending(budget: Budget): Spending {
  const files = new Set<string>();
  let bytes = 0;
  let seenBytes = 0;
  let seenFiles = 0;
  const used = () => Math.max(bytes, seenBytes);
  const touched = () => Math.max(files.size, seenFiles);
  const exceeded = (): RuleVerdict[] => [
    ...(budget.bytesWritten !== undefined && used() > budget.bytesWritten
      ? [over('budget.bytes', 'bytes written', budget.bytesWritten)]
      : []),
    ...(budget.filesTouched !== undefined && touched() > budget.filesTouched
      ? [over('budget.files', 'files touched', budget.filesTouched)]
      : []),
  ];
  return {
    limited: budget.bytesWritten !== undefined || budget.filesTouched !== undefined,
    exceeded,
    observe: (changes) => {
      seenFiles = changes.length;
      seenBytes = changes.reduce((sum, { size }) => sum + size, 0);
    },
    get bytesWritten() {
      return used();
    },
    get filesTouched() {
      return touched();
    },
    judge: (resolved) => {
      const cost = costOf(resolved);
      const fresh = new Set(cost.files.filter((file) => !files.has(file))).size;
      const { bytesWritten, filesTouched } = budget;
      const gone = writing.has(resolved.kind) ? exceeded() : [];
      if (gone.length > 0) return gone;
      return [
        ...(bytesWritten !== undefined && cost.bytes > 0 && used() + cost.bytes > bytesWritten
          ? [over('budget.bytes', 'bytes written', bytesWritten)]
          : []),
        ...(filesTouched !== undefined && fresh > 0 && touched() + fresh > filesTouched
          ? [over('budget.files', 'files touched', filesTouched)]
          : []),
      ];
    },
    count: (resolved, { status }) => {
      // A failed write may have written: it counts as well.
      if (status === 'denied') return;
      const cost = costOf(resolved);
      bytes += cost.bytes;
      for (const file of cost.files) files.add(file);
    },
  };
}

/** A budget and what was used of it, for people: `3 of 20 files`. */
export function spent(budget: Budget, spending: Pick<Spending, 'bytesWritten' | 'filesTouched'>): string[] {
  return [
    ...(budget.filesTouched === undefined ? [] : [`${spending.filesTouched} of ${budget.filesTouched} files`]),
    ...(budget.bytesWritten === undefined ? [] : [`${spending.bytesWritten} of ${budget.bytesWritten} bytes`]),
  ];
}
