import { AmbitError } from '@ambit/core/errors';
import { analyzeSpec } from '@ambit/core/spec';
import { readSpec } from '@ambit/engine/specs';
import { type Command, exitCode, type Io, options } from '../../command.ts';
import { askedSpecs, lintRules } from './place.ts';

const help = `ambit spec analyze: contradictions, duplicates, missing cases and loose ends across a spec

Everything here is decided by rule, nothing is guessed: opposite duties under one condition, one thing with two numbers,
the same said twice, events without a failure case, terms without a definition, tasks and properties that serve no
criterion, criteria without a task.

Usage: ambit spec analyze <name> [--json]

Exit codes: 0 no contradiction, 1 a contradiction or different numbers.

Example:
  ambit spec analyze user-accounts
`;

async function run(args: string[], io: Io): Promise<number> {
  const { values, positionals } = options('spec analyze', args, { json: { type: 'boolean', default: false } });
  const [name] = positionals;
  if (name === undefined) throw new AmbitError('usage', 'which spec', { hint: 'ambit spec analyze <name>' });
  const [place] = await askedSpecs([name], io);
  if (!place) throw new AmbitError('input.missing', `there is no spec \`${name}\``);
  const spec = await readSpec(place);
  const found = analyzeSpec(spec, await lintRules());
  if (values.json) io.out(`${JSON.stringify({ version: 1, spec: spec.name, findings: found }, null, 2)}\n`);
  else if (found.length === 0) io.out('Nothing found.\n');
  else
    for (const entry of found)
      io.out(
        `  ${entry.kind.padEnd(26)} ${entry.about.length > 0 ? `${entry.about.join(', ')}: ` : ''}${entry.message}  (${entry.file}:${entry.line})\n`,
      );
  return found.some((entry) => entry.kind === 'contradiction' || entry.kind === 'different-numbers')
    ? exitCode.findings
    : exitCode.done;
}

export const command: Command = {
  name: 'analyze',
  summary: 'contradictions, duplicates, missing cases across a spec',
  help,
  run,
};
