import type { RawFinding, SourceFile } from '../../engine.ts';
import type { LineTable } from './lines.ts';
import type { CodeRules, Matcher } from './rules.ts';

const MAX_PER_RULE = 50;

/** True when the place is in a comment, as far as its line shows. */
function commented(text: string, at: number): boolean {
  const line = text.slice(text.lastIndexOf('\n', at - 1) + 1, at);
  return /^\s*(\/\/|\*|\/\*|#(?!\{)|<!--|\{\/\*)/.test(line);
}

/** Findings of the clauses that match the text itself. */
export function textFindings(
  rules: CodeRules,
  file: SourceFile,
  accepts: (matcher: Matcher) => boolean,
  lines: () => LineTable,
): RawFinding[] {
  const found: RawFinding[] = [];
  for (const { matcher, pattern } of rules.texts) {
    if (!accepts(matcher)) continue;
    let count = 0;
    for (const hit of file.text.matchAll(pattern)) {
      if (commented(file.text, hit.index)) continue;
      if (++count > MAX_PER_RULE) break;
      const at = lines().at(hit.index);
      const line = { line: at.line, column: at.column, endLine: lines().at(hit.index + hit[0].length).line };
      found.push({ ruleId: matcher.rule.id, message: matcher.rule.message, ...line });
    }
  }
  return found;
}
