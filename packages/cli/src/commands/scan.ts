import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Severity, severity } from '@ambit/core/catalog';
import { AmbitError } from '@ambit/core/errors';
import {
  atLeast,
  bySeverity,
  type Catalog,
  checklist,
  listRoutes,
  readBaseline,
  routeTable,
  type ScanResult,
  scan,
  scanHistory,
  sinceBaseline,
  stagedContents,
  writeBaseline,
} from '@ambit/scanner';
import { type Command, exitCode, type Io, options } from '../command.ts';
import { checklistText, explain, lineReader, progressBar, report } from './scan/output.ts';
import { advisoriesFolder, cacheFile, loadRules, onlyOf, runningBuild, type Target, targetOf } from './scan/select.ts';

const help = `ambit scan: find secrets, insecure code, open access rules, unsafe configuration and dependencies

Usage: ambit scan [path] [options]

What is looked at:
  --diff <ref>             only files that differ from a commit
  --staged                 only files that are staged for the next commit
  --history                also every line that any commit added, for secrets
  --no-ignore              also what .gitignore, .kiroignore and .ambitignore leave out, and the code of tests
  --rules <folder>         rules of your own, beside the shipped ones (see: ambit rules --help)

What is reported:
  --format <format>        terminal (default), json, sarif, markdown or html
  --output <file>          write the report there
  --since-baseline         only what is new since the baseline
  --write-baseline         take everything found for known
  --baseline <file>        where the baseline is (default .ambit/scan-baseline.json)
  --routes                 list every entry point with what guards it and where, instead of findings
  --checklist              answer «may this be deployed?» point by point
  --explain <rule>         what a rule is about, and how to fix what it finds
  --fix                    propose the repairs that are certain as a change set (see: ambit review)

  --fail-on <severity>     exit 1 at or above it: critical, high, medium, low, info, never (default medium)
  --strict                 exit 1 also when something could not be looked at
  --no-cache               look at every file again

Known vulnerabilities of the packages in lockfiles, checked without a network against a database of your own:
  --update-advisories      ask the registry that the package manager is set up with, and keep its answer
  --advisories <path>      with it: bring in OSV documents (a folder, .zip, .json, .ndjson) instead, without a network

Examples:
  ambit scan
  ambit scan src --format json --fail-on high
  ambit scan --staged
  ambit scan --format sarif --output ambit.sarif
  ambit scan --update-advisories --advisories ~/Downloads/osv-npm.zip
`;

const spec = {
  format: { type: 'string', default: 'terminal' },
  output: { type: 'string' },
  'fail-on': { type: 'string', default: 'medium' },
  routes: { type: 'boolean', default: false },
  strict: { type: 'boolean', default: false },
  'no-ignore': { type: 'boolean', default: false },
  'no-cache': { type: 'boolean', default: false },
  diff: { type: 'string' },
  staged: { type: 'boolean', default: false },
  history: { type: 'boolean', default: false },
  rules: { type: 'string' },
  baseline: { type: 'string' },
  'since-baseline': { type: 'boolean', default: false },
  'write-baseline': { type: 'boolean', default: false },
  checklist: { type: 'boolean', default: false },
  explain: { type: 'string' },
  fix: { type: 'boolean', default: false },
  'update-advisories': { type: 'boolean', default: false },
  advisories: { type: 'string' },
} as const;

type Values = ReturnType<typeof options<typeof spec>>['values'];

function leastOf(text: string): Severity | undefined {
  if (text === 'never') return undefined;
  const least = severity.safeParse(text);
  if (least.success) return least.data;
  throw new AmbitError('usage', `\`${text}\` is not a severity`, {
    hint: 'one of: critical, high, medium, low, info, never',
  });
}

interface Scanned {
  result: ScanResult;
  /** Lines as they were scanned: staged ones where the file has changed since. */
  lines: ReturnType<typeof lineReader>;
}

async function scanTarget(target: Target, catalog: Catalog, values: Values, io: Io): Promise<Scanned> {
  const { root, file } = target;
  const only = file === undefined ? await onlyOf(root, values) : new Set([file]);
  const contents = values.staged && only ? await stagedContents(root, only) : undefined;
  const lines = lineReader(root, contents);
  const progress = progressBar(io);
  const everything = values['no-ignore'];
  const result = await scan(root, {
    catalog,
    everything,
    now: io.now,
    advisories: async (wanted) => {
      const { openAdvisories } = await import('@ambit/scanner/advisories');
      return openAdvisories(advisoriesFolder(io), wanted, io.now());
    },
    signal: io.signal,
    ...(only ? { only } : {}),
    ...(contents ? { contents } : {}),
    ...(file === undefined ? {} : { paths: [file] }),
    ...(progress ? { onProgress: progress } : {}),
    ...(values['no-cache'] || file !== undefined
      ? {}
      : { cacheFile: cacheFile(root, everything, io), build: runningBuild() }),
  });
  if (!values.history) return { result, lines };
  const past = await scanHistory(root, catalog, result.findings);
  return { result: { ...result, findings: [...result.findings, ...past.findings].sort(bySeverity) }, lines };
}

async function runChecklist(target: Target, catalog: Catalog, result: ScanResult, values: Values, io: Io) {
  const history = await scanHistory(target.root, catalog, result.findings).catch(() => undefined);
  const { knownOutside } = await import('./scan/outside.ts');
  const outside = { ...(await knownOutside(io)), ...(history ? { history } : {}) };
  const answers = checklist(result, catalog.rules, result.paths, outside);
  io.out(
    values.format === 'json'
      ? `${JSON.stringify({ version: 1, answers }, null, 2)}\n`
      : checklistText(answers, io.columns),
  );
  return answers.some((answer) => answer.verdict === 'no') ? exitCode.findings : exitCode.done;
}

function verdict(result: ScanResult, least: Severity | undefined, strict: boolean): number {
  const failed = least !== undefined && result.findings.some((finding) => atLeast(finding.severity, least));
  return failed || (strict && result.gaps.length > 0) ? exitCode.findings : exitCode.done;
}

async function emit(text: string, values: Values, io: Io): Promise<void> {
  if (values.output === undefined) io.out(text);
  else await writeFile(resolve(io.cwd, values.output), text);
}

async function run(args: string[], io: Io): Promise<number> {
  const { values, positionals } = options('scan', args, spec);
  const least = leastOf(values['fail-on']);
  const catalog = await loadRules(values.rules, io);
  if (values.explain !== undefined) {
    const rule = catalog.rules.find(({ id }) => id === values.explain);
    if (!rule)
      throw new AmbitError('usage', `there is no rule \`${values.explain}\``, { hint: 'see: ambit rules list' });
    io.out(explain(rule));
    return exitCode.done;
  }
  const target = await targetOf(positionals[0], io);
  if (values['update-advisories']) {
    const { updateFrom } = await import('./scan/advisories.ts');
    return updateFrom(target.root, values.advisories, io);
  }
  if (values.advisories !== undefined)
    throw new AmbitError('usage', '`--advisories` says where `--update-advisories` reads from', {
      hint: `ambit scan --update-advisories --advisories ${values.advisories}`,
    });
  if (values.routes) {
    const { routes, gaps } = await listRoutes(target.root, catalog);
    const json = `${JSON.stringify({ version: 1, routes, gaps }, null, 2)}\n`;
    await emit(values.format === 'json' ? json : `${routeTable(routes)}\n`, values, io);
    return exitCode.done;
  }
  const scanned = await scanTarget(target, catalog, values, io);
  let { result } = scanned;
  if (values.checklist) return runChecklist(target, catalog, result, values, io);
  const baseline = resolve(io.cwd, values.baseline ?? join(target.root, '.ambit', 'scan-baseline.json'));
  if (values['write-baseline']) {
    await writeBaseline(baseline, result.findings);
    io.err(`${result.findings.length} findings are known from now on: ${baseline}\n`);
    return exitCode.done;
  }
  if (values['since-baseline']) result = sinceBaseline(result, await readBaseline(baseline));
  if (values.fix) {
    const { proposeRepairs } = await import('./scan/fix.ts');
    io.err(await proposeRepairs(target.root, result.findings, io));
  }
  await emit(report(result, values.format, scanned.lines, io), values, io);
  return verdict(result, least, values.strict);
}

export const command: Command = { name: 'scan', summary: 'what is wrong here', help, run };
