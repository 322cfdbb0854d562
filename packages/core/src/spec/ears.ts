import { type KeywordSet, keywordSets } from './languages.ts';
import type { Clause, ClauseKind, Ears, EarsPattern, Modal, Slot, Span } from './types.ts';

/** Text of a criterion with its markup blanked out, and where each character stands in the source. */
export interface Sentence {
  text: string;
  /** Span of a part of `text`. */
  span: (start: number, end: number) => Span;
}

interface Compiled {
  set: KeywordSet;
  modal: RegExp;
  then: RegExp;
  clause: RegExp;
}

const literal = (word: string) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
const anyOf = (words: readonly string[]) => words.map(literal).join('|');

function compile(set: KeywordSet): Compiled {
  const plain = set.language === 'en';
  // «WHEN用户» is WHEN: for English words only ASCII letters go on. Patterns without `u` compile far faster.
  const letters = plain ? '\\w-' : '\\p{L}\\p{N}_-';
  const before = set.dense ? '' : `(?<![${letters}])`;
  const after = set.dense ? '' : `(?![${letters}])`;
  const flags = plain ? 'gi' : 'giu';
  const nots = plain ? `(\\s+(?:not|never)${after})?(\\s+continue\\s+to${after})?` : '()()';
  const clauses = [...set.when, ...set.while, ...set.where, ...set.if].sort((a, b) => b.length - a.length);
  return {
    set,
    modal: new RegExp(`${before}(${anyOf(set.shall)})${after}${nots}`, flags),
    then: new RegExp(`${before}(${anyOf(set.then)})${after}`, flags),
    clause: new RegExp(`${before}(${anyOf(clauses)})${after}`, flags),
  };
}

const [englishSet, ...otherSets] = keywordSets;
const english = compile(englishSet as KeywordSet);
/** Made when a sentence first needs them: an English document never does. */
const others: readonly (() => Compiled)[] = otherSets.map((set) => {
  let made: Compiled | undefined;
  return () => {
    made ??= compile(set);
    return made;
  };
});
const inOrder: readonly (() => Compiled)[] = [() => english, ...others];
const weakModal =
  /(?<![\w-])(must|should|will|may|can|needs\s+to|has\s+to)(?![\w-])(\s+(?:not|never)(?![\w-]))?(\s+continue\s+to(?![\w-]))?/giu;
const forAll =
  /^\s*(for\s+(?:all|any|each|every)|对于(?:任意|所有|每个)|對於(?:任意|所有)|para\s+(?:todo|toda|todos|cualquier|qualquer)|pour\s+tou(?:t|te|s))/iu;

/** Quoted text and code keep their length but cannot hold a keyword. */
function masked(text: string): string {
  if (!/["“«「`']/.test(text)) return text;
  return text.replaceAll(/`[^`]*`|"[^"]*"|“[^”]*”|«[^»]*»|「[^」]*」|(?<=[\s(])'[^']{1,80}'(?=[\s,.;:)]|$)/g, (found) =>
    '\u0001'.repeat(found.length),
  );
}

function trimmed(sentence: Sentence, start: number, end: number): Slot | undefined {
  let from = start;
  let to = end;
  while (from < to && /[\s,，、:：]/.test(sentence.text[from] ?? '')) from++;
  while (to > from && /[\s,，、:：]/.test(sentence.text[to - 1] ?? '')) to--;
  return from < to ? { text: sentence.text.slice(from, to), span: sentence.span(from, to) } : undefined;
}

function kindOf(set: KeywordSet, word: string): ClauseKind {
  const lower = word.toLowerCase();
  if (set.while.includes(lower)) return 'while';
  if (set.if.includes(lower) && !set.when.includes(lower)) return 'if';
  if (set.where.includes(lower)) return 'where';
  return 'when';
}

interface Found {
  modal: Modal;
  start: number;
  end: number;
}

function modalAt(sentence: Sentence, match: RegExpExecArray, shall: boolean): Found {
  const end = match.index + match[0].length;
  return {
    start: match.index,
    end,
    modal: {
      text: match[0],
      span: sentence.span(match.index, end),
      word: shall ? 'shall' : (match[1] ?? '').toLowerCase().replaceAll(/\s+/g, ' '),
      negated: Boolean(match[2]),
      continues: Boolean(match[3]),
    },
  };
}

function firstMatch(pattern: RegExp, text: string, from = 0): RegExpExecArray | null {
  pattern.lastIndex = from;
  return pattern.exec(text);
}

function lastMatch(pattern: RegExp, text: string): RegExpExecArray | undefined {
  let last: RegExpExecArray | undefined;
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    last = match;
    if (match[0] === '') pattern.lastIndex++;
  }
  return last;
}

/** A weak modal counts after the clause: «WHEN the user can edit, the system must …» has `must`. */
function weak(sentence: Sentence, mask: string): Found | undefined {
  const clause = /^\s*(?:when|whenever|if|while|where|for)\b/i.test(mask);
  const then = clause ? lastMatch(english.then, mask) : undefined;
  const comma = clause ? mask.indexOf(',') : -1;
  const from = then ? then.index : Math.max(0, comma);
  if (clause && !then && comma < 0) return undefined;
  const match = firstMatch(weakModal, mask, from);
  return match ? modalAt(sentence, match, false) : undefined;
}

function findModal(sentence: Sentence, mask: string): { found: Found; by: Compiled } | undefined {
  const shall = firstMatch(english.modal, mask);
  if (shall) return { found: modalAt(sentence, shall, true), by: english };
  if (!/[^\u0000-\u007f]/.test(mask)) {
    const found = weak(sentence, mask);
    if (found) return { found, by: english };
  }
  for (const other of others) {
    const entry = other();
    const match =
      entry.set.language === 'ja' || entry.set.language === 'ko'
        ? lastMatch(entry.modal, mask)
        : localModal(entry, mask);
    if (match) return { found: negatedBy(entry, mask, modalAt(sentence, match, true)), by: entry };
  }
  const found = weak(sentence, mask);
  return found ? { found, by: english } : undefined;
}

/** In a language with short modals («应», «debe») only one that follows the clause counts. */
function localModal(entry: Compiled, mask: string): RegExpExecArray | null {
  if (entry.set.language === 'zh' && !/[\u4e00-\u9fff]/.test(mask)) return null;
  const comma = Math.max(mask.indexOf('，'), mask.indexOf(','));
  const startsWithClause = firstMatch(entry.clause, mask)?.index === 0;
  return (startsWithClause && comma > 0 ? firstMatch(entry.modal, mask, comma) : null) ?? firstMatch(entry.modal, mask);
}

function negatedBy(entry: Compiled, mask: string, found: Found): Found {
  const around = `${mask.slice(Math.max(0, found.start - 8), found.start)} ${mask.slice(found.end, found.end + 8)}`;
  const words = entry.set.dense ? around : ` ${around.toLowerCase()} `;
  const negated = entry.set.not.some((word) =>
    entry.set.dense ? mask.startsWith(word, found.end) : words.includes(` ${word} `),
  );
  return negated ? { ...found, modal: { ...found.modal, negated } } : found;
}

interface Boundary {
  /** Where the clauses end. */
  clauses: number;
  actor: number;
  then?: { start: number; end: number };
}

/** Where the last THE stands, or -1. */
function lastThe(prefix: string): number {
  for (let at = prefix.lastIndexOf('THE'); at >= 0; at = at === 0 ? -1 : prefix.lastIndexOf('THE', at - 1))
    if ((at === 0 || /[\s,]/.test(prefix[at - 1] ?? '')) && /\s/.test(prefix[at + 3] ?? '')) return at;
  return -1;
}

/** Where the clauses end and the actor begins: after THEN, else after the comma or the last «THE» before the modal. */
function boundary(prefix: string, by: Compiled): Boundary {
  const then = lastMatch(by.then, prefix) ?? (by === english ? undefined : lastMatch(english.then, prefix));
  if (then) {
    const end = then.index + then[0].length;
    return { clauses: then.index, actor: end, then: { start: then.index, end } };
  }
  const upper = lastThe(prefix);
  const comma = Math.max(prefix.lastIndexOf(','), prefix.lastIndexOf('，'), prefix.lastIndexOf('、'));
  const named = /(?:^|[\s,])the\s+\S+(?:\s+\S+){0,4}\s*$/.exec(prefix);
  // «WHEN a, b, or c occurs THE system»: the comma before an unlike phrase is inside the clause.
  if (upper > comma) return { clauses: upper, actor: upper };
  if (comma >= 0) return { clauses: comma, actor: comma + 1 };
  if (named) return { clauses: named.index, actor: named.index };
  return { clauses: prefix.length, actor: prefix.length };
}

function clausesOf(sentence: Sentence, region: string, by: Compiled, then: Boundary['then']): Clause[] {
  const starts: { at: number; end: number; word: string; by: Compiled }[] = [];
  for (const entry of by === english ? [english] : [by, english]) {
    entry.clause.lastIndex = 0;
    for (let match = entry.clause.exec(region); match; match = entry.clause.exec(region)) {
      const before = region.slice(0, match.index).trimEnd();
      const upper = /^[A-Z ]+$/.test(match[0]);
      const joined = /(?:^|[,，;])$|\b(?:and|or)$/i.test(before);
      if (before === '' || (upper && match[0].length > 1) || joined)
        starts.push({ at: match.index, end: match.index + match[0].length, word: match[0], by: entry });
    }
    if (starts.length > 0) break;
  }
  return starts.flatMap((start, i) => {
    const end = starts[i + 1]?.at ?? region.length;
    const slot = trimmed(sentence, start.end, end);
    const keyword = { text: start.word, span: sentence.span(start.at, start.end) };
    if (!slot) return [];
    slot.text = slot.text.replace(/[,，\s]+(?:and|or|AND|OR)$/u, '');
    const last = i === starts.length - 1 && then;
    const thenSlot = last
      ? { text: sentence.text.slice(then.start, then.end), span: sentence.span(then.start, then.end) }
      : undefined;
    return [{ ...slot, kind: kindOf(start.by.set, start.word), keyword, ...(thenSlot ? { then: thenSlot } : {}) }];
  });
}

function patternOf(clauses: readonly Clause[], modal: boolean, property: boolean): EarsPattern {
  if (property) return 'property';
  if (!modal) return 'none';
  const kinds = new Set(clauses.map((clause) => clause.kind));
  if (kinds.size > 1) return 'complex';
  if (kinds.has('if')) return 'unwanted';
  if (kinds.has('when')) return 'event';
  if (kinds.has('while')) return 'state';
  if (kinds.has('where')) return 'option';
  return 'ubiquitous';
}

/** Takes one criterion apart; a sentence of no known form has the pattern `none` and no parts. */
export function parseEars(sentence: Sentence): Ears {
  const mask = masked(sentence.text);
  const property = forAll.exec(mask);
  const modal = findModal(sentence, mask);
  if (!modal) return plain(sentence, mask, Boolean(property));
  const { found, by } = modal;
  const prefix = mask.slice(0, found.start);
  const opens = firstMatch(by.clause, prefix)?.index === 0 || firstMatch(english.clause, prefix)?.index === 0;
  const cut: Boundary = opens || property || prefix.includes(',') ? boundary(prefix, by) : { clauses: 0, actor: 0 };
  const clauses = opens ? clausesOf(sentence, mask.slice(0, cut.clauses), by, cut.then) : [];
  const actor = trimmed(sentence, cut.actor, found.start);
  const response = trimmed(sentence, found.end, sentence.text.length);
  const keywordLanguage = clauses.length > 0 && by === english ? 'en' : by.set.language;
  return {
    pattern: patternOf(clauses, true, Boolean(property)),
    clauses,
    ...(actor ? { actor } : {}),
    modal: found.modal,
    ...(response ? { response } : {}),
    language: keywordLanguage,
  };
}

/** No modal: bugfix.md's «WHEN … THEN the system crashes» still has its clause. */
function plain(sentence: Sentence, mask: string, property: boolean): Ears {
  for (const entry of inOrder) {
    const by = entry();
    if (firstMatch(by.clause, mask)?.index !== 0) continue;
    const then = firstMatch(by.then, mask);
    if (!then && by !== english) continue;
    const end = then ? then.index : mask.length;
    const place = then ? { start: then.index, end: then.index + then[0].length } : undefined;
    const clauses = clausesOf(sentence, mask.slice(0, end), by, place);
    const response = place ? trimmed(sentence, place.end, sentence.text.length) : undefined;
    return {
      pattern: property ? 'property' : 'none',
      clauses,
      ...(response ? { response } : {}),
      language: by.set.language,
    };
  }
  return { pattern: property ? 'property' : 'none', clauses: [], language: 'en' };
}
