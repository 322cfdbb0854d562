import { AmbitError } from '@ambit/core/errors';
import type { UndoResult } from '@ambit/engine/change-set';
import { type Command, exitCode, type Io, options } from '../command.ts';
import { type Landing, openLandingHere } from '../landing.ts';
import { question } from '../question.ts';
import { printConflicts } from '../review-text.ts';
import { plainText } from '../run/report.ts';
import { goBackTo, type Milestone, milestones } from '../run/rewind.ts';

const help = `ambit undo: take back what Ambit did, all or nothing; your own later edits stay

Usage: ambit undo [POINT] [options]

Without a point, the last applied change set is taken back. A point is a checkpoint (before something was applied) or a
prompt of a session; with one, everything that Ambit changed since is taken back, and a session is as it was before that
prompt: its files and its conversation. An edit of yours to the same lines is a conflict: it is reported and nothing is
changed. Every undo of files can itself be undone.

  --list         the points there are, newest last
  --pick         the same list to choose from, at a terminal
  --task SPEC/N  the point before task N of a spec was applied
  --file F       only this file; may be repeated
  --exact        every file as it was at the checkpoint, your own edits since then included
  --json         one JSON object

Examples:
  ambit undo
  ambit undo --pick
  ambit undo --file src/a.ts
  ambit undo --task login/2.1
  ambit undo 260312-1015 --exact
`;

async function list({ ports }: Landing, io: Io, json: boolean): Promise<number> {
  const { all, broken } = await milestones(ports);
  if (json) {
    const { checkpoints } = await ports.checkpoints.list();
    const turns = all.flatMap(({ turn }) => (turn ? [turn] : []));
    io.out(`${JSON.stringify({ version: 1, checkpoints, turns, broken })}\n`);
  } else if (all.length === 0)
    io.out('nothing to go back to yet: a point is kept at each prompt and before each change\n');
  else for (const { id, time, text } of all) io.out(`${id.padEnd(20)}  ${time.slice(0, 16)}  ${plainText(text)}\n`);
  for (const id of broken) io.err(`ambit: checkpoint ${id} cannot be read and is left out\n`);
  return exitCode.done;
}

/** Points shown to choose from; older ones are named by their id. */
const shownPoints = 20;

async function pick({ ports }: Landing, io: Io): Promise<Milestone | undefined> {
  const { all } = await milestones(ports);
  const shown = all.slice(-shownPoints);
  if (shown.length === 0) return undefined;
  shown.forEach(({ time, text }, i) => {
    io.err(`${String(i + 1).padStart(3)}  ${time.slice(0, 16)}  ${plainText(text)}\n`);
  });
  const answer = (await question(io, 'back to which (number, empty: none)? ')).trim();
  if (answer === '') throw new AmbitError('interrupted', 'nothing was changed');
  const chosen = shown[Number(answer) - 1];
  if (!chosen) throw new AmbitError('usage', `\`${answer}\` is not a number from 1 to ${shown.length}`);
  return chosen;
}

/** The first checkpoint that says it was made for this task of this spec. */
async function beforeTask({ ports }: Landing, wanted: string): Promise<Milestone> {
  const cut = wanted.lastIndexOf('/');
  const [spec, task] = [wanted.slice(0, Math.max(0, cut)), wanted.slice(cut + 1)];
  const { loadChangeSet } = await import('@ambit/engine/change-set');
  const { checkpoints } = await ports.checkpoints.list();
  for (const { id, time, label, before, changeSet } of checkpoints.toReversed()) {
    if (before !== 'apply' || !changeSet) continue;
    const set = await loadChangeSet(ports.state, changeSet).catch(() => undefined);
    if (set?.spec === spec && set.task === task) return { id, time, text: label };
  }
  throw new AmbitError('input.missing', `no applied change of task \`${task}\` of spec \`${spec}\` is known`, {
    hint: 'a task is named SPEC/NUMBER, as in `ambit undo --task login/2.1`; see: ambit undo --list',
  });
}

/** A turn by the start of its id; checkpoints are found by the engine. */
async function turnNamed({ ports }: Landing, name: string): Promise<Milestone | undefined> {
  const { all } = await milestones(ports);
  const fitting = all.filter(({ id, turn }) => turn && id.startsWith(name));
  return fitting.length === 1 && name.length >= 4 ? fitting[0] : undefined;
}

const files = (count: number) => `${count} ${count === 1 ? 'file' : 'files'}`;

async function toTurn(point: Milestone, landing: Landing, io: Io, json: boolean): Promise<number> {
  if (!point.turn) return exitCode.usage;
  const result = await goBackTo(point.turn, landing.ports, io);
  if (json) io.out(`${JSON.stringify({ version: 1, ...result })}\n`);
  if (result.status === 'conflict') {
    if (!json) printConflicts(io, result.conflicts, 'nothing was changed');
    return exitCode.findings;
  }
  if (json) return exitCode.done;
  const { rewound, undone } = result;
  for (const path of undone?.paths ?? []) io.out(`  ${path}\n`);
  for (const path of rewound.restored) io.out(`  ${path}  (in the session, not applied)\n`);
  const said = plainText(rewound.prompt.replaceAll(/\s+/g, ' ').slice(0, 60));
  io.out(`back to before "${said}"; to go on from there: ambit resume ${point.turn.session}\n`);
  for (const id of result.waiting) io.out(`its change set still waits: ambit review reject ${id}\n`);
  if (undone) io.out(`to take the undo of ${files(undone.paths.length)} back: ambit undo ${undone.checkpoint}\n`);
  return exitCode.done;
}

function print(result: UndoResult, io: Io): number {
  if (result.status === 'conflict') {
    printConflicts(io, result.conflicts, 'nothing was changed');
    return exitCode.findings;
  }
  if (result.status === 'nothing') io.out(`nothing to undo: ${result.reason}\n`);
  else {
    for (const path of result.paths) io.out(`  ${path}\n`);
    io.out(`back to ${result.to}: ${files(result.paths.length)}; to take this back: ambit undo ${result.checkpoint}\n`);
  }
  return exitCode.done;
}

async function run(args: string[], io: Io): Promise<number> {
  const { values, positionals } = options('undo', args, {
    list: { type: 'boolean', default: false },
    pick: { type: 'boolean', default: false },
    task: { type: 'string' },
    exact: { type: 'boolean', default: false },
    file: { type: 'string', multiple: true },
    json: { type: 'boolean', default: false },
  });
  const landing = await openLandingHere(io);
  if (values.list) return list(landing, io, values.json);
  const [named] = positionals;
  const point = values.pick
    ? await pick(landing, io)
    : values.task
      ? await beforeTask(landing, values.task)
      : named
        ? await turnNamed(landing, named)
        : undefined;
  if (values.pick && !point) return print({ status: 'nothing', reason: 'there is no point to go back to yet' }, io);
  if (point?.turn && (values.file || values.exact))
    throw new AmbitError('usage', 'a prompt of a session is gone back to as a whole, without --file and --exact');
  if (point?.turn) return toTurn(point, landing, io, values.json);
  const { undo } = await import('@ambit/engine/change-set');
  const checkpoint = point?.id ?? named;
  const choice = {
    ...(checkpoint ? { checkpoint } : {}),
    ...(values.file ? { files: values.file } : {}),
    exact: values.exact,
    channel: 'terminal',
  };
  const result = await undo(choice, landing.ports);
  if (!values.json) return print(result, io);
  io.out(`${JSON.stringify({ version: 1, ...result })}\n`);
  return result.status === 'conflict' ? exitCode.findings : exitCode.done;
}

export const command: Command = { name: 'undo', summary: 'take back what Ambit did', help, run };
