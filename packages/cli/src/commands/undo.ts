import { type Command, exitCode, type Io, options } from '../command.ts';
import { openLandingHere } from '../landing.ts';
import { printConflicts } from '../review-text.ts';

const help = `ambit undo: take back what Ambit applied, all or nothing; your own later edits stay

Usage: ambit undo [checkpoint] [options]

Without a checkpoint, the last applied change set is taken back. With one, everything that Ambit changed since. An edit of
yours to the same lines is a conflict: it is reported and nothing is changed. Every undo can itself be undone.

  --file F   only this file; may be repeated
  --list     the checkpoints, newest last
  --exact    every file as it was at the checkpoint, your own edits since then included
  --json     one JSON object

Examples:
  ambit undo
  ambit undo --file src/a.ts
  ambit undo --list
  ambit undo 260312-1015 --exact
`;

async function list(io: Io, json: boolean): Promise<number> {
  const { ports } = await openLandingHere(io);
  const { checkpoints, broken } = await ports.checkpoints.list();
  if (json) io.out(`${JSON.stringify({ version: 1, checkpoints, broken })}\n`);
  else if (checkpoints.length === 0) io.out('no checkpoints yet: one is made before Ambit changes anything\n');
  else
    for (const { id, time, label, touched } of checkpoints)
      io.out(`${id}  ${time}  ${label}, ${touched.length} files\n`);
  for (const id of broken) io.err(`ambit: checkpoint ${id} cannot be read and is left out\n`);
  return exitCode.done;
}

async function run(args: string[], io: Io): Promise<number> {
  const { values, positionals } = options('undo', args, {
    list: { type: 'boolean', default: false },
    exact: { type: 'boolean', default: false },
    file: { type: 'string', multiple: true },
    json: { type: 'boolean', default: false },
  });
  if (values.list) return list(io, values.json);
  const { undo } = await import('@ambit/engine/change-set');
  const { ports } = await openLandingHere(io);
  const [checkpoint] = positionals;
  const choice = {
    ...(checkpoint ? { checkpoint } : {}),
    ...(values.file ? { files: values.file } : {}),
    exact: values.exact,
    channel: 'terminal',
  };
  const result = await undo(choice, ports);
  if (values.json) io.out(`${JSON.stringify({ version: 1, ...result })}\n`);
  if (result.status === 'conflict') {
    if (!values.json) printConflicts(io, result.conflicts, 'nothing was changed');
    return exitCode.findings;
  }
  if (values.json) return exitCode.done;
  if (result.status === 'nothing') io.out(`nothing to undo: ${result.reason}\n`);
  else {
    for (const path of result.paths) io.out(`  ${path}\n`);
    io.out(`back to ${result.to}: ${result.paths.length} files; to take this back: ambit undo ${result.checkpoint}\n`);
  }
  return exitCode.done;
}

export const command: Command = { name: 'undo', summary: 'take back what Ambit applied', help, run };
