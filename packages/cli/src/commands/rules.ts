import { resolve } from 'node:path';
import { AmbitError } from '@ambit/core/errors';
import { proveRules, readCheckedRules, readRules } from '@ambit/scanner';
import { readCatalog, readCatalogSources } from '../catalog.ts';
import { type Command, exitCode, type Io, options } from '../command.ts';

const help = `ambit rules: the rules of ambit scan

Usage: ambit rules list [--json]
       ambit rules test <folder> [--json]

\`test\` runs the samples of your own rules: each rule must find its match samples, at their line, and none of its
no-match samples. Rules are YAML files; docs/guides/scan.md says how to write them.

Examples:
  ambit rules list
  ambit rules test security/rules && ambit scan --rules security/rules
`;

async function list(json: boolean, io: Io): Promise<number> {
  const { rules } = readRules(await readCatalog('rules'));
  if (json) {
    const shown = rules.map(({ id, engine, title, severity, confidence, cwe }) => ({
      id,
      engine,
      title,
      severity,
      confidence,
      cwe,
    }));
    io.out(`${JSON.stringify({ version: 1, rules: shown }, null, 2)}\n`);
  } else
    for (const rule of rules)
      io.out(`${rule.severity.padEnd(8)} ${rule.engine.padEnd(12)} ${rule.id}  ${rule.title}\n`);
  return exitCode.done;
}

async function test(folder: string, json: boolean, io: Io): Promise<number> {
  const files = await readCatalogSources(resolve(io.cwd, folder), '.').catch((cause: unknown) => {
    throw new AmbitError('input.missing', `the folder of rules \`${folder}\` cannot be read`, { cause });
  });
  const own = await readCheckedRules(files, await readCatalog('frameworks'));
  if (own.rules.length + own.filters.length === 0)
    throw new AmbitError('input.missing', `there is no rule in \`${folder}\``, {
      hint: 'a rule file is YAML with `rules:`',
    });
  const failures = await proveRules(own);
  if (json) io.out(`${JSON.stringify({ version: 1, rules: own.rules.length, failures }, null, 2)}\n`);
  else {
    for (const { rule, problem } of failures) io.out(`${rule}: ${problem}\n`);
    io.out(`${own.rules.length} rules, ${failures.length} failures\n`);
  }
  return failures.length > 0 ? exitCode.findings : exitCode.done;
}

async function run(args: string[], io: Io): Promise<number> {
  const { values, positionals } = options('rules', args, { json: { type: 'boolean', default: false } });
  const [action = 'list', folder] = positionals;
  if (action === 'list') return list(values.json, io);
  if (action === 'test' && folder !== undefined) return test(folder, values.json, io);
  throw new AmbitError(
    'usage',
    action === 'test' ? 'which folder of rules' : `\`${action}\` is nothing that rules can do`,
    {
      hint: 'see: ambit rules --help',
    },
  );
}

export const command: Command = { name: 'rules', summary: 'the rules of ambit scan; test your own', help, run };
