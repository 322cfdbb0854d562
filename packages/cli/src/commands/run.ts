import { AmbitError } from '@ambit/core/errors';
import type { SpecReport } from '@ambit/engine/runner';
import { type Command, exitCode, type Io, options } from '../command.ts';
import { fireFileHooks } from '../landed.ts';
import { defaultTurns } from '../run/open.ts';
import { jsonReport, plainText, progressReport, usageLine } from '../run/report.ts';
import { nextTask, openSpecRun, type SpecRun } from '../run/spec-run.ts';
import { modelOptions, modelWishes, wholeNumber } from '../run/wishes.ts';

const help = `ambit run: carry out tasks of an approved spec, each in a working copy of its own

Usage: ambit run <spec> [task…] [options]

Without a task, the next one that can be done. A task may write only what its \`_Scope:_\` line names; its work is tested in
the sandbox, scanned, and becomes a change set. Nothing in the workspace changes before a change set is applied, and
applying is what ticks the box.

  --all               every open required task, in waves, without questions
  --jobs N            tasks at a time (default 2)
  --autopilot         apply what passed its checks and carries no flag; the rest waits for review
  --rounds N          rounds of repair after failed checks before a task is blocked (default 2)
  --fresh             do not go on with an unfinished run, begin anew
  --dry-run           only show the waves and scopes
  -m, --model NAME    provider/model
  --effort LEVEL      none, low, medium or high
  --max-turns N       answers of the model for one prompt (default 200)
  --budget DOLLARS    for one prompt, where the price is known
  --json              one event a line, the last one the report

A run that was ended (also by kill -9) goes on where it was when started again.

Exit codes: 0 done; 1 a task is blocked; 2 the spec is not approved, or wrong usage; 3 a rule forbade something a task
tried; 4 a change set waits for review; 5 the model failed; 130 interrupted.

Examples:
  ambit run login
  ambit run login 1.2 --autopilot
  ambit run login --all --jobs 4 --autopilot
`;

const parse = (args: string[]) =>
  options('run', args, {
    all: { type: 'boolean', default: false },
    jobs: { type: 'string' },
    autopilot: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    fresh: { type: 'boolean', default: false },
    'dry-run': { type: 'boolean', default: false },
    ...modelOptions,
    json: { type: 'boolean', default: false },
  });

/** The gravest first, as for a prompt. */
export function exitOf(report: SpecReport): number {
  const some = (status: string) => report.tasks.some((task) => task.status === status);
  if (report.ended === 'interrupted') return exitCode.interrupted;
  if (report.ended === 'model-failed') return exitCode.model;
  if (report.tasks.some((task) => 'denied' in task && (task.denied ?? 0) > 0)) return exitCode.denied;
  if (some('blocked') || some('open')) return exitCode.findings;
  return some('waiting') ? exitCode.needsHuman : exitCode.done;
}

function printReport(report: SpecReport, io: Io): void {
  for (const task of report.tasks) {
    const set = 'changeSet' in task && task.changeSet && task.status !== 'applied' ? ` (${task.changeSet})` : '';
    const why = task.status === 'applied' || !task.reason ? '' : `: ${plainText(task.reason)}`;
    io.out(`${task.status.padEnd(8)} ${task.task} ${plainText(task.title)}${set}${why}\n`);
    if ('flags' in task && task.flags?.length) io.out(`         flags: ${task.flags.join(', ')}\n`);
    const repairs =
      'rounds' in task && task.rounds ? `, ${task.rounds} ${task.rounds === 1 ? 'round' : 'rounds'} of repair` : '';
    if ('usage' in task && task.usage) io.out(`         ${usageLine(task.usage)}${repairs}\n`);
  }
  const count = (status: string) => report.tasks.filter((task) => task.status === status).length;
  const parts = (['applied', 'waiting', 'blocked', 'open'] as const)
    .filter((one) => count(one) > 0)
    .map((one) => `${count(one)} ${one}`);
  io.out(`${parts.join(', ') || 'nothing to do'}; ${usageLine(report.usage)}\n`);
  if (report.ended !== 'done')
    io.err(`ambit: the run ended early: ${plainText(report.reason || report.ended)}; the same command goes on\n`);
  const [waiting] = report.tasks.filter((task) => task.status === 'waiting' && 'changeSet' in task);
  if (waiting && 'changeSet' in waiting && waiting.changeSet)
    io.out(
      `to look and apply, in this order: ambit review show ${waiting.changeSet}, ambit review apply ${waiting.changeSet}\n`,
    );
}

async function dryRun(run: SpecRun, io: Io, json: boolean): Promise<number> {
  const { taskGraph, taskScope, wavesOf } = await import('@ambit/engine/runner');
  const tree = run.place.spec.tasks;
  if (!tree) throw new AmbitError('input.missing', `spec \`${run.place.spec.name}\` has no tasks.md`);
  const graph = taskGraph(tree);
  const [problem] = graph.problems;
  if (problem) throw new AmbitError('input.broken', problem.message, { where: `${tree.file}:${problem.line}` });
  const waves = wavesOf(graph).map((ids) =>
    ids.map((id) => {
      const task = tree.tasks.find((one) => one.id === id);
      return {
        task: id,
        title: task?.title ?? '',
        done: task?.box?.state === 'done',
        scope: task ? taskScope(run.place, task).write : [],
      };
    }),
  );
  if (json) io.out(`${JSON.stringify({ version: 1, spec: run.place.spec.name, waves })}\n`);
  else
    waves.forEach((wave, i) => {
      io.out(`wave ${i + 1}\n`);
      for (const { task, title, done, scope } of wave)
        io.out(
          `  ${done ? '[x]' : '[ ]'} ${task} ${plainText(title)}\n      may write: ${scope.join(', ') || 'nothing: it has no scope'}\n`,
        );
    });
  return exitCode.done;
}

async function run(args: string[], io: Io): Promise<number> {
  const { values, positionals } = parse(args);
  const [name, ...tasks] = positionals;
  if (!name)
    throw new AmbitError('usage', 'which spec?', { hint: 'for instance: ambit run login; all specs: ambit spec list' });
  if (values.all && tasks.length > 0) throw new AmbitError('usage', 'give tasks or --all, not both');
  const { model, effort, turns = defaultTurns, dollars } = modelWishes(values);
  const rounds = wholeNumber('rounds', values.rounds, 0) ?? 2;
  const jobs = wholeNumber('jobs', values.jobs) ?? 2;
  const emit = values.json ? jsonReport(io) : progressReport(io, io.colour);
  const opened = await openSpecRun(
    {
      name,
      model,
      effort,
      autopilot: values.autopilot,
      needsModel: !values['dry-run'],
      mayAsk: !values.all && !values.json,
      rounds,
      limits: { turns, ...(dollars === undefined ? {} : { dollars }) },
      emit,
    },
    io,
  );
  if (values['dry-run']) return dryRun(opened, io, values.json);
  const { runSpec } = await import('@ambit/engine/runner');
  const chosen = values.all ? undefined : tasks.length > 0 ? tasks : await nextTask(opened);
  if (chosen?.length === 0) {
    io.out('nothing to do: every required task is done\n');
    return exitCode.done;
  }
  const shared = { autopilot: values.autopilot, jobs, resume: !values.fresh };
  const report = await runSpec(opened.place, { ...shared, ...(chosen ? { tasks: chosen } : {}) }, io.signal);
  await fireFileHooks(opened.landing, io, (text) => io.err(`${plainText(text)}\n`));
  if (values.json)
    io.out(`${JSON.stringify({ version: 1, type: 'spec.finished', exitCode: exitOf(report), ...report })}\n`);
  else printReport(report, io);
  if (io.interactive && !values.all && !values.json) return reviewNow(report, io);
  return exitOf(report);
}

/** A person is here: what waits is shown and asked about at once. */
async function reviewNow(report: SpecReport, io: Io): Promise<number> {
  const { showAndApply } = await import('./review.ts');
  let code = exitOf(report);
  for (const task of report.tasks) {
    if (task.status !== 'waiting' || !('changeSet' in task) || !task.changeSet) continue;
    code = await showAndApply(task.changeSet, io);
    if (code !== exitCode.done) return code;
  }
  return code;
}

export const command: Command = { name: 'run', summary: 'carry out tasks of an approved spec', help, run };
