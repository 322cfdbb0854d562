import type { Diagnostic, DocumentTree, Fix, Span, Spec } from '../types.ts';
import type { LintRules } from './rules.ts';

/** A security criterion that the catalogue raises for this spec and nothing covers. */
export interface RaisedCriterion {
  id: string;
  text: string;
  quote: string;
  /** Line of the cue. */
  line: number;
  /** The cue stands in design.md. */
  inDesign?: boolean;
}

/** What the check may know beyond the documents. */
export interface CheckOptions {
  rules: LintRules;
  /** E15: raised and neither accepted, covered nor refused. */
  raised?: readonly RaisedCriterion[];
  /** S4: referenced paths that do not exist, or lead out of the workspace. */
  missingFiles?: ReadonlyMap<string, 'missing' | 'outside'>;
}

export interface LintContext extends CheckOptions {
  spec: Spec;
  found: Diagnostic[];
}

type Params = Readonly<Record<string, string | number>>;

/** Adds a diagnostic; severity and words come from the rule's data. */
export function report(
  context: LintContext,
  rule: string,
  message: string,
  place: { tree: Pick<DocumentTree, 'file'>; span: Span; about?: string; fix?: Fix },
  params: Params = {},
): void {
  const entry = context.rules.get(rule).messages[message];
  if (!entry) return;
  const text = entry.text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));
  const { tree, span, about, fix } = place;
  context.found.push({
    rule,
    severity: entry.severity,
    message: text,
    file: tree.file,
    line: span.line,
    column: span.column,
    ...(about === undefined ? {} : { about }),
    ...(fix ? { fix } : {}),
  });
}

/** Start of a word inside a criterion: exact where the text has no markup, else the criterion's own start. */
export function wordSpan(tree: DocumentTree, body: Span, word: string, nth = 0): Span {
  const raw = tree.source.slice(body.start, body.end);
  let at = -1;
  const lower = raw.toLowerCase();
  for (let i = 0; i <= nth; i++) {
    at = lower.indexOf(word.toLowerCase(), at + 1);
    if (at < 0) return body;
  }
  const before = raw.slice(0, at);
  const breaks = before.split('\n').length - 1;
  const column = breaks === 0 ? body.column + at : at - before.lastIndexOf('\n');
  return { start: body.start + at, end: body.start + at + word.length, line: body.line + breaks, column };
}
