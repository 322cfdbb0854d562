import type { Finding, Suppressed } from './finding.ts';

interface Suppression {
  line: number;
  rules: string[];
  until: string | undefined;
  reason: string;
}

/** `ambit-ignore rule-id[, rule-id] [until 2027-01-31]: reason`, in any kind of comment. */
const form =
  /ambit-ignore\s{1,20}([a-z0-9*][a-z0-9*, -]{0,400}?)(?:\s{1,20}until\s{1,20}(\d{4}-\d{2}-\d{2}))?\s{0,20}:\s{0,20}([^\n]{0,1000})/g;

/** What a file's comments let go; a comment counts for its own line and the next. */
export function suppressionsIn(text: string): Suppression[] {
  const found: Suppression[] = [];
  if (!text.includes('ambit-ignore')) return found;
  text.split('\n').forEach((line, index) => {
    for (const match of line.matchAll(form)) {
      const rules = (match[1] ?? '').split(',').map((id) => id.trim());
      const reason = (match[3] ?? '').replace(/\s*(?:\*\/|-->|#\})\s*$/, '').trim();
      found.push({ line: index + 1, rules, until: match[2], reason });
    }
  });
  return found;
}

/**
 * Splits the findings of one file. A suppression without a reason, or past its day, does not count, and the finding
 * says so.
 */
export function applySuppressions(
  findings: readonly Finding[],
  text: string,
  today: string,
): { kept: Finding[]; suppressed: Suppressed[] } {
  const all = suppressionsIn(text);
  const kept: Finding[] = [];
  const suppressed: Suppressed[] = [];
  for (const finding of findings) {
    const one = all.find(
      ({ line, rules }) =>
        (line === finding.line || line + 1 === finding.line) && rules.some((id) => id === finding.ruleId || id === '*'),
    );
    if (!one) kept.push(finding);
    else if (one.reason.length < 3)
      kept.push({ ...finding, message: `${finding.message} (its suppression gives no reason)` });
    else if (one.until !== undefined && one.until < today)
      kept.push({ ...finding, message: `${finding.message} (its suppression ended on ${one.until})` });
    else suppressed.push({ finding, reason: one.reason });
  }
  return { kept, suppressed };
}
