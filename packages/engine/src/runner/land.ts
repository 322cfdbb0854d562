import {
  applicable,
  applyChangeSet,
  type Conflict,
  rejectChangeSet,
  type StoredChangeSet,
} from '../change-set/index.ts';
import type { Step } from './graph.ts';
import type { RunPlace } from './job.ts';
import type { Layer } from './layer.ts';
import { keepProof } from './proof.ts';
import { tickTask } from './tick.ts';

export type Landed =
  | { status: 'applied'; checkpoint: string }
  /** In the layer: a person applies it. */
  | { status: 'waiting'; reason: string }
  | { status: 'conflict'; conflicts: Conflict[] };

export const tasksFile = (spec: string) => `.kiro/specs/${spec}/tasks.md`;

/** Why a change set is not applied without a person; undefined when it may be. */
export function heldBack(
  set: StoredChangeSet,
  autopilot: boolean,
  waitingBefore: readonly string[],
): string | undefined {
  if (!autopilot) return 'a person looks at it first';
  if (waitingBefore.length > 0) return `it builds on ${waitingBefore.join(', ')}, which waits`;
  const [flag] = set.flags;
  if (flag) return `${flag.code}${flag.path ? ` ${flag.path}` : ''}: ${flag.reason}`;
  return applicable(set).length === 0 ? 'nothing in it can be applied by itself' : undefined;
}

/** Brings a task's finished work in: into the workspace where it may, else on top of the layer that later tasks see. */
export async function landTask(
  place: RunPlace,
  step: Step,
  set: StoredChangeSet,
  layer: Layer,
  because: string | undefined,
): Promise<Landed> {
  const clash = set.files.find((file) => layer.paths.has(file.path));
  const reason = because ?? (clash ? `\`${clash.path}\` was changed by work that waits` : undefined);
  if (reason === undefined) {
    const also = [{ path: tasksFile(place.spec.name), change: (text: string) => tickTask(text, step.task.id) }];
    const result = await applyChangeSet(set.id, { channel: 'autopilot', hash: set.hash, also }, place.apply);
    if (result.status === 'applied') {
      await keepProof(place.spec, set, place.apply);
      return { status: 'applied', checkpoint: result.checkpoint };
    }
    if (result.status === 'conflict') return { status: 'conflict', conflicts: result.conflicts };
    return { status: 'waiting', reason: result.reason };
  }
  const conflicts = await layer.add(set);
  return conflicts.length > 0 ? { status: 'conflict', conflicts } : { status: 'waiting', reason };
}

/** Takes work out of the way that is done again. */
export async function dropWork(place: RunPlace, set: StoredChangeSet, why: string): Promise<void> {
  if (set.state.status === 'open') await rejectChangeSet(set.id, why, place.apply);
}
