import type { Rule } from '@ambit/core/catalog';
import type { RawFinding } from '../../engine.ts';
import { compileConditions } from './conditions.ts';
import type { Condition, Format, TreeMatch } from './match-schema.ts';
import { EMPTY_NAME, wordsOf } from './settings.ts';
import type { PathTest, PathTests } from './text-rule.ts';
import { select, splitPath, type Tree } from './tree.ts';

/** What a tree rule says of the documents of one file. */
export interface TreeAnswer {
  findings: RawFinding[];
  /** Places that are what the rule is about and have what it asks for. */
  kept: number;
}

export interface TreeRule {
  rule: Rule;
  match: TreeMatch;
  wants: PathTest;
  formats: ReadonlySet<Format>;
  /** Words of the settings it asks about. */
  names: ReadonlySet<string>;
  run: (documents: readonly Tree[]) => TreeAnswer;
}

function namesOfPath(path: string): string[] {
  let holders: readonly string[] = [];
  return splitPath(path).flatMap((part) => {
    if (part.startsWith('*')) return [];
    const before = holders;
    holders = part.split('|').map(wordsOf);
    return holders.flatMap((words) =>
      EMPTY_NAME.test(words) ? before.map((holder) => `${holder} ${words}`) : [words],
    );
  });
}

/** A name that says nothing alone (`enabled`) follows the one it stands in, as those of settings do. */
function namesOf(where: readonly Condition[]): string[] {
  return where.flatMap((condition) => ('any' in condition ? namesOf(condition.any) : namesOfPath(condition.path)));
}

/** Conditions that say what a place is, without those on what it lacks. */
function kindOf(where: readonly Condition[]): Condition[] {
  // What has to be there is what the place is told by, whatever else is said of it.
  const told = new Set(
    where.flatMap((condition) => ('any' in condition || !condition.present ? [] : condition.path.split('|'))),
  );
  const asksAbsence = (condition: Condition): boolean =>
    'any' in condition
      ? condition.any.some(asksAbsence)
      : condition.absent === true || (condition.without === true && !told.has(condition.path));
  return where.filter((condition) => !asksAbsence(condition));
}

export function compileTree(rule: Rule, match: TreeMatch, paths: PathTests): TreeRule {
  const places = [match.at ?? ''].flat().map(splitPath);
  const test = compileConditions(match.where);
  const isKind = compileConditions(kindOf(match.where));
  const report = match.report === undefined ? undefined : splitPath(match.report);
  const place = (node: Tree, line: number, document: Tree): RawFinding => {
    const target = report && select(node, report)[0];
    if (!target) return { ruleId: rule.id, line, endLine: node === document ? line : Math.max(line, node.endLine) };
    return { ruleId: rule.id, line: target.line, endLine: Math.max(target.line, target.node.endLine) };
  };
  const run: TreeRule['run'] = (documents) => {
    const answer: TreeAnswer = { findings: [], kept: 0 };
    for (const document of documents)
      for (const { node, line } of places.flatMap((path) => select(document, path)))
        if (test(node, document)) answer.findings.push(place(node, line, document));
        else if (match.consistent && isKind(node, document)) answer.kept += 1;
    return answer;
  };
  const names = new Set(namesOf(match.where));
  return { rule, match, wants: paths.of(match.files, true), formats: new Set(match.formats), names, run };
}
