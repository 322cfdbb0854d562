import type { Rule } from '@ambit/core/catalog';
import type { Active, RawFinding, SourceFile } from '../../engine.ts';
import type { LineTable } from './lines.ts';
import { wordsIn } from './literals.ts';
import type { CodeMatch } from './match-schema.ts';
import { slowRegexes } from './regex-text.ts';
import { type CodeRules, type Matcher, partName, type TextClause, type TextRules } from './rules.ts';

const MAX_PER_RULE = 50;

function findingAt(matcher: Matcher, lines: LineTable, start: number, length: number): RawFinding {
  const { line, column } = lines.at(start);
  const { id, message } = matcher.rule;
  return { ruleId: id, message, line, column, endLine: lines.at(start + length).line };
}

/** How far before an expression the length of what it is used on is asked for. */
const LIMIT_REACH = 300;
const LIMITS = /\.length\s*>=?\s*\d{1,4}\b|\.(?:slice|substr|substring)\(\s*0\s*,\s*\d{1,4}\s*\)/;

/** A square of some thousand characters is nothing; what doubles with each character is, whatever the limit. */
function isLimited(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - LIMIT_REACH), at);
  // A limit in the function before is none.
  return LIMITS.test(before.slice(before.lastIndexOf('\n}') + 1));
}

function slowFindings(
  rules: CodeRules,
  text: string,
  accepts: (matcher: Matcher) => boolean,
  lines: () => LineTable,
): RawFinding[] {
  const wanted = rules.slowRegexes.filter(({ matcher }) => accepts(matcher));
  if (wanted.length === 0) return [];
  const slow = slowRegexes(text).filter(({ at }) => !commented(text, at));
  return wanted.flatMap(({ matcher, slowness }) =>
    slow
      .filter((each) => each.slowness === slowness && !(slowness === 'polynomial' && isLimited(text, each.at)))
      .slice(0, matcher.rule.most)
      .map(({ at, length }) => findingAt(matcher, lines(), at, length)),
  );
}

/** True when the place is in a comment, as far as its line shows. */
function commented(text: string, at: number): boolean {
  const line = text.slice(text.lastIndexOf('\n', at - 1) + 1, at);
  return /^\s*(\/\/|\*|\/\*|#(?!\{)|<!--|\{\/\*)/.test(line);
}

/** The clauses of a rule on the text that say which words they need. */
export function textParts({ id, match }: Rule): { name: string; words: string[] }[] {
  return (match as CodeMatch).find.flatMap(({ text }, number) => {
    const words = text === undefined ? undefined : wordsIn(text);
    return words === undefined ? [] : [{ name: partName(id, number), words }];
  });
}

/** Which rules may speak in a file: by what it is, and by the words in it. */
export interface Allowed {
  accepts: (matcher: Matcher) => boolean;
  active: Active;
}

/** In the order of the rules. A file has words of a few; going over all of them costs more than what they find. */
function textsFor({ always, byPart }: TextRules, active: Active): readonly TextClause[] {
  const due = [...always];
  for (const name of active.woken) {
    const clause = byPart.get(name);
    if (clause !== undefined) due.push(clause);
  }
  return due.sort((a, b) => a.order - b.order);
}

/** Findings of the clauses that match the text itself. */
export function textFindings(
  rules: CodeRules,
  file: SourceFile,
  { accepts, active }: Allowed,
  lines: () => LineTable,
): RawFinding[] {
  const found: RawFinding[] = [];
  for (const { matcher, pattern } of textsFor(rules.texts, active)) {
    if (!accepts(matcher)) continue;
    let count = 0;
    for (const hit of file.text.matchAll(pattern)) {
      if (commented(file.text, hit.index)) continue;
      if (++count > MAX_PER_RULE) break;
      found.push(findingAt(matcher, lines(), hit.index, hit[0].length));
    }
  }
  return [...found, ...slowFindings(rules, file.text, accepts, lines)];
}
