import { type Codes, codesOf } from './codes.ts';

/** A word to find. `folded`: letters match in either case. */
export interface Wanted {
  text: string;
  folded: boolean;
}

export interface Finder {
  /** Calls `hit` with a word's index and where it begins. Words under three characters are not looked for. */
  scan(codes: Codes, length: number, hit: (word: number, start: number) => void): void;
  /** Whether any of them is there. */
  isIn(codes: Codes, length: number): boolean;
}

/** Codes that decide a step: words are looked for by threes. */
const block = 3;
/** Of every word no more than its first codes take part in the search; the rest is compared. */
const windowMost = 12;
/** Words under this length are a search of their own, so that one of them does not shorten everybody's steps. */
const short = 10;

/** ASCII letters folded; codes above 255 share a row with others, which only costs a comparison. */
const folds = Uint8Array.from({ length: 256 }, (_, code) => (code >= 65 && code <= 90 ? code + 32 : code));

const lowered = (code: number): number =>
  code < 128 ? (folds[code] as number) : String.fromCharCode(code).toLowerCase().charCodeAt(0);

function isAt(codes: Codes, length: number, start: number, word: Codes, folded: boolean): boolean {
  if (start + word.length > length) return false;
  for (let i = 0; i < word.length; i += 1) {
    const code = codes[start + i] as number;
    if (code !== word[i] && !(folded && lowered(code) === lowered(word[i] as number))) return false;
  }
  return true;
}

/** Size of the table: a power of two with one slot in eight taken, within bounds that stay in a processor's caches. */
function sizeFor(entries: number): number {
  let size = 8_192;
  while (size < entries * 8 && size < 262_144) size *= 2;
  return size;
}

interface Group {
  words: { index: number; codes: Codes; folded: boolean }[];
  window: number;
  mask: number;
  /** How far the search may go on when these three codes stand at its place; 0: a word may end its window here. */
  steps: Uint8Array;
  /** Words by their window's last three codes, as chains. */
  first: Int32Array;
  next: Int32Array;
}

const slotOf = (a: number, b: number, c: number, mask: number) =>
  (((folds[a & 255] as number) << 10) ^ ((folds[b & 255] as number) << 5) ^ (folds[c & 255] as number)) & mask;

function compileGroup(words: Group['words']): Group {
  const window = Math.min(windowMost, ...words.map(({ codes }) => codes.length));
  const reach = window - block + 1;
  const mask = sizeFor(words.length * reach) - 1;
  const steps = new Uint8Array(mask + 1).fill(reach);
  const first = new Int32Array(mask + 1).fill(-1);
  const next = new Int32Array(words.length).fill(-1);
  for (const [at, { codes }] of words.entries()) {
    for (let i = 0; i < reach; i += 1) {
      const slot = slotOf(codes[i] as number, codes[i + 1] as number, codes[i + 2] as number, mask);
      const step = reach - 1 - i;
      if (step < (steps[slot] as number)) steps[slot] = step;
      if (step > 0) continue;
      next[at] = first[slot] as number;
      first[slot] = at;
    }
  }
  return { words, window, mask, steps, first, next };
}

/** Calls `hit` for each word until it says that it is enough; whether it did. */
function scanGroup(group: Group, codes: Codes, length: number, hit: (word: number, start: number) => boolean): boolean {
  const { words, window, mask, steps, first, next } = group;
  for (let end = window - 1; end < length; ) {
    const slot = slotOf(codes[end - 2] as number, codes[end - 1] as number, codes[end] as number, mask);
    const step = steps[slot] as number;
    if (step > 0) {
      end += step;
      continue;
    }
    const start = end - window + 1;
    for (let at = first[slot] as number; at >= 0; at = next[at] as number) {
      const word = words[at];
      if (word && isAt(codes, length, start, word.codes, word.folded) && hit(word.index, start)) return true;
    }
    end += 1;
  }
  return false;
}

const enough = () => true;

/** Finds many words at once by stepping over what no word can contain (after Wu and Manber). */
export function compileFinder(wanted: readonly Wanted[]): Finder {
  const words = wanted
    .map(({ text, folded }, index) => ({ index, folded, codes: codesOf(text) }))
    .filter(({ codes }) => codes.length >= block);
  const groups = [words.filter(({ codes }) => codes.length < short), words.filter(({ codes }) => codes.length >= short)]
    .filter((group) => group.length > 0)
    .map(compileGroup);
  return {
    scan: (codes, length, hit) => {
      const each = (word: number, start: number) => {
        hit(word, start);
        return false;
      };
      for (const group of groups) scanGroup(group, codes, length, each);
    },
    isIn: (codes, length) => {
      for (const group of groups) if (scanGroup(group, codes, length, enough)) return true;
      return false;
    },
  };
}

/**
 * Looks for a few words of four codes or more, case as it is, at every second place: one of two threes in a row of a word is
 * met there. Calls `hit` with a word's index.
 */
export function compileSigns(texts: readonly string[]): (codes: Codes, hit: (word: number) => void) => void {
  const words = texts.map((text) => codesOf(text));
  const mask = 32_767;
  /** Of each slot the first of its entries, plus one; an entry is a word, and half of them begin one code earlier. */
  const first = new Uint8Array(mask + 1);
  const next = new Uint8Array(words.length * 2 + 1);
  const slotOf = (a: number, b: number, c: number) => ((a << 8) ^ (b << 4) ^ c) & mask;
  for (let entry = 0; entry < words.length * 2; entry += 1) {
    const [word, by] = [words[entry >> 1] as Codes, entry & 1];
    const slot = slotOf(word[by] as number, word[by + 1] as number, word[by + 2] as number);
    next[entry + 1] = first[slot] as number;
    first[slot] = entry + 1;
  }
  return (codes, hit) => {
    for (let at = 0; at + 2 < codes.length; at += 2) {
      let link = first[slotOf(codes[at] as number, codes[at + 1] as number, codes[at + 2] as number)] as number;
      for (; link !== 0; link = next[link] as number) {
        const start = at - ((link - 1) & 1);
        const word = (link - 1) >> 1;
        if (start >= 0 && isAt(codes, codes.length, start, words[word] as Codes, false)) hit(word);
      }
    }
  };
}
