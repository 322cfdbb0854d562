import type { Rule, Severity } from '@ambit/core/catalog';
import { atLeast, type Catalog, createScanner, type FileReport, type OpenAdvisories, withKnown } from '@ambit/scanner';
import type { NewFinding, ScanOfChange, TextChange } from '../change-set/index.ts';
import type { RuleScan } from '../evidence/index.ts';

export interface ScanChangeOptions {
  /** Findings below it are not a reason to stop. */
  least: Severity;
  /** Opens the user's advisory database for packages that a changed lockfile pins; absent: they are not asked about. */
  advisories?: OpenAdvisories;
}

type Counts = Map<string, number>;

function countFindings(report: FileReport | undefined): Counts {
  const counts: Counts = new Map();
  for (const { ruleId, lineHash } of report?.findings ?? []) {
    // By rule alone as well: a finding whose line was only moved or re-indented is not new.
    const key = `${ruleId}\0${lineHash}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

function newFindings(
  before: FileReport | undefined,
  after: FileReport,
  rules: ReadonlyMap<string, Rule>,
  least: Severity,
): NewFinding[] {
  const known = countFindings(before);
  const found: NewFinding[] = [];
  for (const one of after.findings) {
    const key = `${one.ruleId}\0${one.lineHash}`;
    const left = known.get(key) ?? 0;
    if (left > 0) {
      known.set(key, left - 1);
      continue;
    }
    const rule = rules.get(one.ruleId);
    const secret = one.masked !== undefined || (rule?.cwe.includes('CWE-798') ?? false);
    if (!secret && !atLeast(one.severity ?? rule?.severity ?? 'high', least)) continue;
    const message = one.message ?? rule?.message ?? one.ruleId;
    found.push({
      path: one.file,
      line: one.line,
      rule: one.ruleId,
      message: message.replaceAll('{title}', rule?.title ?? ''),
      secret,
    });
  }
  return found;
}

/**
 * Scans both sides of a change, in memory, file by file, and answers with what is new. In-line suppressions do not
 * count: a run must not silence its own findings. What could not be looked at is a gap.
 */
export function changeScanner(catalog: Catalog, options: ScanChangeOptions = { least: 'medium' }) {
  const rules = new Map(catalog.rules.map((rule) => [rule.id, rule]));
  const encoder = new TextEncoder();
  let scanner: ReturnType<typeof createScanner> | undefined;
  return async (changes: readonly TextChange[]): Promise<ScanOfChange> => {
    scanner ??= createScanner(catalog);
    const { scanBytes } = await scanner;
    const look = async (path: string, text: string): Promise<FileReport> => {
      const report = scanBytes(path, encoder.encode(text));
      return options.advisories ? withKnown(report, catalog, options.advisories) : report;
    };
    const result: ScanOfChange = { findings: [], gaps: [] };
    for (const { path, kind, before, after } of changes) {
      if (kind === 'deleted') continue;
      const old = kind === 'created' ? undefined : await look(path, before);
      const now = await look(path, after);
      result.findings.push(...newFindings(old, now, rules, options.least));
      const oldGaps = new Set(old?.gaps.map((gap) => gap.reason));
      for (const gap of now.gaps)
        if (!oldGaps.has(gap.reason)) result.gaps.push({ path: gap.file, reason: gap.reason });
    }
    return result;
  };
}

/**
 * One rule over files as they are, for evidence: what it finds and what it could not look at. Nothing back means that the
 * rule is clean; a rule that does not exist, or does not read such files, never is.
 */
export function ruleScanner(catalog: Catalog): RuleScan {
  const known = new Set(catalog.rules.map((rule) => rule.id));
  let scanner: ReturnType<typeof createScanner> | undefined;
  return async (rule, files) => {
    if (!known.has(rule)) return [`there is no rule ${rule}`];
    scanner ??= createScanner(catalog);
    const { scanBytes } = await scanner;
    return files.flatMap(({ path, bytes }) => {
      const report = scanBytes(path, bytes);
      return [
        ...report.findings.filter((one) => one.ruleId === rule).map((one) => `${path}:${one.line}`),
        ...report.gaps.map((gap) => `${path} was not looked at: ${gap.reason}`),
      ];
    });
  };
}
