import { userInfo } from 'node:os';
import { AmbitError } from '@ambit/core/errors';
import { requirementsOf } from '@ambit/core/spec';
import { diskView, hashFiles, judgeDrift, readEvidence, recordEvidence, sha256 } from '@ambit/engine/evidence';
import { readSpec, type SpecFolder } from '@ambit/engine/specs';
import { openAuditLog } from '@ambit/guard/audit';
import { statePaths } from '@ambit/guard/state';
import { type Command, exitCode, type Io, options } from '../../command.ts';
import { question } from '../../question.ts';
import { findWorkspace } from '../../workspace.ts';
import { askedSpecs } from './place.ts';

const help = `ambit spec attest: say that a person has checked a criterion that no test can show

The attestation is evidence like a passed test: it has your name, the reason and the hashes of the files you name, and
no longer counts when one of them changes. A task whose work is applied and that waited for nothing else is ticked.
Only at a terminal.

Usage: ambit spec attest <name> <N.M> --reason "…" [--file PATH…]

Example:
  ambit spec attest user-accounts 3.2 --reason "backup restored on staging" --file infra/backup.tf
`;

/** Ticks the boxes for which only this word was missing. */
async function tickSettled(place: SpecFolder, io: Io): Promise<void> {
  const state = statePaths(findWorkspace(io.cwd, io.env), io.env);
  const [{ listChangeSets, tickFile }, { settledTasks, tickTask }] = await Promise.all([
    import('@ambit/engine/change-set'),
    import('@ambit/engine/runner'),
  ]);
  const { sets } = await listChangeSets(state);
  if (!sets.some((set) => set.spec === place.name)) return;
  const [spec, evidence] = await Promise.all([readSpec(place), readEvidence(state, place.name)]);
  const files = evidence.records.flatMap((record) => Object.keys(record.files));
  const drift = judgeDrift(spec, evidence.records, await hashFiles(diskView(state.workspace), files));
  const settled = settledTasks(spec, drift, sets);
  if (settled.length === 0) return;
  const { openLandingHere } = await import('../../landing.ts');
  const { ports } = await openLandingHere(io);
  const path = `.kiro/specs/${place.name}/tasks.md`;
  await tickFile(path, (text) => settled.reduce((now, task) => tickTask(now, task.id), text), ports);
  for (const task of settled) io.out(`Ticked task ${task.id}: ${task.title}\n`);
}

async function run(args: string[], io: Io): Promise<number> {
  const { values, positionals } = options('spec attest', args, {
    reason: { type: 'string' },
    file: { type: 'string', multiple: true, default: [] },
  });
  const [name, id] = positionals;
  if (name === undefined || id === undefined)
    throw new AmbitError('usage', 'which spec and which criterion', {
      hint: 'ambit spec attest <name> <N.M> --reason "…"',
    });
  const reason = values.reason?.trim();
  if (!reason)
    throw new AmbitError('usage', 'an attestation needs a reason', { hint: '--reason "what was checked and how"' });
  const workspace = findWorkspace(io.cwd, io.env);
  const [place] = await askedSpecs([name], io);
  const spec = place && (await readSpec(place));
  const criterion =
    spec &&
    requirementsOf(spec)
      .flatMap((entry) => entry.criteria)
      .find((entry) => entry.id === id);
  if (!criterion)
    throw new AmbitError('input.missing', `there is no criterion \`${id}\` in \`${name}\``, {
      hint: `ambit spec show ${name}`,
    });
  const files = await hashFiles(diskView(workspace), values.file ?? []);
  const unread = (values.file ?? []).filter((file) => files[file] === undefined);
  if (unread.length > 0)
    throw new AmbitError('input.missing', `cannot read \`${unread.join('`, `')}\``, {
      hint: 'paths are relative to the workspace',
    });
  if (!io.interactive)
    throw new AmbitError('needs-human', 'attesting needs a person at a terminal', {
      hint: 'a pipe cannot attest anything',
    });
  io.out(`${criterion.id}  ${criterion.text}\n`);
  const answer = await question(io, `You have checked that this holds: ${reason}? [y/N] `);
  if (!/^y(?:es)?$/i.test(answer.trim())) {
    io.out('Not attested.\n');
    return exitCode.findings;
  }
  const state = statePaths(workspace, io.env);
  const record = {
    kind: 'attestation' as const,
    criterion: id,
    by: userInfo().username,
    reason,
    files,
    at: io.now().toISOString(),
    text: sha256(criterion.text),
  };
  await recordEvidence({ state, audit: await openAuditLog(state, { now: io.now }) }, spec.name, [record]);
  io.out(`Attested ${id}.\n`);
  await tickSettled(place, io);
  return exitCode.done;
}

export const command: Command = { name: 'attest', summary: 'say that a person has checked a criterion', help, run };
