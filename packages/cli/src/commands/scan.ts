import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Severity } from '@ambit/core/catalog';
import { severity } from '@ambit/core/catalog';
import { AmbitError } from '@ambit/core/errors';
import {
  atLeast,
  jsonReport,
  listRoutes,
  readRules,
  routeTable,
  type ScanResult,
  scan,
  terminalReport,
} from '@ambit/scanner';
import { readCatalog } from '../catalog.ts';
import { type Command, exitCode, type Io, options } from '../command.ts';

const help = `ambit scan: find secrets, insecure code, open access rules, unsafe configuration and dependencies

Usage: ambit scan [path] [options]

  --format terminal|json   how to report (default terminal)
  --fail-on <severity>     exit 1 at or above it: critical, high, medium, low, info (default medium)
  --routes                 list every entry point with what guards it and where, instead of findings
  --strict                 exit 1 also when something could not be looked at
  --no-ignore              also what .gitignore, .kiroignore and .ambitignore leave out

Examples:
  ambit scan
  ambit scan src --format json --fail-on high
`;

async function run(args: string[], io: Io): Promise<number> {
  const { values, positionals } = options('scan', args, {
    format: { type: 'string', default: 'terminal' },
    'fail-on': { type: 'string', default: 'medium' },
    routes: { type: 'boolean', default: false },
    strict: { type: 'boolean', default: false },
    'no-ignore': { type: 'boolean', default: false },
  });
  const root = resolve(io.cwd, positionals[0] ?? '.');
  await stat(root).catch((cause: unknown) => {
    throw new AmbitError('input.missing', `there is no \`${positionals[0]}\` to scan`, { where: root, cause });
  });
  const least = severity.safeParse(values['fail-on']);
  if (!least.success)
    throw new AmbitError('usage', `\`${values['fail-on']}\` is not a severity`, {
      hint: 'one of: critical, high, medium, low, info',
    });
  const catalog = readRules(await readCatalog('rules'), await readCatalog('frameworks'));
  if (values.routes) {
    const { routes, gaps } = await listRoutes(root, catalog);
    io.out(
      values.format === 'json'
        ? `${JSON.stringify({ version: 1, routes, gaps }, null, 2)}\n`
        : `${routeTable(routes)}\n`,
    );
    return exitCode.done;
  }
  const result = await scan(root, {
    catalog,
    everything: values['no-ignore'],
    now: io.now,
    signal: io.signal,
  });
  io.out(values.format === 'json' ? jsonReport(result) : terminalReport(result, io));
  return verdict(result, least.data, values.strict);
}

function verdict(result: ScanResult, least: Severity, strict: boolean): number {
  const failed = result.findings.some((finding) => atLeast(finding.severity, least));
  return failed || (strict && result.gaps.length > 0) ? exitCode.findings : exitCode.done;
}

export const command: Command = { name: 'scan', summary: 'what is wrong here', help, run };
