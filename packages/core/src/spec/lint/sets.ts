import type { Criterion, DocumentTree, Requirement } from '../types.ts';
import { type LintContext, report } from './context.ts';
import { tokensOf } from './rules.ts';

const filler: ReadonlySet<string> = new Set('the a an then shall when if while where and of to that system'.split(' '));

/** Words only, in lower case, articles left out: two sentences with the same key say the same. */
function sentence(text: string): string {
  const lower = text.toLowerCase();
  const plain = /[^\u0000-\u007f]/.test(lower)
    ? lower.replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    : lower.replaceAll(/[^a-z0-9]+/g, ' ');
  return plain.replaceAll(/\b(?:the|then|an?) /g, '').trim();
}

/** Everything but the modal: two criteria with the same frame and opposite modals contradict each other. */
function frame(criterion: Criterion): string | undefined {
  const { modal, clauses, actor, response } = criterion.ears;
  if (!modal || !response) return undefined;
  const conditions = clauses.map((clause) => `${clause.kind} ${sentence(clause.text)}`);
  return [...conditions, sentence(actor?.text ?? ''), sentence(response.text)].join(' | ');
}

/** Criteria that say the opposite of an earlier one. Most documents have no «SHALL NOT», and then nothing is compared. */
function opposites(criteria: readonly Criterion[]): Map<Criterion, Criterion> {
  const found = new Map<Criterion, Criterion>();
  if (!criteria.some((criterion) => criterion.ears.modal?.negated)) return found;
  const frames = new Map<string, Criterion>();
  for (const criterion of criteria) {
    const shape = frame(criterion);
    if (shape === undefined) continue;
    const other = frames.get(shape);
    if (other && other.ears.modal?.negated !== criterion.ears.modal?.negated) found.set(criterion, other);
    else frames.set(shape, criterion);
  }
  return found;
}

interface Worded {
  criterion: Criterion;
  words: ReadonlySet<string>;
}

/** Share of common words; given up as soon as it cannot reach the bar. */
function similar(a: ReadonlySet<string>, b: ReadonlySet<string>, bar: number): boolean {
  const [small, large] = a.size < b.size ? [a, b] : [b, a];
  if (small.size < large.size * bar) return false;
  let missing = small.size - Math.ceil((bar * (a.size + b.size)) / (1 + bar));
  for (const word of small) if (!large.has(word) && --missing < 0) return false;
  return true;
}

/** E11: the same, the opposite, and, inside one requirement, nearly the same. */
export function checkDuplicates(context: LintContext, tree: DocumentTree, criteria: readonly Criterion[]): void {
  const same = new Map<string, Criterion>();
  const opposed = opposites(criteria);
  let neighbours: Worded[] = [];
  for (const criterion of criteria) {
    const place = { tree, span: criterion.body, about: criterion.id };
    const key = sentence(criterion.text);
    const twin = key.length > 12 ? same.get(key) : undefined;
    const other = opposed.get(criterion);
    if (neighbours[0]?.criterion.requirement !== criterion.requirement) neighbours = [];
    if (twin) report(context, 'E11', 'same', place, { other: twin.id });
    else if (other) report(context, 'E11', 'opposite', place, { other: other.id });
    else
      near(
        context,
        place,
        { criterion, words: new Set(key.split(' ').filter((word) => !filler.has(word))) },
        neighbours,
      );
    if (!twin) same.set(key, criterion);
  }
}

function near(context: LintContext, place: Parameters<typeof report>[3], own: Worded, neighbours: Worded[]): void {
  const twin =
    own.words.size < 7
      ? undefined
      : neighbours.find((rival) => similar(rival.words, own.words, 0.9) && sameMarks(rival.criterion, own.criterion));
  if (twin) report(context, 'E11', 'near', place, { other: twin.criterion.id });
  neighbours.push(own);
}

/** Criteria that differ in a number, a quoted name or a negation say different things. */
function sameMarks(a: Criterion, b: Criterion): boolean {
  const marks = (text: string) =>
    (text.match(/\d+|`[^`]*`|"[^"]*"|\bnot\b|\bno\b|[A-Z][a-z]+_\w+/g) ?? []).sort().join(' ');
  return marks(a.text) === marks(b.text);
}

/** E12: events, and no word about what can go wrong. */
export function checkUnwanted(context: LintContext, tree: DocumentTree, requirement: Requirement): void {
  if (tree.language !== 'en' || requirement.criteria.length < 3) return;
  const events = requirement.criteria.filter((criterion) => criterion.ears.pattern === 'event').length;
  if (events < 2) return;
  const covered = requirement.criteria.some((criterion) => {
    if (criterion.ears.pattern === 'unwanted' || criterion.ears.modal?.negated) return true;
    return context.rules.find('E12', 'unwanted', tokensOf(criterion.text)).length > 0;
  });
  if (covered) return;
  const place = { tree, span: requirement.heading, about: requirement.id };
  report(context, 'E12', 'requirement', place, { count: requirement.criteria.length });
}
