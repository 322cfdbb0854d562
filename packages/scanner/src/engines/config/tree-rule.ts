import type { Rule } from '@ambit/core/catalog';
import type { RawFinding } from '../../engine.ts';
import { compileConditions } from './conditions.ts';
import type { Format, TreeMatch } from './match-schema.ts';
import type { PathTest, PathTests } from './text-rule.ts';
import { select, splitPath, type Tree } from './tree.ts';

export interface TreeRule {
  rule: Rule;
  wants: PathTest;
  formats: ReadonlySet<Format>;
  run: (documents: readonly Tree[]) => RawFinding[];
}

export function compileTree(rule: Rule, match: TreeMatch, paths: PathTests): TreeRule {
  const places = [match.at ?? ''].flat().map(splitPath);
  const test = compileConditions(match.where);
  const report = match.report === undefined ? undefined : splitPath(match.report);
  const inDocument = (document: Tree) =>
    places
      .flatMap((path) => select(document, path))
      .filter(({ node }) => test(node, document))
      .map(({ node, line }): RawFinding => {
        const target = report && select(node, report)[0];
        if (!target) return { ruleId: rule.id, line, endLine: node === document ? line : Math.max(line, node.endLine) };
        return { ruleId: rule.id, line: target.line, endLine: Math.max(target.line, target.node.endLine) };
      });
  const run = (documents: readonly Tree[]) => documents.flatMap(inDocument);
  return { rule, wants: paths.of(match.files, true), formats: new Set(match.formats), run };
}
