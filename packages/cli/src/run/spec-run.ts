import { AmbitError } from '@ambit/core/errors';
import type { Event, RunRef } from '@ambit/core/schema';
import type { RunLimits } from '@ambit/engine';
import type { Effort, ModelClient } from '@ambit/engine/providers';
import type { Guide, RunPlace } from '@ambit/engine/runner';
import type { Io } from '../command.ts';
import { verifiedBy } from '../commands/spec/security.ts';
import { type Landing, openLanding } from '../landing.ts';
import { requireModel } from '../models.ts';
import { openWorkbench, type Workbench } from '../workbench.ts';
import { terminalAsk } from './ask.ts';

export interface SpecRunWishes {
  name: string;
  model: string | undefined;
  effort: Effort | undefined;
  autopilot: boolean;
  /** A person at this terminal is asked where the policy asks. */
  mayAsk?: boolean;
  /** False for what only looks at the plan. */
  needsModel: boolean;
  rounds: number;
  limits: RunLimits;
  emit: (event: Event) => void;
  /** A model that is already open, instead of the one the wishes choose. */
  client?: ModelClient;
}

export interface SpecRun {
  place: RunPlace;
  bench: Workbench;
  landing: Landing;
}

const noModel: ModelClient = {
  id: 'none',
  stream: () => {
    throw new AmbitError('model.failed', 'no model was opened');
  },
};

/** Accepted steering and hooks for one task; what nobody accepted is named once a run and not loaded. */
async function guideFor(bench: Workbench, run: RunRef, wishes: SpecRunWishes, io: Io): Promise<Guide> {
  const { openGuidance } = await import('../guidance.ts');
  const note = (text: string) =>
    wishes.emit({ version: 1, time: io.now().toISOString(), run, type: 'note', level: 'warning', text });
  const { steering, automation, inert } = await openGuidance(bench, run, io, note);
  if (inert.length > 0) note(`not loaded, because nobody accepted it: ${inert.join(', ')} (ambit trust)`);
  if (!automation) return { steering };
  const spec = run.spec ?? '';
  return {
    steering,
    hooks: automation.hooks,
    around: automation.around,
    before: ({ id, title }) => automation.beforeTask({ spec, id, title }),
    after: ({ id, title }, status) => automation.afterTask({ spec, id, title, status }),
    end: () => automation.end(),
  };
}

/** Installed packages and caches are nobody's concern while a command runs. */
function derivedSkip({ cues }: Landing): (path: string) => boolean {
  return (path) => cues.derived.some((one) => one.matches(path) || one.matches(`${path}/x`));
}

/** Everything an approved spec is carried out with; refuses one that is not approved as it stands. */
export async function openSpecRun(wishes: SpecRunWishes, io: Io): Promise<SpecRun> {
  const bench = await openWorkbench(io);
  const [{ findSpec, listSpecs, readSpec }, { approvalStatus }] = await Promise.all([
    import('@ambit/engine/specs'),
    import('@ambit/engine/approvals'),
  ]);
  const spec = await readSpec(await findSpec(bench.workspace, io.cwd, wishes.name));
  const status = await approvalStatus(bench.state, spec);
  if (!status.runnable && wishes.needsModel)
    throw new AmbitError('usage', `spec \`${spec.name}\` cannot run: ${status.reasons.join('; ')}`, {
      where: `.kiro/specs/${spec.name}`,
      hint: 'a person reads it and approves it at a terminal; nothing was started',
    });
  const chosen =
    wishes.needsModel && !wishes.client
      ? await requireModel(io, {
          flag: wishes.model,
          role: 'coder',
          effort: wishes.effort,
          dollars: wishes.limits.dollars,
        })
      : undefined;
  const landing = await openLanding({ ...bench, protections: bench.policy.protections }, io);
  if (wishes.needsModel) {
    const { recoverWorkspace } = await import('@ambit/engine/change-set');
    await recoverWorkspace(landing.ports);
  }
  const place: RunPlace = {
    state: bench.state,
    spec,
    hashes: status.phases.flatMap((phase) => (phase.sha256 ? [phase.sha256] : [])),
    policy: bench.policy,
    redact: bench.redact,
    ...(bench.confinement ? { confinement: { ...bench.confinement, skip: derivedSkip(landing) } } : {}),
    model: wishes.client ?? chosen?.client ?? noModel,
    ...(chosen?.choice.effort ? { effort: chosen.choice.effort } : {}),
    ...(chosen ? { dollars: chosen.table.dollars } : {}),
    mode: wishes.autopilot ? 'autopilot' : 'supervised',
    limits: wishes.limits,
    rounds: wishes.rounds,
    cues: landing.cues,
    apply: landing.ports,
    context: landing.context,
    emit: wishes.emit,
    now: io.now,
    judges: bench.judges,
    ...(wishes.mayAsk && io.interactive ? { ask: terminalAsk(io, bench.workspace) } : {}),
    manySpecs: (await listSpecs(bench.workspace)).length > 1,
    verify: await verifiedBy(spec),
    scanRule: landing.scanRule,
    guide: (run) => guideFor(bench, run, wishes, io),
  };
  return { place, bench, landing };
}

/** The next task that can be done: required, open, everything before it done or worked out. */
export async function nextTask({ place }: SpecRun): Promise<string[]> {
  const { readySteps, taskGraph, workedOut } = await import('@ambit/engine/runner');
  if (!place.spec.tasks) return [];
  const graph = taskGraph(place.spec.tasks);
  const done = new Set(graph.steps.filter(({ task }) => task.box?.state === 'done').map(({ task }) => task.id));
  for (const id of await workedOut(place)) done.add(id);
  const ready = readySteps(graph, done, done).find(({ task }) => !task.optional);
  return ready ? [ready.task.id] : [];
}
