import type { Rule, Severity } from '@ambit/core/catalog';
import {
  type AroundOptions,
  atLeast,
  type Catalog,
  type ChangedText,
  createScanner,
  type Finding,
  type Side,
  scanAround,
} from '@ambit/scanner';
import type { AccessChange, NewFinding, ScanOfChange, TextChange } from '../change-set/index.ts';
import type { RuleScan } from '../evidence/index.ts';
import { compareAccess } from './access.ts';

export interface ChangeReviewOptions extends AroundOptions {
  /** Findings below it are not a reason to stop. */
  least: Severity;
}

/** What a change does, seen from the whole project. */
export interface ChangeReview {
  /** What is new by it, in its files and in those it leaves alone. What could not be looked at is a gap. */
  scan(changes: readonly TextChange[]): Promise<ScanOfChange>;
  /** What it alters about who may do what. */
  access(changes: readonly TextChange[]): Promise<AccessChange[]>;
}

/** Findings in files that a change leaves alone, told one by one. */
const elsewhereMost = 20;

const sidesOf = ({ path, kind, before, after }: TextChange): ChangedText => ({
  path,
  ...(kind === 'created' ? {} : { before }),
  ...(kind === 'deleted' ? {} : { after }),
});

function newIn(old: Side, now: Side, rules: ReadonlyMap<string, Rule>, least: Severity): Finding[] {
  const known = new Set(old.findings.map(({ fingerprint }) => fingerprint));
  return now.findings.filter(
    (one) => !known.has(one.fingerprint) && (isSecret(one, rules) || atLeast(one.severity, least)),
  );
}

function isSecret({ masked, ruleId }: Finding, rules: ReadonlyMap<string, Rule>): boolean {
  return masked !== undefined || (rules.get(ruleId)?.cwe.includes('CWE-798') ?? false);
}

/**
 * Scans the project at `root` with and without a change, and says what is new. In-line suppressions do not count: a run
 * must not silence its own findings. The two answers for one change come from one look.
 */
export function changeReview(root: string, options: ChangeReviewOptions): ChangeReview {
  const rules = new Map(options.catalog.rules.map((rule) => [rule.id, rule]));
  const looks = new WeakMap<readonly TextChange[], ReturnType<typeof scanAround>>();
  const look = (changes: readonly TextChange[]) => {
    const known = looks.get(changes) ?? scanAround(root, changes.map(sidesOf), options);
    looks.set(changes, known);
    return known;
  };
  const newGaps = ({ before, after }: { before: Side; after: Side }) => {
    const old = new Set(before.gaps.map(({ file, reason }) => `${file}\0${reason}`));
    return after.gaps
      .filter(({ file, reason }) => !old.has(`${file}\0${reason}`))
      .map(({ file, reason }) => ({ path: file, reason }));
  };
  const scan: ChangeReview['scan'] = async (changes) => {
    const around = await look(changes);
    const gaps = newGaps(around);
    const touched = new Set(changes.map(({ path }) => path));
    const fresh = newIn(around.before, around.after, rules, options.least);
    const elsewhere = fresh.filter(({ file }) => !touched.has(file));
    const told = [...fresh.filter(({ file }) => touched.has(file)), ...elsewhere.slice(0, elsewhereMost)];
    const untold = elsewhere.length - elsewhereMost;
    if (untold > 0) gaps.push({ path: '.', reason: `${untold} more findings in files that it leaves alone` });
    const findings = told.map(
      (one): NewFinding => ({
        path: one.file,
        line: one.line,
        rule: one.ruleId,
        message: `${one.message.replaceAll('{title}', one.title)}${touched.has(one.file) ? '' : ' (by what changed elsewhere)'}`,
        secret: isSecret(one, rules),
      }),
    );
    return { findings, gaps };
  };
  const access: ChangeReview['access'] = async (changes) => {
    const { before, after } = await look(changes);
    return compareAccess(before.routes, after.routes);
  };
  return { scan, access };
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
