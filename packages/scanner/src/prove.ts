import type { Rule, RuleSample } from '@ambit/core/catalog';
import { compileFilter, type Filter, fillSample } from '@ambit/core/detect';
import type { Gap, Project } from './engine.ts';
import { type KnownAdvisories, readOsv } from './engines/deps/osv.ts';
import type { Located } from './finding.ts';
import { type Catalog, conclude, createScanner, type Scanner } from './scanner.ts';

/** A sample that did not do what it promises. */
export interface Failure {
  rule: string;
  problem: string;
}

const extensions: Readonly<Record<string, string>> = {
  javascript: 'js',
  typescript: 'ts',
  python: 'py',
  sql: 'sql',
  json: 'json',
  yaml: 'yaml',
  html: 'html',
  terraform: 'tf',
  shell: 'sh',
};

function sampleName(rule: Rule, sample: RuleSample): string {
  return sample.file ?? `sample.${extensions[rule.languages?.[0] ?? ''] ?? 'txt'}`;
}

/** Scans a small project held in memory; paths to texts. */
export function scanTexts(
  scanner: Scanner,
  files: ReadonlyMap<string, string>,
  advisories?: KnownAdvisories,
): { findings: Located[]; gaps: Gap[] } {
  const encoder = new TextEncoder();
  const reports = [...files].map(([path, text]) => scanner.scanBytes(path, encoder.encode(text)));
  const project: Project = {
    paths: [...files.keys()],
    read: (path) => files.get(path),
    ...(advisories ? { advisories } : {}),
  };
  const gaps = reports.flatMap((report) => report.gaps);
  const own = reports.flatMap((report) => report.findings);
  return { findings: conclude(scanner, project, reports, gaps, own), gaps };
}

/** Files of a sample named `*.osv.json` are the advisory database it is scanned with. */
function sampleAdvisories(files: ReadonlyMap<string, string>): KnownAdvisories | undefined {
  const documents = [...files].filter(([path]) => path.endsWith('.osv.json'));
  if (documents.length === 0) return undefined;
  const known = documents.flatMap(([, text]) => readOsv(JSON.parse(text)).advisories);
  return {
    now: 0,
    coverage: () => ({ imported: 0, asked: new Map(), broken: 0 }),
    of: (ecosystem, name) => known.filter((one) => one.ecosystem === ecosystem && one.name === name),
  };
}

function checkSample(scanner: Scanner, rule: Rule, sample: RuleSample, wanted: boolean): string | undefined {
  const name = sampleName(rule, sample);
  const files = new Map([[name, fillSample(sample.code)]]);
  for (const [path, text] of Object.entries(sample.files ?? {})) files.set(path, fillSample(text));
  const { findings, gaps } = scanTexts(scanner, files, sampleAdvisories(files));
  const own = findings.filter((finding) => finding.ruleId === rule.id);
  const shown = JSON.stringify(sample.code.length > 120 ? `${sample.code.slice(0, 120)}…` : sample.code);
  if (!wanted) return own.length === 0 ? undefined : `speaks of line ${own[0]?.line} of the no-match sample ${shown}`;
  if (!('line' in sample)) return undefined;
  const file = sample.at ?? name;
  if (own.some((finding) => finding.file === file && finding.line <= sample.line && sample.line <= finding.endLine))
    return undefined;
  const said =
    findings.map((finding) => `${finding.ruleId} at ${finding.file}:${finding.line}`).join(', ') || 'nothing';
  const missed = gaps.length > 0 ? `; gaps: ${gaps.map((gap) => gap.reason).join('; ')}` : '';
  return `is silent on line ${sample.line} of the match sample ${shown} (found: ${said}${missed})`;
}

function proveFilter(filter: Filter): Failure[] {
  const { refuses } = compileFilter(filter);
  const wrong = (texts: readonly string[], wanted: boolean) =>
    texts
      .filter((text) => refuses(fillSample(text)) !== wanted)
      .map((text) => ({ rule: filter.id, problem: `${wanted ? 'keeps' : 'lets go of'} \`${text}\`` }));
  if (!filter.samples) return [{ rule: filter.id, problem: 'has no samples' }];
  return [...wrong(filter.samples.match, true), ...wrong(filter.samples['no-match'], false)];
}

/**
 * Runs the samples of every rule and filter. A rule must have at least one of each kind; `all` are the rules that scan
 * beside it, since one rule may take precedence over another.
 */
export async function proveRules(catalog: Catalog, all: Catalog = catalog): Promise<Failure[]> {
  const scanner = await createScanner(all);
  const failures = catalog.filters.flatMap(proveFilter);
  for (const rule of catalog.rules) {
    const match = rule.samples?.match ?? [];
    const noMatch = rule.samples?.['no-match'] ?? [];
    if (match.length === 0) failures.push({ rule: rule.id, problem: 'has no match sample' });
    if (noMatch.length === 0) failures.push({ rule: rule.id, problem: 'has no no-match sample' });
    for (const [samples, wanted] of [[match, true] as const, [noMatch, false] as const])
      for (const sample of samples) {
        const problem = checkSample(scanner, rule, sample, wanted);
        if (problem) failures.push({ rule: rule.id, problem });
      }
  }
  return failures;
}
