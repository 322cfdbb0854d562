import { join } from 'node:path';
import { AmbitError } from '@ambit/core/errors';
import type { AuditLog } from '@ambit/guard/audit';
import { type StatePaths, withLock } from '@ambit/guard/state';
import type { Checkpoint, Checkpoints, Held, Touched } from '../checkpoint/index.ts';
import { applicable, type ChangedFile, type StoredChangeSet, stateOfSteps, stepsOf } from './change-set.ts';
import { applyHunks, hunks, splitLines } from './lines.ts';
import { type Conflict, plan, type Side, type Wanted, wantedOf } from './plan.ts';
import { loadBlob, loadChangeSet, saveState, stateFileOf } from './store.ts';
import { commit, type Finish, type Operation, type Recovered, recoverTransactions, type Step } from './transaction.ts';
import { findEntry } from './workspace-entry.ts';

/** What applying needs of the world around it. */
export interface ApplyPorts {
  state: StatePaths;
  checkpoints: Pick<Checkpoints, 'create' | 'hold' | 'list' | 'find' | 'treeOf'>;
  /** Writes one audit record durably. A throw means nothing is applied. */
  record: AuditLog['record'];
  now: () => Date;
  /** Told of what has been applied, after it is there. */
  landed?: (files: readonly Pick<ChangedFile, 'path' | 'kind'>[]) => void;
  /** Told of each step of the transaction; tests end the process there. */
  step?: Step;
}

export interface ApplyChoice {
  /** Only these paths; absent: everything that is not withheld. */
  files?: readonly string[];
  /** Only these hunks of a file, counted from 1. */
  hunks?: Readonly<Record<string, readonly number[]>>;
  /** Withheld paths (control, derived, ignored) that a human named one by one. `never` stays never. */
  include?: readonly string[];
  /** Paths left out, whatever else is chosen. */
  without?: readonly string[];
  /** Changes that land in the same transaction, such as a ticked box. Computed under the lock from what is there. */
  also?: readonly { path: string; change: (text: string) => string }[];
  /** Who said so: `terminal`, `ui` or `autopilot`. */
  channel: string;
  /** The change set that was shown: another content is refused (C5). */
  hash?: string;
}

export type ApplyResult =
  | { status: 'applied'; checkpoint: string; paths: string[]; partly: boolean }
  /** Nothing was changed. */
  | { status: 'conflict'; conflicts: Conflict[] }
  | { status: 'nothing'; reason: string };

type LockPaths = Pick<StatePaths, 'root'>;

/** Longest wait for another Ambit that is just applying. */
const waitMs = 20_000;

/** Runs work that changes the workspace, one at a time, after completing what a crash left half done. */
export async function withWorkspaceLock<T>(
  ports: Pick<ApplyPorts, 'state' | 'record'>,
  work: (recovered: Recovered[]) => Promise<T>,
): Promise<T> {
  return withLock(applyLock(ports.state), async () => work(await recover(ports)), waitMs);
}

const applyLock = (paths: LockPaths) => join(paths.root, 'apply.lock');

async function recover(ports: Pick<ApplyPorts, 'state' | 'record'>): Promise<Recovered[]> {
  const recovered = await recoverTransactions(ports.state);
  for (const one of recovered)
    await ports.record('note', null, { note: 'a change that a crash had left half done', ...one });
  return recovered;
}

/** Completes or rolls back what a crash left; every command that shows or changes the workspace calls it first. */
export async function recoverWorkspace(ports: Pick<ApplyPorts, 'state' | 'record'>): Promise<Recovered[]> {
  return withWorkspaceLock(ports, async (recovered) => recovered);
}

function chosenFiles(set: StoredChangeSet, choice: ApplyChoice): ChangedFile[] {
  const known = new Set(set.files.map((file) => file.path));
  const named = [
    ...(choice.files ?? []),
    ...(choice.include ?? []),
    ...(choice.without ?? []),
    ...Object.keys(choice.hunks ?? {}),
  ];
  for (const path of named)
    if (!known.has(path))
      throw new AmbitError('usage', `\`${path}\` is not in this change set`, {
        hint: `to see its files: ambit review show ${set.id}`,
      });
  const include = new Set(choice.include);
  const wanted = choice.files ? new Set([...choice.files, ...include]) : undefined;
  const without = new Set(choice.without);
  return set.files.filter((file) => {
    if (without.has(file.path) || (wanted && !wanted.has(file.path))) return false;
    if (!file.withheld) return true;
    return file.withheld.kind !== 'never' && file.withheld.kind !== 'derived' && include.has(file.path);
  });
}

function onlyHunks(wanted: Wanted, chosen: readonly number[] | undefined): Wanted {
  if (!chosen) return wanted;
  if (wanted.after?.type !== 'file' || (wanted.before && wanted.before.type !== 'file'))
    throw new AmbitError('usage', `\`${wanted.path}\` has no hunks to choose from`, {
      hint: 'apply or leave it as a whole',
    });
  const text = (side: Side | undefined) => (side?.type === 'file' ? Buffer.from(side.content).toString('latin1') : '');
  const base = splitLines(text(wanted.before));
  const all = hunks(base, splitLines(text(wanted.after)));
  for (const number of chosen)
    if (!all.some((hunk) => hunk.number === number))
      throw new AmbitError('usage', `\`${wanted.path}\` has no hunk ${number}; it has ${all.length}`);
  const content = Buffer.from(applyHunks(base, all, new Set(chosen)), 'latin1');
  return { ...wanted, after: { ...wanted.after, content } };
}

async function alsoOperations(
  state: StatePaths,
  also: ApplyChoice['also'],
  planned: readonly Operation[],
): Promise<Operation[]> {
  const operations: Operation[] = [];
  for (const { path, change } of also ?? []) {
    if (planned.some((operation) => operation.path === path))
      throw new AmbitError('denied', `\`${path}\` is written by Ambit alone and is in the change set`, { where: path });
    const found = await findEntry(state.workspace, path);
    if (found?.entry.type !== 'file' || !found.content) continue;
    const before = Buffer.from(found.content).toString('utf8');
    const after = change(before);
    if (after === before) continue;
    const wanted: Wanted = { path, before: heldFile(found.content), after: heldFile(Buffer.from(after)) };
    operations.push(...(await plan(state.workspace, [wanted])).operations);
  }
  return operations;
}

const heldFile = (content: Uint8Array): Side => ({ type: 'file', content });

/** What the checkpoint keeps of each path: how it is now, and how it will be. */
async function touchedBy(state: StatePaths, operations: readonly Operation[]): Promise<Touched[]> {
  const touched: Touched[] = [];
  for (const { path, to, content } of operations) {
    const found = await findEntry(state.workspace, path);
    const was = found ? held(found.entry, found.content) : undefined;
    const becomes = to ? held(to, content) : undefined;
    touched.push({ path, ...(was ? { was } : {}), ...(becomes ? { becomes } : {}) });
  }
  return touched;
}

function held(
  entry: { type: string; mode?: number; target?: string },
  content: Uint8Array | undefined,
): Held | undefined {
  if (entry.type === 'file' && content) return { type: 'file', content, mode: entry.mode ?? 0o644 };
  if (entry.type === 'link') return { type: 'link', target: entry.target ?? '' };
  return entry.type === 'directory' ? { type: 'directory' } : undefined;
}

interface Landing {
  operations: Operation[];
  checkpoint: Checkpoint;
  finish: Finish[];
}

async function land(ports: ApplyPorts, landing: Landing): Promise<void> {
  const result = await commit(ports.state, landing.operations, landing.finish, ports.step);
  if (!result.done)
    throw new AmbitError('environment', `the change could not be carried out: ${result.reason}`, {
      where: ports.state.workspace,
      hint: 'try again; the change set is still open',
    });
}

/**
 * Applies a change set to what the workspace has become: merged three ways, all or nothing, after a checkpoint. A
 * conflict is a value and leaves everything as it was.
 */
export async function applyChangeSet(id: string, choice: ApplyChoice, ports: ApplyPorts): Promise<ApplyResult> {
  return withWorkspaceLock(ports, async () => {
    const set = await loadChangeSet(ports.state, id);
    refuse(set, choice);
    const files = chosenFiles(set, choice);
    const wanted: Wanted[] = [];
    for (const file of files)
      wanted.push(
        onlyHunks(await wantedOf(file, (hash) => loadBlob(ports.state, set.id, hash)), choice.hunks?.[file.path]),
      );
    const { operations, conflicts } = await plan(ports.state.workspace, wanted);
    if (conflicts.length > 0) return { status: 'conflict', conflicts };
    operations.push(...(await alsoOperations(ports.state, choice.also, operations)));
    const partly = files.length < set.files.filter((file) => !file.withheld).length || choice.hunks !== undefined;
    const paths = files.map((file) => file.path);
    await ports.record('apply', set.run, {
      stage: 'intent',
      changeSet: set.id,
      hash: set.hash,
      channel: choice.channel,
      paths,
      partly,
    });
    const checkpoint = await ports.checkpoints.create({
      label: `before change set ${set.id}${set.task ? ` (task ${set.task} of ${set.spec})` : ''}`,
      before: 'apply',
      changeSet: set.id,
      touched: await touchedBy(ports.state, operations),
    });
    const step = { checkpoint: checkpoint.id, paths, ...(choice.hunks ? { hunks: true } : {}) };
    const steps = [...stepsOf(set.state), step];
    const state = stateOfSteps(set.state, steps, !partly || coversAll(set, steps), ports.now().toISOString());
    await land(ports, {
      operations,
      checkpoint,
      finish: [{ file: stateFileOf(ports.state, set.id), text: JSON.stringify(state) }],
    });
    await ports.record('apply', set.run, { stage: 'done', changeSet: set.id, checkpoint: checkpoint.id });
    ports.landed?.(files.map(({ path, kind }) => ({ path, kind })));
    return { status: 'applied', checkpoint: checkpoint.id, paths, partly };
  });
}

/** Whether files taken one by one come to all of them; of a file taken by hunks that is not known. */
function coversAll(set: StoredChangeSet, steps: ReturnType<typeof stepsOf>): boolean {
  const landed = new Set(steps.flatMap(({ paths, hunks }) => (hunks ? [] : paths)));
  return applicable(set).every(({ path }) => landed.has(path));
}

function refuse(set: StoredChangeSet, choice: ApplyChoice): void {
  const hint = `to see it: ambit review show ${set.id}`;
  if (choice.hash !== undefined && choice.hash !== set.hash)
    throw new AmbitError('denied', `change set \`${set.id}\` is not the one that was shown`, { hint });
  const more = choice.include?.some((path) => !set.state.applied.includes(path)) ?? false;
  if (set.state.status === 'rejected' || (set.state.status === 'applied' && !more))
    throw new AmbitError('usage', `change set \`${set.id}\` was already ${set.state.status}`, { hint });
}

/** Closes a change set without applying it. What it changed stays readable. */
export async function rejectChangeSet(id: string, reason: string, ports: ApplyPorts): Promise<void> {
  await withWorkspaceLock(ports, async () => {
    const set = await loadChangeSet(ports.state, id);
    if (set.state.status === 'applied')
      throw new AmbitError('usage', `change set \`${set.id}\` is applied; to take it back: ambit undo`);
    await ports.record('note', set.run, { note: 'change set rejected', changeSet: set.id, hash: set.hash, reason });
    await saveState(ports.state, set.id, {
      ...set.state,
      status: 'rejected',
      changed: ports.now().toISOString(),
      reason,
    });
  });
}

/**
 * Changes one file of Ambit's own keeping (a ticked box) without a change set, as a transaction with its checkpoint.
 * Undefined when nothing changes.
 */
export async function tickFile(
  path: string,
  change: (text: string) => string,
  ports: ApplyPorts,
): Promise<string | undefined> {
  return withWorkspaceLock(ports, async () => {
    const operations = await alsoOperations(ports.state, [{ path, change }], []);
    if (operations.length === 0) return undefined;
    await ports.record('apply', null, { stage: 'intent', channel: 'runner', paths: [path] });
    const touched = await touchedBy(ports.state, operations);
    const checkpoint = await ports.checkpoints.create({ label: `before a box of ${path}`, before: 'apply', touched });
    await land(ports, { operations, checkpoint, finish: [] });
    await ports.record('apply', null, { stage: 'done', checkpoint: checkpoint.id });
    return checkpoint.id;
  });
}
