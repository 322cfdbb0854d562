import type { Usage } from '@ambit/core/schema';
import type { OpenedSession, Refusal } from '@ambit/engine';
import type { ApplyPorts, ApplyResult, StoredChangeSet } from '@ambit/engine/change-set';
import type { Io } from '../command.ts';
import type { Landing } from '../landing.ts';
import type { Workbench } from '../workbench.ts';

export interface Ended {
  summary: string;
  usage: Usage;
  refusals: readonly Refusal[];
  /** Why the run stopped before it was done. */
  incomplete?: string;
}

/** Whether there is anything to make a change set of: scanner and checkpoints are only loaded when there is. */
export async function hasChanges({ copy }: OpenedSession): Promise<boolean> {
  return copy.made && (await copy.changes()).length > 0;
}

/** Checkpoints, audit log and scan for landing, loaded when something was changed. */
export async function openLandingFor(bench: Workbench, io: Pick<Io, 'env' | 'now'>): Promise<Landing> {
  const { openLanding } = await import('../landing.ts');
  const { state, policy, redact } = bench;
  return openLanding({ state, protections: policy.protections, redact }, io);
}

/** The change set of a finished run; undefined when it changed nothing. */
export async function changeSetOf(
  opened: OpenedSession,
  landing: Landing,
  ended: Ended,
  redact: Workbench['redact'],
): Promise<StoredChangeSet | undefined> {
  const { makeChangeSet } = await import('@ambit/engine/change-set');
  return makeChangeSet(opened.copy, {
    ...(await landing.context(opened.session.run)),
    judge: opened.guard.judgeChange,
    denied: ended.refusals.map(({ rule, action, reason }) => ({ rule, text: `${action}: ${reason}` })),
    ...(ended.incomplete ? { incomplete: ended.incomplete } : {}),
    summary: redact(ended.summary).text,
    usage: ended.usage,
  });
}

/** What became of a run's changes. */
export type Landed =
  | { status: 'nothing' }
  | { status: 'open'; set: StoredChangeSet; why: string }
  | { status: 'applied'; set: StoredChangeSet; checkpoint: string };

function refusedBecause(result: Exclude<ApplyResult, { status: 'applied' }>): string {
  if (result.status === 'nothing') return result.reason;
  return `it conflicts with the workspace in ${result.conflicts.map((conflict) => conflict.path).join(', ')}`;
}

/** Applies what carries no flag; everything else waits for a person. */
export async function landUnflagged(set: StoredChangeSet, ports: ApplyPorts): Promise<Landed> {
  const { applicable, applyChangeSet } = await import('@ambit/engine/change-set');
  if (applicable(set).length === 0) return { status: 'open', set, why: 'nothing in it can be applied by itself' };
  const [flag] = set.flags;
  if (flag) return { status: 'open', set, why: `${flag.code}${flag.path ? ` (${flag.path})` : ''}: ${flag.reason}` };
  const result = await applyChangeSet(set.id, { channel: 'autopilot', hash: set.hash }, ports);
  if (result.status === 'applied') return { status: 'applied', set, checkpoint: result.checkpoint };
  return { status: 'open', set, why: refusedBecause(result) };
}
