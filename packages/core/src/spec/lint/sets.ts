import { isForeignLetter, isPlainWord } from '../letters.ts';
import type { Criterion, DocumentTree, Requirement } from '../types.ts';
import { type LintContext, report } from './context.ts';
import { tokensOf } from './rules.ts';

const filler: ReadonlySet<string> = new Set('the a an then shall when if while where and of to that system'.split(' '));

const articles: ReadonlySet<string> = new Set(['the', 'then', 'a', 'an']);

/** Of a word; two words with one value are as good as never met, and would only cost a comparison. */
const hashOf = (word: string) => {
  let hash = 0;
  for (let i = 0; i < word.length; i++) hash = (Math.imul(hash, 31) + word.charCodeAt(i)) | 0;
  return hash;
};
const fillerHashes: ReadonlySet<number> = new Set([...filler].map(hashOf));
const articleHashes: ReadonlySet<number> = new Set([...articles].map(hashOf));

interface Worded {
  text: string;
  /** Words without the articles. */
  count: number;
  /** Characters of all words. */
  length: number;
  /** Of words and their order. */
  hash: number;
  /** One bit for each word that says something. */
  bits: number;
  set?: ReadonlySet<string>;
}

/** Measures a sentence without making a string of any of its words: most are never compared. */
function measured(text: string): Worded {
  const own: Worded = { text, count: 0, length: 0, hash: 0, bits: 0 };
  let start = -1;
  let hash = 0;
  for (let i = 0; i <= text.length; i++) {
    let code = i < text.length ? text.charCodeAt(i) : 32;
    if (code >= 65 && code <= 90) code += 32;
    if (code < 128 ? isPlainWord(code) : isForeignLetter(code)) {
      if (start < 0) {
        start = i;
        hash = 0;
      }
      hash = (Math.imul(hash, 31) + code) | 0;
    } else if (start >= 0) {
      const length = i - start;
      start = -1;
      if (length <= LONGEST_ARTICLE && articleHashes.has(hash)) continue;
      own.count += 1;
      own.length += length;
      own.hash = (Math.imul(own.hash, 17) + hash) | 0;
      if (length > LONGEST_FILLER || !fillerHashes.has(hash)) own.bits |= 1 << (hash & 31);
    }
  }
  return own;
}

const LONGEST_ARTICLE = 4;
const LONGEST_FILLER = 6;

/** Words in lower case, articles left out. */
function wordsOf(text: string): string[] {
  const lower = text.toLowerCase();
  const words: string[] = [];
  let start = -1;
  for (let i = 0; i <= lower.length; i++) {
    const code = i < lower.length ? lower.charCodeAt(i) : 32;
    if (code < 128 ? isPlainWord(code) : isForeignLetter(code)) {
      if (start < 0) start = i;
    } else if (start >= 0) {
      const word = lower.slice(start, i);
      if (!articles.has(word)) words.push(word);
      start = -1;
    }
  }
  return words;
}

/** Two sentences with the same key say the same. */
const sentence = (text: string) => wordsOf(text).join(' ');

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

/** Share of common words; given up as soon as it cannot reach the bar. */
function similar(a: Worded, b: Worded, bar: number): boolean {
  // Bits that differ are words that differ, and those may be at most a tenth of all.
  if (countBits(a.bits ^ b.bits) > (1 - bar) * (a.count + b.count)) return false;
  const [x, y] = [setOf(a), setOf(b)];
  const [small, large] = x.size < y.size ? [x, y] : [y, x];
  if (small.size < large.size * bar) return false;
  let missing = small.size - Math.ceil((bar * (small.size + large.size)) / (1 + bar));
  for (const word of small) if (!large.has(word) && --missing < 0) return false;
  return true;
}

function countBits(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** Words that say something; made only for the few pairs that are worth a comparison. */
function setOf(own: Worded): ReadonlySet<string> {
  own.set ??= new Set(wordsOf(own.text).filter((word) => !filler.has(word)));
  return own.set;
}

function sameWords(a: Worded, b: Worded): boolean {
  if (a.count !== b.count || a.length !== b.length) return false;
  const words = wordsOf(b.text);
  return wordsOf(a.text).every((word, i) => word === words[i]);
}

interface Compared {
  criterion: Criterion;
  own: Worded;
}

/** E11: the same, the opposite, and, inside one requirement, nearly the same. */
export function checkDuplicates(context: LintContext, tree: DocumentTree, criteria: readonly Criterion[]): void {
  const same = new Map<number, Compared[]>();
  const opposed = opposites(criteria);
  let neighbours: Compared[] = [];
  for (const criterion of criteria) {
    const place = { tree, span: criterion.body, about: criterion.id };
    const own = measured(criterion.text);
    const alike = same.get(own.hash);
    const twin = own.length > 12 ? alike?.find((entry) => sameWords(entry.own, own)) : undefined;
    const other = opposed.get(criterion);
    if (neighbours[0]?.criterion.requirement !== criterion.requirement) neighbours = [];
    if (twin) report(context, 'E11', 'same', place, { other: twin.criterion.id });
    else if (other) report(context, 'E11', 'opposite', place, { other: other.id });
    else near(context, place, { criterion, own }, neighbours);
    if (twin) continue;
    if (alike) alike.push({ criterion, own });
    else same.set(own.hash, [{ criterion, own }]);
  }
}

function near(
  context: LintContext,
  place: Parameters<typeof report>[3],
  entry: Compared,
  neighbours: Compared[],
): void {
  const { own, criterion } = entry;
  const twin = neighbours.find(
    (rival) => similar(rival.own, own, 0.9) && setOf(own).size >= 7 && sameMarks(rival.criterion, criterion),
  );
  if (twin) report(context, 'E11', 'near', place, { other: twin.criterion.id });
  neighbours.push(entry);
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
    return context.rules.some('E12', 'unwanted', tokensOf(criterion.text));
  });
  if (covered) return;
  const place = { tree, span: requirement.heading, about: requirement.id };
  report(context, 'E12', 'requirement', place, { count: requirement.criteria.length });
}
