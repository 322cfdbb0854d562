import { AmbitError, messageOf } from '@ambit/core/errors';
import { type AnalysisFinding, analyzeSpec, type Spec } from '@ambit/core/spec';
import type { InferredFinding } from '@ambit/engine/author/analyze';
import { readSpec } from '@ambit/engine/specs';
import { type Command, exitCode, type Io, options } from '../../command.ts';
import { askedSpecs, lintRules } from './place.ts';

const help = `ambit spec analyze: contradictions, duplicates, missing cases and loose ends across a spec

What rules decide comes first and always: opposite duties under one condition, one thing with two numbers, the same said
twice, events without a failure case, terms without a definition, tasks and properties that serve no criterion, criteria
without a task. Where a model is set up it is asked too; what it says is marked «inferred», has to quote the criterion it
is about, and changes no exit code.

Usage: ambit spec analyze <name> [--no-model | -m provider/model] [--json]

Exit codes: 0 no contradiction, 1 a contradiction or different numbers, 5 the model that was asked for by name failed.

Example:
  ambit spec analyze user-accounts
`;

interface Inferred {
  findings: InferredFinding[];
  /** `provider/model`, or null when none was asked. */
  model: string | null;
}

async function infer(spec: Spec, flag: string | undefined, io: Io): Promise<Inferred> {
  const { openChosenModel } = await import('../../models.ts');
  const opened = await openChosenModel(io, { flag, role: 'author' });
  if (!opened) return { findings: [], model: null };
  const { inferFindings } = await import('@ambit/engine/author/analyze');
  try {
    return {
      findings: await inferFindings(spec, { model: opened.client, signal: io.signal }),
      model: opened.client.id,
    };
  } catch (error) {
    if (flag !== undefined || io.signal.aborted) throw error;
    io.err(`ambit: ${messageOf(error)}\n  what follows was decided by rule alone\n`);
    return { findings: [], model: null };
  }
}

const row = (entry: AnalysisFinding | InferredFinding) =>
  `  ${(entry.inferred ? `${entry.kind} (inferred)` : entry.kind).padEnd(30)} ${entry.about.length > 0 ? `${entry.about.join(', ')}: ` : ''}${entry.message}  (${entry.file}:${entry.line})\n`;

async function run(args: string[], io: Io): Promise<number> {
  const { values, positionals } = options('spec analyze', args, {
    json: { type: 'boolean', default: false },
    model: { type: 'string', short: 'm' },
    'no-model': { type: 'boolean', default: false },
  });
  const [name] = positionals;
  if (name === undefined) throw new AmbitError('usage', 'which spec', { hint: 'ambit spec analyze <name>' });
  const [place] = await askedSpecs([name], io);
  if (!place) throw new AmbitError('input.missing', `there is no spec \`${name}\``);
  const spec = await readSpec(place);
  const decided = analyzeSpec(spec, await lintRules());
  const inferred = values['no-model'] ? { findings: [], model: null } : await infer(spec, values.model, io);
  const findings = [...decided, ...inferred.findings];
  if (values.json)
    io.out(`${JSON.stringify({ version: 1, spec: spec.name, model: inferred.model, findings }, null, 2)}\n`);
  else if (findings.length === 0) io.out('Nothing found.\n');
  else for (const entry of findings) io.out(row(entry));
  return decided.some((entry) => entry.kind === 'contradiction' || entry.kind === 'different-numbers')
    ? exitCode.findings
    : exitCode.done;
}

export const command: Command = {
  name: 'analyze',
  summary: 'contradictions, duplicates, missing cases across a spec',
  help,
  run,
};
