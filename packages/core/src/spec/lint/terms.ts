import type { Criterion, DocumentTree, GlossaryTerm } from '../types.ts';
import { type LintContext, report, wordSpan } from './context.ts';

const templatePattern =
  /\[(?:event|condition|precondition|trigger|response|feature|role|benefit|system|system name|actor|state|action|goal|placeholder|value|name|description|insert[^\]]*|your[^\]]*|feature is included|correct behavior|incorrect behavior|existing behavior)\]/i;
const placeholderPattern =
  /\b(?:TBD|TBC|FIXME|XXX)\b|\bTODO\b(?=\s*[:)\]]|\s*$)|(?<=^|\s)\?{3,}(?=\s|$|[.,])|\blorem ipsum\b|<(?:insert|your|placeholder|todo)[^>]*>/i;

/** E9 on a whole document: open questions everywhere, placeholders in criteria and stories. */
export function checkPlaceholders(context: LintContext, tree: DocumentTree): void {
  if (!/\[\s*needs\s+clarification/i.test(tree.source)) return;
  let offset = 0;
  tree.source.split('\n').forEach((line, i) => {
    for (const match of line.matchAll(/\[\s*NEEDS\s+CLARIFICATION\s*:?\s*([^\]]*)/gi)) {
      const start = offset + match.index;
      const span = { start, end: start + match[0].length, line: i + 1, column: match.index + 1 };
      report(
        context,
        'E9',
        'clarification',
        { tree, span },
        { text: (match[1] ?? '').trim() || 'what exactly is left open here' },
      );
    }
    offset += line.length + 1;
  });
}

/** Is there any placeholder in the document at all: asked once, before every criterion is searched. */
export const mayHavePlaceholder = (tree: DocumentTree) =>
  templatePattern.test(tree.source) || placeholderPattern.test(tree.source);

export function checkPlaceholder(context: LintContext, tree: DocumentTree, criterion: Criterion): void {
  if (/needs\s+clarification/i.test(criterion.text)) return;
  const found = templatePattern.exec(criterion.text) ?? placeholderPattern.exec(criterion.text);
  if (!found) return;
  const span = wordSpan(tree, criterion.body, found[0]);
  report(context, 'E9', 'placeholder', { tree, span, about: criterion.id }, { word: found[0] });
}

/** Spelling that makes `Auth_Service`, «Auth Service» and «auth services» one term. */
const key = (term: string) =>
  term
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, '')
    .replace(/ies$/, 'y')
    .replace(/(?<=ss|x|ch|sh)es$|(?<!s)s$/, '');

/** Every name a glossary entry gives: the term, its abbreviation in parentheses, alternatives behind a slash. */
function names(terms: readonly GlossaryTerm[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const { term } of terms)
    for (const name of [
      term,
      term.replace(/\s*[(（].*[)）]\s*/u, ' ').trim(),
      ...(/[(（]([^)）]+)/u.exec(term)?.slice(1) ?? []),
      ...term.split(/\s*\/\s*/),
    ])
      if (name.trim() !== '') found.set(key(name), term);
  return found;
}

const defined = /^[A-Z][A-Za-z0-9]*(?:_[A-Z0-9][A-Za-z0-9]*)+$/;
const general =
  /^(?:the)?(?:system|application|app|platform|service|server|client|api|backend|frontend|ui|website|page|database|browser|user|software|product|solution|tool|cli|library|module)s?$/i;

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(
        Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)),
      );
    row = next;
  }
  return row[b.length] ?? 0;
}

/** E10: names written like defined terms. Only where a glossary of such names exists can one be missing from it. */
export function checkTerms(
  context: LintContext,
  tree: DocumentTree,
  glossary: readonly GlossaryTerm[],
  criteria: readonly Criterion[],
): void {
  const styled = glossary.filter((entry) => defined.test(entry.term.replaceAll('`', ''))).length;
  if (glossary.length === 0 || styled === 0) return;
  const known = names(glossary);
  const seen = new Set<string>();
  for (const criterion of criteria) {
    for (const match of criterion.text.matchAll(
      /(?<![\w`./"'=:])[A-Z][A-Za-z0-9]*(?:_[A-Z0-9][A-Za-z0-9]*)+(?![\w`(])/g,
    )) {
      const term = match[0];
      // An upper-case constant (`MAX_RETRIES`) is a value, not a term.
      if (term === term.toUpperCase() || seen.has(key(term)) || known.has(key(term)) || general.test(key(term)))
        continue;
      seen.add(key(term));
      const near = [...known].find(
        ([name]) => Math.abs(name.length - key(term).length) < 3 && distance(name, key(term)) <= 2,
      )?.[1];
      const place = { tree, span: wordSpan(tree, criterion.body, term), about: criterion.id };
      report(context, 'E10', near ? 'near' : 'term', place, near ? { word: term, term: near } : { word: term });
    }
  }
}
