import { join } from 'node:path';
import { pathMatcher } from '@ambit/core/policy-model';
import type { RunRef, Usage } from '@ambit/core/schema';
import type { Task, TaskEvidence } from '@ambit/core/spec';
import { defaultAmbit } from '@ambit/guard/policy';
import { openWorkingCopy, type WorkingCopy } from '@ambit/guard/working-copy';
import type { AgentResult } from '../agent/types.ts';
import {
  type ChangeSetContext,
  type CheckResult,
  type Conflict,
  draftChangeSet,
  type Flag,
  makeChangeSet,
  type StoredChangeSet,
} from '../change-set/index.ts';
import { criteriaOf, judgeTaskEvidence, readEvidence, type TaskChange } from '../evidence/index.ts';
import type { Refusal } from '../session/door.ts';
import { type OpenedSession, openSession } from '../session.ts';
import { judgeTests, runTests, type TestOutcome, testCommand } from './checks.ts';
import { type Guide, type RunPlace, type TaskScope, taskScope } from './job.ts';
import { type Layer, seededCopy } from './layer.ts';
import { conflictPrompt, repairPrompt, startPrompt, taskText, wantsFailingTests } from './prompt.ts';
import { attestation } from './settled.ts';
import { scriptObjection } from './test-script.ts';

export interface TaskJob {
  task: Task;
  /** Id of this attempt: names its working copy, its records and its change set's run. */
  runId: string;
  /** Finished work of other tasks that is not in the workspace. */
  layer: Layer;
  /** Where an earlier attempt did not fit. */
  conflicts?: readonly Conflict[];
}

export interface TaskOutcome {
  /** `blocked`: it needs a person, for the reason given; what it changed so far is in the change set. */
  status: 'finished' | 'blocked' | 'model-failed' | 'interrupted';
  reason: string;
  set?: StoredChangeSet;
  checks: CheckResult[];
  refusals: readonly Refusal[];
  usage: Usage;
  rounds: number;
}

const noUsage = (): Usage => ({ inputTokens: 0, outputTokens: 0 });

/** Flags that another round of work can mend. */
const mendable: ReadonlySet<Flag['code']> = new Set([
  'secret',
  'finding',
  'invisible-characters',
  'removed-test',
  'weakened-test',
  'removed-validation',
  'access-change',
]);

interface Attempt {
  place: RunPlace;
  job: TaskJob;
  scope: TaskScope;
  opened: OpenedSession;
  context: ChangeSetContext;
  signal: AbortSignal;
  /** Task hooks, and the end of the session for those about it. */
  guide: Pick<Guide, 'before' | 'after' | 'end'>;
}

interface Judgement {
  checks: CheckResult[];
  evidence: TaskEvidence | undefined;
  flags: Flag[];
  changed: boolean;
  fine: boolean;
  /** What is in the way is not the work's fault: another round would not help. */
  hopeless: boolean;
}

async function openCopy(place: RunPlace, name: string, layer: Layer): Promise<WorkingCopy> {
  const kinds = place.copyKinds ? { prefer: place.copyKinds } : {};
  const stateDir = join(place.state.workingCopies, name);
  return seededCopy(await openWorkingCopy({ workspace: place.state.workspace, stateDir, ...kinds }), layer);
}

/** The same tests without the task's work, in a working copy of their own. */
async function testsBefore(attempt: Attempt, command: string | undefined): Promise<TestOutcome> {
  const { place, job, opened, signal } = attempt;
  const copy = await openCopy(place, `${job.runId}-before`, job.layer);
  try {
    return await runTests(opened, copy, command, place.confinement, signal);
  } finally {
    await copy.discard();
  }
}

/** Files of this task and of those before it that serve one of its criteria. */
async function linkedFiles(
  place: RunPlace,
  task: Task,
  opened: OpenedSession,
  changes: readonly TaskChange[],
): Promise<string[]> {
  const own = new Set(criteriaOf(place.spec, task));
  const tasks = place.spec.tasks?.tasks ?? [];
  const before = changes.filter((change) => {
    const other = tasks.find((entry) => entry.id === change.task);
    return other && criteriaOf(place.spec, other).some((id) => own.has(id));
  });
  const skip = place.confinement?.skip;
  const now = await opened.copy.changes(skip ? { skip } : {});
  const written = now.flatMap((change) => (change.type === 'file' && change.after ? [change.path] : []));
  return [...written, ...before.flatMap((change) => change.files)];
}

/** What the tests show of the task's criteria; nothing for a task without any, or whose tests are to fail first. */
async function evidenceOf({ place, job, opened }: Attempt, outcome: TestOutcome): Promise<TaskEvidence | undefined> {
  if (wantsFailingTests(job.task)) return undefined;
  const { records, changes } = await readEvidence(place.state, place.spec.name);
  const evidence = await judgeTaskEvidence({
    ...(place.verify ? { verify: place.verify } : {}),
    ...(place.scanRule
      ? { scanRule: place.scanRule, linked: await linkedFiles(place, job.task, opened, changes) }
      : {}),
    spec: place.spec,
    task: job.task,
    view: opened.copy,
    tests: { exitCode: outcome.exitCode, output: outcome.report },
    records,
    manySpecs: place.manySpecs ?? false,
  });
  return evidence.verdicts.length > 0 ? evidence : undefined;
}

function evidenceChecks({ verdicts }: TaskEvidence): CheckResult[] {
  const list = (verdict: 'unproven' | 'undecidable') =>
    verdicts.flatMap((one) => (one.verdict === verdict ? [`${one.criterion}: ${one.detail}`] : []));
  const unproven = list('unproven');
  const undecidable = list('undecidable');
  const shown = `${verdicts.length - unproven.length - undecidable.length} of ${verdicts.length} criteria shown`;
  return [
    { name: 'evidence', status: unproven.length > 0 ? 'failed' : 'passed', detail: unproven.join('; ') || shown },
    ...(undecidable.length > 0
      ? [{ name: attestation, status: 'failed' as const, detail: undecidable.join('; ') }]
      : []),
  ];
}

async function judge(attempt: Attempt): Promise<Judgement> {
  const { place, job, opened, signal } = attempt;
  const command = await testCommand(opened.copy, place.cues);
  const outcome = await runTests(opened, opened.copy, command, place.confinement, signal);
  const wantsFailure = wantsFailingTests(job.task);
  const tests = await judgeTests(outcome, wantsFailure, place.cues, () => testsBefore(attempt, command));
  const checks = [tests];
  const objection = await scriptObjection(opened.copy, command);
  if (objection) checks.push({ name: 'test command', status: 'failed', detail: objection });
  // What an untrusted command printed is no report: every criterion that needs a test is without one.
  const evidence = await evidenceOf(attempt, objection ? { ...outcome, report: '' } : outcome);
  if (evidence) checks.push(...evidenceChecks(evidence));
  const draft = await draftChangeSet(opened.copy, { ...attempt.context, checks });
  const flags = (draft?.set.flags ?? []).filter((flag) => mendable.has(flag.code));
  const failed = checks.some((check) => check.status === 'failed' && check.name !== attestation);
  const fine = !failed && flags.length === 0;
  return { checks, evidence, flags, changed: draft !== undefined, fine, hopeless: outcome.status === 'unable' };
}

async function contextOf(place: RunPlace, job: TaskJob, scope: TaskScope, run: RunRef): Promise<ChangeSetContext> {
  const inside = scope.write.map(pathMatcher);
  const named = scope.grants.flatMap((grant) => grant.match.map(pathMatcher));
  return {
    ...(await place.context(run)),
    spec: place.spec.name,
    task: job.task.id,
    inScope: (path) => inside.some((matches) => matches(path)),
    granted: (path) => named.some((matches) => matches(path)),
  };
}

async function openAttempt(place: RunPlace, job: TaskJob, signal: AbortSignal): Promise<Attempt> {
  const scope = taskScope(place, job.task);
  const copy = await openCopy(place, job.runId, job.layer);
  const task = taskText(place.spec, job.task, scope.write);
  const run: RunRef = { id: job.runId, kind: 'task', depth: 0, spec: place.spec.name, task: job.task.id };
  const { before, after, end, ...guidance } = (await place.guide?.(run)) ?? {};
  const opened = await openSession({
    state: place.state,
    kind: 'task',
    run,
    ambit: { ...defaultAmbit('task'), write: scope.write },
    mode: place.mode,
    policy: place.policy,
    redact: place.redact,
    ...(place.confinement ? { confinement: place.confinement } : {}),
    model: place.model,
    ...(place.effort ? { effort: place.effort } : {}),
    limits: place.limits,
    ...(place.dollars ? { dollars: place.dollars } : {}),
    emit: place.emit,
    now: place.now,
    ...(place.ask ? { ask: place.ask } : {}),
    grants: scope.grants,
    hashes: place.hashes,
    ...(place.judges ? { judges: place.judges } : {}),
    ...guidance,
    task,
    copy,
  });
  await opened.session.keep('task', task);
  return {
    place,
    job,
    scope,
    opened,
    context: await contextOf(place, job, scope, run),
    signal,
    guide: { ...(before ? { before } : {}), ...(after ? { after } : {}), ...(end ? { end } : {}) },
  };
}

const endings: Record<Exclude<AgentResult['status'], 'done'>, string> = {
  failed: 'the run failed',
  budget: 'the budget was used up',
  interrupted: 'it was interrupted',
};

interface Worked {
  status: TaskOutcome['status'];
  reason: string;
  judgement?: Judgement;
  result?: AgentResult;
  rounds: number;
}

/** Work, checks, and at most so many rounds of mending. */
async function work(attempt: Attempt): Promise<Worked> {
  const { place, job, opened, signal } = attempt;
  let prompt = job.conflicts ? `${startPrompt}\n\n${conflictPrompt(job.conflicts)}` : startPrompt;
  let judgement: Judgement | undefined;
  for (let rounds = 0; ; rounds += 1) {
    const result = await opened.session.prompt(prompt, signal);
    if (result.status !== 'done') {
      const status = result.status === 'interrupted' ? 'interrupted' : result.modelFailed ? 'model-failed' : 'blocked';
      return {
        status,
        reason: `${endings[result.status]}: ${result.text}`,
        result,
        rounds,
        ...(judgement ? { judgement } : {}),
      };
    }
    judgement = await judge(attempt);
    if (signal.aborted) return { status: 'interrupted', reason: endings.interrupted, result, judgement, rounds };
    const idle = !judgement.changed && !job.task.checkpoint;
    if (judgement.fine && !idle) return { status: 'finished', reason: '', result, judgement, rounds };
    if (rounds >= place.rounds || judgement.hopeless)
      return { status: 'blocked', reason: blockedBecause(judgement, idle, rounds), result, judgement, rounds };
    const failed = judgement.checks.filter((check) => check.status === 'failed');
    const nothing: CheckResult[] = idle ? [{ name: 'change', status: 'failed', detail: 'no file was changed' }] : [];
    prompt = repairPrompt([...nothing, ...failed], judgement.flags, judgement.evidence);
  }
}

function blockedBecause(judgement: Judgement, idle: boolean, rounds: number): string {
  const failed = judgement.checks.filter((check) => check.status === 'failed');
  const reasons = [
    ...(idle ? ['no file was changed'] : []),
    ...failed.map((check) => `${check.name}: ${check.detail.split('\n')[0]}`),
    ...judgement.flags.map((flag) => `${flag.code}${flag.path ? ` ${flag.path}` : ''}: ${flag.reason}`),
  ];
  return `${reasons.join('; ')} (after ${rounds} ${rounds === 1 ? 'round' : 'rounds'} of repair)`;
}

/** A checkpoint whose tests pass already needs no model. */
async function checkpointPasses(attempt: Attempt): Promise<CheckResult | undefined> {
  if (!attempt.job.task.checkpoint) return undefined;
  const { place, opened, signal } = attempt;
  const outcome = await runTests(
    opened,
    opened.copy,
    await testCommand(opened.copy, place.cues),
    place.confinement,
    signal,
  );
  return outcome.status === 'passed' ? { name: 'tests', status: 'passed', detail: outcome.detail } : undefined;
}

async function keepChanges(attempt: Attempt, worked: Worked): Promise<StoredChangeSet | undefined> {
  const { opened, place, context } = attempt;
  const { session } = opened;
  const incomplete = worked.status === 'finished' ? {} : { incomplete: place.redact(worked.reason).text };
  const set = await makeChangeSet(opened.copy, {
    ...context,
    judge: opened.guard.judgeChange,
    checks: worked.judgement?.checks ?? [],
    ...(worked.judgement?.evidence ? { evidence: worked.judgement.evidence } : {}),
    denied: session.passage.refusals.map(({ rule, action, reason }) => ({ rule, text: `${action}: ${reason}` })),
    ...incomplete,
    summary: place.redact(worked.result?.text ?? '').text,
    usage: session.usage,
  });
  if (!set) return undefined;
  const flags = set.flags.map((flag) => `${flag.code}${flag.path ? ` ${flag.path}` : ''}: ${flag.reason}`);
  session.emit({ type: 'change-set.made', id: set.id, files: set.files.map((file) => file.path), flags });
  return set;
}

/** Carries one task out in a working copy of its own. The workspace is not touched; what changed is a change set. */
export async function runTask(place: RunPlace, job: TaskJob, signal: AbortSignal): Promise<TaskOutcome> {
  const scope = taskScope(place, job.task);
  const empty = { checks: [], refusals: [], usage: noUsage(), rounds: 0 };
  if (scope.write.length === 0 && !job.task.checkpoint)
    return {
      ...empty,
      status: 'blocked',
      reason: 'it has no scope: add `_Scope: path, path_` to it in tasks.md and approve tasks again',
    };
  const attempt = await openAttempt(place, job, signal);
  const { opened } = attempt;
  try {
    const stopped = await attempt.guide.before?.(job.task);
    if (stopped) return { ...empty, status: 'blocked', reason: place.redact(stopped).text };
    const passed = await checkpointPasses(attempt);
    if (passed) return { ...empty, status: 'finished', reason: '', checks: [passed] };
    const worked = await work(attempt);
    const set = await keepChanges(attempt, worked);
    await attempt.guide.after?.(job.task, worked.status === 'finished' ? 'completed' : worked.status);
    return {
      status: worked.status,
      reason: place.redact(worked.reason).text,
      ...(set ? { set } : {}),
      checks: worked.judgement?.checks ?? [],
      refusals: opened.session.passage.refusals,
      usage: opened.session.usage,
      rounds: worked.rounds,
    };
  } finally {
    await attempt.guide.end?.();
    await opened.close();
    // What was changed is in the change set; the copy is not needed any more.
    await opened.copy.discard();
  }
}
