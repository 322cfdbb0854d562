import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { AmbitError, isAmbitError, messageOf } from '@ambit/core/errors';
import type { Usage } from '@ambit/core/schema';
import { withLock } from '@ambit/guard/state';
import { openWorkingCopy } from '@ambit/guard/working-copy';
import {
  type Conflict,
  findEntry,
  listChangeSets,
  loadChangeSet,
  type StoredChangeSet,
  tickFile,
} from '../change-set/index.ts';
import { type Graph, readySteps, type Step, taskGraph } from './graph.ts';
import type { RunPlace } from './job.ts';
import { dropWork, heldBack, landTask, tasksFile } from './land.ts';
import { type Layer, newLayer } from './layer.ts';
import { newRun, type RunState, saveRun, type TaskState, unfinishedRun } from './run-state.ts';
import { runTask, type TaskOutcome } from './task-run.ts';
import { tickTask } from './tick.ts';

export interface SpecRunOptions {
  /** Task ids; absent: every required task that is open. */
  tasks?: readonly string[];
  /** Apply what is inside its scope, passed its checks and carries no flag. */
  autopilot: boolean;
  /** Tasks at a time. */
  jobs: number;
  /** Go on where an earlier run of the same approved documents ended; else begin anew. */
  resume: boolean;
}

export interface TaskReport extends TaskState {
  task: string;
  title: string;
}

export interface SpecReport {
  run: string;
  spec: string;
  resumed: number;
  /** In document order; `open` tasks were not reached. */
  tasks: (TaskReport | { task: string; title: string; status: 'open'; reason: string })[];
  usage: Usage;
  /** The model or an interruption ended the run before its tasks were settled. */
  ended: 'done' | 'model-failed' | 'interrupted';
  reason: string;
}

/** Attempts of one task whose work did not fit with that of others. */
const attemptsMax = 3;

const stopping: ReadonlySet<string> = new Set(['environment', 'state.broken', 'state.locked']);

interface Live {
  place: RunPlace;
  options: SpecRunOptions;
  graph: Graph;
  run: RunState;
  layer: Layer;
  signal: AbortSignal;
  /** Set when nothing more is started. */
  stop?: { ended: SpecReport['ended']; reason: string };
}

const say = (live: Live, text: string, level: 'info' | 'warning' = 'info') =>
  live.place.emit({ version: 1, time: live.place.now().toISOString(), run: null, type: 'note', level, text });

async function mark(live: Live, id: string, change: Partial<TaskState>): Promise<void> {
  const known: TaskState = live.run.tasks[id] ?? { status: 'running', attempts: 0 };
  live.run.tasks[id] = { ...known, ...change };
  await saveRun(live.place.state, live.run);
}

const isDone = (step: Step) => step.task.box?.state === 'done';

function finishedIds(live: Live): Set<string> {
  const ids = live.graph.steps.filter(isDone).map((step) => step.task.id);
  for (const [id, task] of Object.entries(live.run.tasks))
    if (task.status === 'applied' || task.status === 'waiting') ids.push(id);
  return new Set(ids);
}

function addUsage(sum: Usage | undefined, more: Usage): Usage {
  const dollars =
    sum?.dollars === undefined && more.dollars === undefined
      ? {}
      : { dollars: (sum?.dollars ?? 0) + (more.dollars ?? 0) };
  return {
    inputTokens: (sum?.inputTokens ?? 0) + more.inputTokens,
    outputTokens: (sum?.outputTokens ?? 0) + more.outputTokens,
    cachedTokens: (sum?.cachedTokens ?? 0) + (more.cachedTokens ?? 0),
    ...dollars,
  };
}

async function keepOutcome(live: Live, step: Step, outcome: TaskOutcome): Promise<void> {
  const { id } = step.task;
  const known = live.run.tasks[id];
  const shared: Partial<TaskState> = {
    usage: addUsage(known?.usage, outcome.usage),
    rounds: (known?.rounds ?? 0) + outcome.rounds,
    denied: outcome.refusals.length,
    ...(outcome.set
      ? { changeSet: outcome.set.id, flags: [...new Set(outcome.set.flags.map((flag) => flag.code))] }
      : {}),
  };
  if (outcome.status === 'finished') return mark(live, id, { ...shared, status: 'finished' });
  if (outcome.status === 'blocked') {
    say(live, `task ${id} is blocked: ${outcome.reason}`, 'warning');
    return mark(live, id, { ...shared, status: 'blocked', reason: outcome.reason });
  }
  // It is taken up again when the run goes on.
  live.stop ??= { ended: outcome.status, reason: `task ${id}: ${outcome.reason}` };
  await mark(live, id, { ...shared, status: 'running', reason: outcome.reason });
}

async function attempt(live: Live, step: Step, conflicts?: readonly Conflict[]): Promise<void> {
  const { id, title } = step.task;
  const attempts = (live.run.tasks[id]?.attempts ?? 0) + 1;
  const runId = randomBytes(6).toString('hex');
  await mark(live, id, { status: 'running', attempts, runId });
  say(live, `task ${id} starts: ${title}${attempts > 1 ? ` (attempt ${attempts})` : ''}`);
  const job = { task: step.task, runId, layer: live.layer, ...(conflicts ? { conflicts } : {}) };
  const outcome = await runTask(live.place, job, live.signal).catch((error: unknown): TaskOutcome => {
    const nothing = { checks: [], refusals: [], usage: { inputTokens: 0, outputTokens: 0 }, rounds: 0 };
    if (live.signal.aborted) return { ...nothing, status: 'interrupted', reason: 'interrupted' };
    // A full disk or damaged state is nothing that one task could be blamed for; the run goes on later.
    if (isAmbitError(error) && stopping.has(error.code)) throw error;
    return { ...nothing, status: 'blocked', reason: messageOf(error) };
  });
  await keepOutcome(live, step, outcome);
}

/** At most `jobs` at a time; one that fails does not end the others. */
async function inParallel(steps: readonly Step[], jobs: number, work: (step: Step) => Promise<void>): Promise<void> {
  const waiting = [...steps];
  const worker = async () => {
    for (let step = waiting.shift(); step; step = waiting.shift()) await work(step);
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(jobs, steps.length)) }, worker));
}

/** Tasks before this one whose work waits for a person. */
function waitingBefore(live: Live, step: Step): string[] {
  return step.after.filter((id) => live.run.tasks[id]?.status === 'waiting').map((id) => `task ${id}`);
}

async function landWithoutChange(live: Live, step: Step): Promise<void> {
  const { id } = step.task;
  const before = waitingBefore(live, step);
  if (before.length > 0)
    return mark(live, id, {
      status: 'waiting',
      reason: `it changed nothing and builds on ${before.join(', ')}, which waits`,
    });
  const checkpoint = await tickFile(tasksFile(live.place.spec.name), (text) => tickTask(text, id), live.place.apply);
  await mark(live, id, { status: 'applied', ...(checkpoint ? { checkpoint } : {}) });
}

/** Lands one finished task; where it does not fit with the others' work it is done again on top of theirs. */
async function land(live: Live, step: Step): Promise<void> {
  const { id } = step.task;
  for (;;) {
    const state = live.run.tasks[id];
    if (state?.status !== 'finished') return;
    const set = state.changeSet ? await loadChangeSet(live.place.state, state.changeSet) : undefined;
    if (!set) return landWithoutChange(live, step);
    if (set.state.status === 'applied')
      return mark(live, id, {
        status: 'applied',
        ...(set.state.checkpoint ? { checkpoint: set.state.checkpoint } : {}),
      });
    const because = heldBack(set, live.options.autopilot, waitingBefore(live, step));
    const landed = await landTask(live.place, step, set, live.layer, because);
    if (landed.status === 'applied') {
      say(live, `task ${id} is applied (${set.id})`);
      return mark(live, id, { status: 'applied', checkpoint: landed.checkpoint });
    }
    if (landed.status === 'waiting') {
      const order = Math.max(0, ...Object.values(live.run.tasks).map((task) => task.landed ?? 0)) + 1;
      say(live, `task ${id} waits for review (${set.id}): ${landed.reason}`);
      return mark(live, id, { status: 'waiting', reason: landed.reason, landed: order });
    }
    const where = landed.conflicts.map((conflict) => `\`${conflict.path}\`: ${conflict.reason}`).join('; ');
    if ((state.attempts ?? 1) >= attemptsMax)
      return mark(live, id, {
        status: 'blocked',
        reason: `its work conflicts with that of other tasks (${where}), also after ${state.attempts} attempts`,
      });
    say(live, `task ${id} conflicts with other work and is done again: ${where}`, 'warning');
    await dropWork(live.place, set, 'done again after a conflict');
    await attempt(live, step, landed.conflicts);
    if (live.stop) return;
  }
}

/** What a crash left: finished work is taken over, half-done work is begun again. */
async function takeUp(live: Live): Promise<void> {
  const { sets } = await listChangeSets(live.place.state);
  const waiting: { set: StoredChangeSet; order: number; id: string }[] = [];
  for (const [id, state] of Object.entries(live.run.tasks)) {
    if (state.status === 'waiting' && state.changeSet) {
      const set = sets.find((one) => one.id === state.changeSet);
      if (set?.state.status === 'open') waiting.push({ set, order: state.landed ?? 0, id });
      else if (set && /applied$/.test(set.state.status)) await mark(live, id, { status: 'applied' });
      else await mark(live, id, { status: 'blocked', reason: 'its change set was rejected or is gone' });
    }
    if (state.status === 'running') await takeUpRunning(live, id, state, sets);
  }
  for (const { set, id } of waiting.sort((a, b) => a.order - b.order)) {
    const conflicts = await live.layer.add(set);
    if (conflicts.length > 0) await mark(live, id, { status: 'finished' });
  }
}

async function takeUpRunning(
  live: Live,
  id: string,
  state: TaskState,
  sets: readonly StoredChangeSet[],
): Promise<void> {
  const set = sets.find((one) => one.run.id === state.runId);
  if (set && !set.flags.some((flag) => flag.code === 'incomplete')) {
    const flags = [...new Set(set.flags.map((flag) => flag.code))];
    return mark(live, id, {
      status: 'finished',
      changeSet: set.id,
      flags,
      ...(set.usage ? { usage: addUsage(state.usage, set.usage) } : {}),
    });
  }
  if (set) await dropWork(live.place, set, 'done again after an interruption');
  for (const name of state.runId ? [state.runId, `${state.runId}-before`] : []) {
    const copy = await openWorkingCopy({
      workspace: live.place.state.workspace,
      stateDir: join(live.place.state.workingCopies, name),
    });
    await copy.discard();
  }
  // Its attempt does not count: it was not the work's fault.
  await mark(live, id, { status: 'running', attempts: Math.max(0, state.attempts - 1) });
}

function wanted(graph: Graph, options: SpecRunOptions): Step[] {
  if (!options.tasks) return graph.steps.filter((step) => !step.task.optional && !isDone(step));
  return options.tasks.flatMap((asked) => {
    const found = graph.steps.filter(
      (step) => step.task.id === asked || step.task.number === asked || step.task.parent === asked,
    );
    if (found.length === 0)
      throw new AmbitError('usage', `there is no task \`${asked}\` to run`, {
        hint: `tasks: ${graph.steps.map((step) => step.task.id).join(', ')}`,
      });
    return found.filter((step) => !isDone(step));
  });
}

/** Order counts among the tasks that were asked for; what stands before them is the asker's concern. */
function narrowed(graph: Graph, steps: readonly Step[], all: boolean): Graph {
  if (all) return graph;
  const ids = new Set(steps.map((step) => step.task.id));
  return { ...graph, steps: steps.map((step) => ({ ...step, after: step.after.filter((id) => ids.has(id)) })) };
}

async function waves(live: Live, steps: readonly Step[]): Promise<void> {
  const ids = new Set(steps.map((step) => step.task.id));
  // Work that an earlier process finished is landed first.
  for (const step of steps) if (live.run.tasks[step.task.id]?.status === 'finished') await land(live, step);
  while (!live.stop && !live.signal.aborted) {
    const settled = new Set([
      ...finishedIds(live),
      ...Object.entries(live.run.tasks)
        .filter(([, task]) => task.status === 'blocked')
        .map(([id]) => id),
    ]);
    const ready = readySteps(live.graph, finishedIds(live), settled).filter((step) => ids.has(step.task.id));
    if (ready.length === 0) return;
    await inParallel(ready, live.options.jobs, async (step) => {
      if (!live.stop && !live.signal.aborted) await attempt(live, step);
    });
    for (const step of ready) if (!live.stop) await land(live, step);
  }
}

function openReason(live: Live, step: Step): string {
  const held = step.after.filter((id) => live.run.tasks[id]?.status === 'blocked');
  if (held.length > 0) return `it waits for ${held.map((id) => `task ${id}`).join(', ')}, which is blocked`;
  const open = step.after.filter((id) => !finishedIds(live).has(id));
  return open.length > 0 ? `it waits for ${open.map((id) => `task ${id}`).join(', ')}` : 'it was not reached';
}

function report(live: Live, steps: readonly Step[]): SpecReport {
  let usage: Usage = { inputTokens: 0, outputTokens: 0 };
  for (const task of Object.values(live.run.tasks)) if (task.usage) usage = addUsage(usage, task.usage);
  const tasks = steps.map((step): SpecReport['tasks'][number] => {
    const { id, title } = step.task;
    const state = live.run.tasks[id];
    if (state && state.status !== 'running') return { task: id, title, ...state };
    return { task: id, title, status: 'open', reason: state?.reason ?? openReason(live, step) };
  });
  const ended = live.signal.aborted ? 'interrupted' : (live.stop?.ended ?? 'done');
  return {
    run: live.run.id,
    spec: live.run.spec,
    resumed: live.run.resumed,
    tasks,
    usage,
    ended,
    reason: live.stop?.reason ?? '',
  };
}

/** Tasks of an unfinished run whose work is done and waits for a person. */
export async function workedOut(place: Pick<RunPlace, 'state' | 'spec' | 'hashes'>): Promise<string[]> {
  const run = await unfinishedRun(place.state, place.spec.name, place.hashes);
  return Object.entries(run?.tasks ?? {}).flatMap(([id, task]) => (task.status === 'waiting' ? [id] : []));
}

async function openRun(place: RunPlace, options: SpecRunOptions, graph: Graph, signal: AbortSignal): Promise<Live> {
  const earlier = options.resume ? await unfinishedRun(place.state, place.spec.name, place.hashes) : undefined;
  const run = earlier ?? newRun(place.spec.name, place.hashes, options.autopilot, place.now());
  if (earlier) run.resumed += 1;
  const layer = newLayer(place.state, (path) => findEntry(place.state.workspace, path));
  const live: Live = { place, options, graph, run, layer, signal };
  await saveRun(place.state, run);
  if (earlier) {
    say(live, `goes on with the run of ${earlier.started}`);
    // Asking for a blocked task by name is asking to try it again.
    for (const id of options.tasks ?? []) if (run.tasks[id]?.status === 'blocked') delete run.tasks[id];
    await takeUp(live);
  }
  return live;
}

/** Carries out tasks of an approved spec, wave by wave. One run a workspace at a time. */
export async function runSpec(place: RunPlace, options: SpecRunOptions, signal: AbortSignal): Promise<SpecReport> {
  if (!place.spec.tasks) throw new AmbitError('input.missing', `spec \`${place.spec.name}\` has no tasks.md`);
  const graph = taskGraph(place.spec.tasks);
  const [problem] = graph.problems;
  if (problem)
    throw new AmbitError('input.broken', problem.message, {
      where: `${place.spec.tasks.file}:${problem.line}`,
      hint: 'mend tasks.md and approve it again',
    });
  const steps = wanted(graph, options);
  return withLock(join(place.state.root, 'run.lock'), async () => {
    const live = await openRun(place, options, narrowed(graph, steps, options.tasks === undefined), signal);
    await waves(
      live,
      live.graph.steps.filter((step) => steps.some((one) => one.task.id === step.task.id)),
    );
    const result = report(live, steps);
    // Work that waits for a person stays part of the run: what comes next builds on it.
    const over = result.tasks.every(({ status }) => status !== 'waiting') && options.tasks === undefined;
    if (over && result.ended === 'done') {
      live.run.ended = place.now().toISOString();
      await saveRun(place.state, live.run);
    }
    return result;
  });
}
