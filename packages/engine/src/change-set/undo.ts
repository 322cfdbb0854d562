import { AmbitError } from '@ambit/core/errors';
import type { Checkpoint, Held, Saved, Touched } from '../checkpoint/index.ts';
import { type ApplyPorts, withWorkspaceLock } from './apply.ts';
import { type ChangeSetState, stateOfSteps, stepsOf } from './change-set.ts';
import { type Conflict, plan, type Side, type Wanted } from './plan.ts';
import { loadChangeSet, saveState, stateFileOf } from './store.ts';
import { commit, type Finish, type Operation } from './transaction.ts';
import { checkParents, findEntry } from './workspace-entry.ts';

export interface UndoChoice {
  /** Checkpoint to go back to; absent: the last change that Ambit applied and that is not undone. */
  checkpoint?: string;
  /** Every file as in the checkpoint's snapshot, own later edits included; else only what Ambit changed since. */
  exact?: boolean;
  /** Only these paths. */
  files?: readonly string[];
  channel: string;
}

export type UndoResult =
  | { status: 'undone'; checkpoint: string; to: string; paths: string[]; notCovered: string[] }
  | { status: 'conflict'; conflicts: Conflict[] }
  | { status: 'nothing'; reason: string };

async function side(saved: Saved | undefined, ports: ApplyPorts): Promise<Side | undefined> {
  return saved ? await ports.checkpoints.hold(saved) : undefined;
}

/** The checkpoints whose changes are to be taken back, newest first; the last one is where to go back to. */
function span(checkpoints: readonly Checkpoint[], target: Checkpoint): Checkpoint[] {
  return checkpoints.filter((one) => one.id >= target.id).sort((a, b) => (a.id < b.id ? 1 : -1));
}

async function lastApplied(ports: ApplyPorts): Promise<Checkpoint | undefined> {
  const { checkpoints } = await ports.checkpoints.list();
  for (const one of [...checkpoints].reverse()) {
    if (one.before !== 'apply' || !one.changeSet) continue;
    const set = await loadChangeSet(ports.state, one.changeSet).catch(() => undefined);
    if (set && stepsOf(set.state).some(({ checkpoint }) => checkpoint === one.id)) return one;
  }
  return undefined;
}

/**
 * For each path that was touched since: back to how it was at the target, starting from how the newest change left it, so
 * that a person's own later edits to the same file are kept or reported.
 */
async function wantedSince(taken: readonly Checkpoint[], ports: ApplyPorts): Promise<Wanted[]> {
  const byPath = new Map<string, { newest: Saved | undefined; oldest: Saved | undefined }>();
  for (const checkpoint of taken)
    for (const { path, was, became } of checkpoint.touched) {
      const known = byPath.get(path);
      if (known) known.oldest = was;
      else byPath.set(path, { newest: became, oldest: was });
    }
  const wanted: Wanted[] = [];
  for (const [path, { newest, oldest }] of byPath) {
    const before = await side(newest, ports);
    const after = await side(oldest, ports);
    wanted.push({ path, ...(before ? { before } : {}), ...(after ? { after } : {}) });
  }
  return wanted;
}

/** Every path that differs from the snapshot. What Ambit itself keeps there (boxes, specs) goes back too. */
async function wantedExactly(target: Checkpoint, ports: ApplyPorts): Promise<Wanted[]> {
  const store = ports.checkpoints.treeOf(target);
  if (!store || !target.tree)
    throw new AmbitError('input.broken', `checkpoint \`${target.id}\` holds only the files of its change`, {
      hint: 'leave out --exact to take back what Ambit changed since',
    });
  const entries = new Map((await store.entries(target.tree.id)).map((entry) => [entry.path, entry]));
  const saved = new Map(target.touched.map((one) => [one.path, one]));
  const wanted: Wanted[] = [];
  for (const path of await store.changed(target.tree.id)) {
    const current = await findEntry(ports.state.workspace, path);
    const before = current && heldOf(current);
    const entry = entries.get(path);
    const touched = saved.get(path);
    const after = touched
      ? await side(touched.was, ports)
      : entry && (await sideOf(entry, await store.read(entry.blob)));
    wanted.push({ path, ...(before ? { before } : {}), ...(after ? { after } : {}) });
  }
  return wanted;
}

async function sideOf(entry: { type: 'file' | 'link'; mode: number }, content: Uint8Array): Promise<Side> {
  if (entry.type === 'link') return { type: 'link', target: Buffer.from(content).toString('utf8') };
  return { type: 'file', content, mode: entry.mode };
}

function heldOf(found: NonNullable<Awaited<ReturnType<typeof findEntry>>>): Held | undefined {
  const { entry, content } = found;
  if (entry.type === 'file') return content ? { type: 'file', content, mode: entry.mode } : undefined;
  return entry.type === 'special' ? undefined : entry;
}

async function touchedNow(operations: readonly Operation[], ports: ApplyPorts): Promise<Touched[]> {
  const touched: Touched[] = [];
  for (const { path, to, content } of operations) {
    await checkParents(ports.state.workspace, path);
    const found = await findEntry(ports.state.workspace, path);
    const was = found && heldOf(found);
    const becomes: Held | undefined =
      to?.type === 'file' && content
        ? { type: 'file', content, mode: to.mode }
        : to && to.type !== 'file' && to.type !== 'special'
          ? to
          : undefined;
    touched.push({ path, ...(was ? { was } : {}), ...(becomes ? { becomes } : {}) });
  }
  return touched;
}

interface States {
  before: Map<string, ChangeSetState>;
  after: Map<string, ChangeSetState>;
}

/** What the states of change sets become when these checkpoints are gone back from, newest first. */
async function statesAfter(
  taken: readonly Checkpoint[],
  ports: ApplyPorts,
  files: readonly string[] | undefined,
): Promise<States> {
  const changed = ports.now().toISOString();
  const [before, after] = [new Map<string, ChangeSetState>(), new Map<string, ChangeSetState>()];
  const current = async (id: string) => {
    const known = after.get(id);
    if (known) return known;
    const state = (await loadChangeSet(ports.state, id).catch(() => undefined))?.state;
    if (state) before.set(id, state);
    return state;
  };
  for (const { id, changeSet, states } of taken) {
    // An undo that is itself undone: what it took back is applied again.
    for (const [set, text] of Object.entries((!files && states) || {}))
      if (await current(set)) after.set(set, { ...(JSON.parse(text) as ChangeSetState), changed });
    const state = changeSet === undefined ? undefined : await current(changeSet);
    if (!state || changeSet === undefined) continue;
    const steps = stepsOf(state);
    if (!steps.some(({ checkpoint }) => checkpoint === id)) continue;
    const left = steps.flatMap((step) => {
      if (step.checkpoint !== id) return [step];
      const paths = files ? step.paths.filter((path) => !files.includes(path)) : [];
      return paths.length > 0 ? [{ ...step, paths }] : [];
    });
    after.set(changeSet, stateOfSteps(state, left, false, changed));
  }
  return { before, after };
}

/** Takes changes back, three ways and all or nothing, after a checkpoint of its own: an undo can be undone. */
export async function undo(choice: UndoChoice, ports: ApplyPorts): Promise<UndoResult> {
  return withWorkspaceLock(ports, async (): Promise<UndoResult> => {
    const target = choice.checkpoint ? await ports.checkpoints.find(choice.checkpoint) : await lastApplied(ports);
    if (!target) return { status: 'nothing', reason: 'Ambit has applied nothing here that is not undone already' };
    const { checkpoints } = await ports.checkpoints.list();
    const taken = choice.checkpoint ? span(checkpoints, target) : [target];
    const all = choice.exact ? await wantedExactly(target, ports) : await wantedSince(taken, ports);
    const wanted = all.filter((one) => choice.files?.includes(one.path) ?? true);
    const unknown = choice.files?.find((path) => !all.some((one) => one.path === path));
    if (unknown !== undefined)
      throw new AmbitError('usage', `\`${unknown}\` was not changed since ${target.id}`, {
        hint: 'paths are relative to the workspace, as in `ambit review show`',
      });
    const { operations, conflicts } = await plan(ports.state.workspace, wanted);
    if (conflicts.length > 0) return { status: 'conflict', conflicts };
    const { before, after } = await statesAfter(taken, ports, choice.files);
    if (operations.length === 0) {
      // Somebody else took it back: it counts as undone, so that the next undo reaches what was applied before it.
      for (const [id, state] of after) await saveState(ports.state, id, state);
      return { status: 'nothing', reason: 'the workspace is already as it was then' };
    }
    const paths = operations.map((operation) => operation.path);
    await ports.record('undo', null, {
      stage: 'intent',
      to: target.id,
      channel: choice.channel,
      paths,
      exact: choice.exact ?? false,
    });
    const finish: Finish[] = [...after].map(([id, state]) => ({
      file: stateFileOf(ports.state, id),
      text: JSON.stringify(state),
    }));
    const made = await ports.checkpoints.create({
      label: `before undo to ${target.id}`,
      before: 'undo',
      touched: await touchedNow(operations, ports),
      states: Object.fromEntries([...after.keys()].map((id) => [id, JSON.stringify(before.get(id))])),
    });
    const result = await commit(ports.state, operations, finish, ports.step);
    if (!result.done) throw new AmbitError('environment', `the undo could not be carried out: ${result.reason}`);
    await ports.record('undo', null, { stage: 'done', to: target.id, checkpoint: made.id });
    return { status: 'undone', checkpoint: made.id, to: target.id, paths, notCovered: target.notCovered };
  });
}
