import type { EventOf } from '@ambit/core/schema';
import type { AgentResult, OpenedSession, Refusal } from '@ambit/engine';
import type { ChangedFile } from '@ambit/engine/change-set';
import type { Io } from '../command.ts';
import { exitCode } from '../command.ts';
import { fireFileHooks } from '../landed.ts';
import type { Workbench } from '../workbench.ts';
import { changeSetOf, hasChanges, type Landed, landUnflagged, openLandingFor } from './change-set.ts';
import { lineText, plainText, usageLine } from './report.ts';

export interface HeadlessRun {
  bench: Workbench;
  opened: OpenedSession;
  autopilot: boolean;
  json: boolean;
  quiet: boolean;
}

type FinishedStatus = EventOf<'run.finished'>['status'];

export interface Verdict {
  status: FinishedStatus;
  code: number;
}

/**
 * What the run comes to, the gravest first: interrupted 130, model failed 5, a rule forbade something 3, a person is
 * needed (a question nobody answered, a change set that waits) 4, ended before it was done 1, done 0.
 */
export function verdictOf(result: AgentResult, refusals: readonly Refusal[], landing: Landed): Verdict {
  if (result.status === 'interrupted') return { status: 'interrupted', code: exitCode.interrupted };
  if (result.modelFailed) return { status: 'failed', code: exitCode.model };
  if (refusals.some((refusal) => !refusal.needsHuman)) return { status: 'denied', code: exitCode.denied };
  if (result.status === 'failed') return { status: 'failed', code: exitCode.findings };
  if (result.status === 'budget') return { status: 'budget', code: exitCode.findings };
  if (refusals.length > 0 || landing.status === 'open') return { status: 'needs-human', code: exitCode.needsHuman };
  return { status: 'done', code: exitCode.done };
}

const endings: Record<AgentResult['status'], string> = {
  done: '',
  failed: 'the run failed',
  budget: 'the budget was used up',
  interrupted: 'the run was interrupted',
};

async function landedOf(run: HeadlessRun, result: AgentResult, io: Io): Promise<Landed> {
  const { opened, bench, autopilot } = run;
  if (!(await hasChanges(opened))) return { status: 'nothing' };
  const { session } = opened;
  const landing = await openLandingFor(bench, io);
  const incomplete = endings[result.status];
  const ended = { summary: result.text, usage: session.usage, refusals: session.passage.refusals };
  const set = await changeSetOf(opened, landing, { ...ended, ...(incomplete ? { incomplete } : {}) }, bench.redact);
  if (!set) return { status: 'nothing' };
  const files = set.files.map((file) => file.path);
  const flags = set.flags.map((flag) => `${flag.code}${flag.path ? ` ${flag.path}` : ''}: ${flag.reason}`);
  session.emit({ type: 'change-set.made', id: set.id, files, flags });
  // Only caches, dependencies or git's own files: nothing could land, so nobody has to look.
  if (flags.length === 0 && set.files.every((file) => file.withheld)) return { status: 'nothing' };
  if (!autopilot) return { status: 'open', set, why: 'a person looks at it first' };
  const landed = await landUnflagged(set, landing.ports);
  if (landed.status === 'applied')
    session.emit({ type: 'change-set.applied', id: set.id, checkpoint: landed.checkpoint });
  await fireFileHooks(landing, io, (text) => session.emit({ type: 'note', level: 'info', text }));
  return landed;
}

async function fileLines(files: readonly ChangedFile[]): Promise<string[]> {
  const { describeHeld, foldHeld } = await import('@ambit/engine/review');
  const { named, counted } = foldHeld(files);
  return [
    ...named.map(
      ({ kind, path, added, removed, withheld }) =>
        `  ${kind.padEnd(8)} ${lineText(path)}  +${added} -${removed}${withheld ? `  (not applied: ${withheld.reason})` : ''}`,
    ),
    ...counted.map((one) => `  ${describeHeld(one)}`),
  ];
}

async function closing(landing: Landed): Promise<string> {
  if (landing.status === 'nothing') return '';
  const { set } = landing;
  const files = await fileLines(set.files);
  const flags = set.flags.map((flag) => `  ! ${flag.code} ${lineText(flag.path ?? '')} ${lineText(flag.reason)}`);
  const head =
    landing.status === 'applied'
      ? `Applied change set ${set.id} (undo: ambit undo)`
      : `Change set ${set.id} waits: ${plainText(landing.why)}\n  ambit review show ${set.id}   ambit review apply ${set.id}`;
  return `${[head, ...files, ...flags].join('\n')}\n`;
}

async function tell(run: HeadlessRun, result: AgentResult, landing: Landed, io: Io): Promise<void> {
  if (run.json) return;
  if (result.status === 'done') io.out(`${plainText(result.text)}\n`);
  else io.err(`ambit: ${plainText(result.text)}\n`);
  if (run.quiet) return;
  for (const { action, rule, reason } of run.opened.session.passage.refusals)
    io.err(`denied by ${rule}: ${lineText(action)} (${lineText(reason)})\n`);
  io.err(await closing(landing));
  if (result.status !== 'done') io.err(`to go on: ambit resume ${run.opened.session.id}\n`);
  io.err(`${usageLine(run.opened.session.usage)}\n`);
}

/** One prompt without a person: run, change set, landing, report. Resolves to the exit code. */
export async function runHeadless(
  run: HeadlessRun,
  prompt: string,
  io: Io,
  output?: Readonly<Record<string, unknown>>,
): Promise<number> {
  const { opened } = run;
  try {
    const result = await opened.session.prompt(prompt, io.signal, output ? { output } : {});
    const landed = await landedOf(run, result, io);
    const { status, code } = verdictOf(result, opened.session.passage.refusals, landed);
    opened.session.emit({
      type: 'run.finished',
      status,
      exitCode: code,
      text: result.text,
      usage: opened.session.usage,
    });
    await tell(run, result, landed, io);
    // An open change set does not need the working copy any more; a run without changes leaves nothing behind.
    if (result.status === 'done') await opened.copy.discard();
    return code;
  } finally {
    await opened.close();
  }
}
