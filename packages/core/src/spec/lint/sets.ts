import type { Criterion, DocumentTree, Requirement } from '../types.ts';
import { type LintContext, report } from './context.ts';

const words = (text: string) =>
  text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s]/gu, ' ')
    .split(/\s+/)
    .filter((word) => word !== '' && !/^(?:the|an?|then|shall|when|if|while|where|and|of|to|that|system)$/.test(word));

const sentence = (text: string) =>
  text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .replaceAll(/\b(?:the|then|an?)\b/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();

/** Everything but the modal: two criteria with the same frame and opposite modals contradict each other. */
function frame(criterion: Criterion): string | undefined {
  const { modal, clauses, actor, response } = criterion.ears;
  if (!modal || !response) return undefined;
  return [
    ...clauses.map((clause) => `${clause.kind} ${sentence(clause.text)}`),
    sentence(actor?.text ?? ''),
    sentence(response.text),
  ].join(' | ');
}

/** Share of common words, bigrams counted too, so that order matters a little. */
function similarity(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let common = 0;
  for (const word of a) if (b.has(word)) common++;
  return common / (a.size + b.size - common);
}

function shingles(criterion: Criterion): Set<string> {
  const all = words(criterion.text);
  return new Set([...all, ...all.slice(1).map((word, i) => `${all[i]} ${word}`)]);
}

/** E11: the same, the opposite, and nearly the same. Candidates share a rare word, so cost stays near linear. */
export function checkDuplicates(context: LintContext, tree: DocumentTree, criteria: readonly Criterion[]): void {
  const same = new Map<string, Criterion>();
  const frames = new Map<string, Criterion>();
  const bySize = new Map<string, { criterion: Criterion; set: Set<string> }[]>();
  for (const criterion of criteria) {
    const place = { tree, span: criterion.body, about: criterion.id };
    const key = sentence(criterion.text);
    const twin = key.length > 12 ? same.get(key) : undefined;
    if (twin) {
      report(context, 'E11', 'same', place, { other: twin.id });
      continue;
    }
    same.set(key, criterion);
    const shape = frame(criterion);
    const other = shape ? frames.get(shape) : undefined;
    if (shape && other && other.ears.modal?.negated !== criterion.ears.modal?.negated) {
      report(context, 'E11', 'opposite', place, { other: other.id });
      continue;
    }
    if (shape) frames.set(shape, criterion);
    near(context, place, criterion, bySize);
  }
}

function near(
  context: LintContext,
  place: Parameters<typeof report>[3],
  criterion: Criterion,
  bySize: Map<string, { criterion: Criterion; set: Set<string> }[]>,
): void {
  const set = shingles(criterion);
  if (set.size < 12) return;
  const longest = [...set]
    .filter((word) => !word.includes(' '))
    .sort((a, b) => b.length - a.length || (a < b ? -1 : 1))
    .slice(0, 2);
  for (const word of longest) {
    const rivals = bySize.get(word) ?? [];
    const twin = rivals.find(
      (rival) =>
        rival.criterion.requirement === criterion.requirement &&
        similarity(rival.set, set) >= 0.86 &&
        sameNumbers(rival.criterion, criterion),
    );
    if (twin) {
      report(context, 'E11', 'near', place, { other: twin.criterion.id });
      break;
    }
  }
  for (const word of longest) bySize.set(word, [...(bySize.get(word) ?? []), { criterion, set }]);
}

/** Criteria that differ in a number, a quoted name or a negation say different things. */
function sameNumbers(a: Criterion, b: Criterion): boolean {
  const marks = (text: string) =>
    (text.match(/\d+|`[^`]*`|"[^"]*"|\bnot\b|\bno\b|[A-Z][a-z]+_\w+/g) ?? []).sort().join(' ');
  return marks(a.text) === marks(b.text);
}

/** E12: events, and no word about what can go wrong. */
export function checkUnwanted(context: LintContext, tree: DocumentTree, requirement: Requirement): void {
  if (tree.language !== 'en' || requirement.criteria.length < 3) return;
  const events = requirement.criteria.filter((criterion) => criterion.ears.pattern === 'event').length;
  if (events < 2) return;
  const unwanted = context.rules.words('E12', 'unwanted');
  const covered = requirement.criteria.some((criterion) => {
    if (criterion.ears.pattern === 'unwanted' || criterion.ears.modal?.negated) return true;
    return criterion.text.search(unwanted) >= 0;
  });
  if (covered) return;
  const place = { tree, span: requirement.heading, about: requirement.id };
  report(context, 'E12', 'requirement', place, { count: requirement.criteria.length });
}
