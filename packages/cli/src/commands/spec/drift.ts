import { userInfo } from 'node:os';
import { AmbitError } from '@ambit/core/errors';
import { requirementsOf, type Spec } from '@ambit/core/spec';
import {
  type CriterionDrift,
  diskView,
  hashFiles,
  judgeDrift,
  readEvidence,
  recordEvidence,
  sha256,
} from '@ambit/engine/evidence';
import { readSpec } from '@ambit/engine/specs';
import { openAuditLog } from '@ambit/guard/audit';
import { statePaths } from '@ambit/guard/state';
import { type Command, exitCode, type Io, options } from '../../command.ts';
import { findWorkspace } from '../../workspace.ts';
import { askedSpecs } from './place.ts';

const help = `ambit spec drift: does the recorded evidence still hold

Compares, criterion by criterion, the files that evidence rests on with the files as they are. Verdicts: holds, drifted,
undecidable (the evidence rests on no file, so no diff can say), unproven (there is no evidence).

Usage: ambit spec drift <name> [--json] [--all]
       ambit spec drift <name> --accept [N.M…] --reason "…"    at a terminal: you looked, and it still holds

Exit codes: 0 nothing drifted, 1 something did.

Example:
  ambit spec drift user-accounts --accept 2.3 --reason "renamed a variable only"
`;

async function judge(spec: Spec, workspace: string, env: NodeJS.ProcessEnv): Promise<CriterionDrift[]> {
  const evidence = await readEvidence(statePaths(workspace, env), spec.name);
  const hashes = await hashFiles(
    diskView(workspace),
    evidence.records.flatMap((record) => Object.keys(record.files)),
  );
  return judgeDrift(spec, evidence.records, hashes);
}

/** Records that a person looked at drifted criteria and takes them as holding: the files as they are now. */
async function accept(
  spec: Spec,
  drifted: readonly CriterionDrift[],
  reason: string,
  workspace: string,
  io: Io,
): Promise<void> {
  if (!io.interactive) throw new AmbitError('needs-human', 'accepting drift needs a person at a terminal');
  const state = statePaths(workspace, io.env);
  const evidence = await readEvidence(state, spec.name);
  const texts = new Map(
    requirementsOf(spec).flatMap((entry) => entry.criteria.map((criterion) => [criterion.id, criterion.text])),
  );
  const view = diskView(workspace);
  const at = io.now().toISOString();
  const records = [];
  for (const { criterion } of drifted) {
    const files = evidence.records
      .filter((record) => record.criterion === criterion)
      .flatMap((record) => Object.keys(record.files));
    records.push({
      kind: 'attestation' as const,
      criterion,
      by: userInfo().username,
      reason,
      files: await hashFiles(view, files),
      at,
      text: sha256(texts.get(criterion) ?? ''),
    });
  }
  await recordEvidence({ state, audit: await openAuditLog(state, { now: io.now }) }, spec.name, records);
  io.out(`Accepted ${records.length}: ${records.map((record) => record.criterion).join(', ')}\n`);
}

function print(found: readonly CriterionDrift[], all: boolean, io: Io): void {
  const shown = all ? found : found.filter((entry) => entry.verdict === 'drifted' || entry.verdict === 'undecidable');
  for (const entry of shown) {
    const why = [...entry.changed, ...(entry.reworded ? ['the criterion was reworded'] : [])].join(', ');
    io.out(
      `  ${entry.criterion.padEnd(7)} ${entry.verdict.padEnd(12)} ${why || entry.by.join('; ') || entry.text.slice(0, 70)}\n`,
    );
  }
  const count = (verdict: string) => found.filter((entry) => entry.verdict === verdict).length;
  io.out(
    `${count('holds')} hold, ${count('drifted')} drifted, ${count('undecidable')} not decidable from the files, ${count('unproven')} without evidence\n`,
  );
}

async function run(args: string[], io: Io): Promise<number> {
  const { values, positionals } = options('spec drift', args, {
    json: { type: 'boolean', default: false },
    all: { type: 'boolean', default: false },
    accept: { type: 'boolean', default: false },
    reason: { type: 'string' },
  });
  const [name, ...ids] = positionals;
  if (name === undefined) throw new AmbitError('usage', 'which spec', { hint: 'ambit spec drift <name>' });
  const workspace = findWorkspace(io.cwd, io.env);
  const [place] = await askedSpecs([name], io);
  if (!place) throw new AmbitError('input.missing', `there is no spec \`${name}\``);
  const spec = await readSpec(place);
  const found = await judge(spec, workspace, io.env);
  if (values.accept) {
    if (!values.reason?.trim())
      throw new AmbitError('usage', 'accepting needs a reason', { hint: '--reason "what you looked at"' });
    const drifted = found.filter(
      (entry) => entry.verdict === 'drifted' && (ids.length === 0 || ids.includes(entry.criterion)),
    );
    if (drifted.length === 0)
      throw new AmbitError('usage', 'nothing of that has drifted', { hint: `ambit spec drift ${name}` });
    await accept(spec, drifted, values.reason.trim(), workspace, io);
    return exitCode.done;
  }
  if (values.json) io.out(`${JSON.stringify({ version: 1, spec: spec.name, criteria: found }, null, 2)}\n`);
  else print(found, values.all === true, io);
  return found.some((entry) => entry.verdict === 'drifted') ? exitCode.findings : exitCode.done;
}

export const command: Command = { name: 'drift', summary: 'does the evidence still hold', help, run };
