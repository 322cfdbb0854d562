/** Finds many words at once in one pass over bytes or text. */
export interface Keywords {
  readonly words: readonly string[];
  /** Calls `hit` with the word's index and the offset just behind it, in order of that offset. */
  scan(input: Uint8Array | string, hit: (word: number, end: number) => void): void;
}

/** As often as texts have them: the entries of a state that are asked for most lie side by side. */
const FREQUENT = ' etaoinsrlcdpumfhg.y_/"\'=-()bvwkx';

/** Bytes that occur in no word share class 0; capital ASCII letters share the class of their small ones. */
function classesOf(words: readonly string[]): { classes: Uint8Array; count: number } {
  const classes = new Uint8Array(256);
  let count = 1;
  const used = new Set(words.flatMap((word) => [...word]));
  for (const char of FREQUENT) if (used.has(char)) classes[char.charCodeAt(0)] = count++;
  for (const word of words)
    for (let i = 0; i < word.length; i += 1) {
      const code = word.charCodeAt(i);
      if (code > 255) continue;
      if (classes[code] === 0) classes[code] = count++;
    }
  for (let code = 65; code <= 90; code += 1) classes[code] = classes[code + 32] ?? 0;
  return { classes, count };
}

/** The words as a tree. A state's edges are a list: `first` of a state, then each one's `sibling`. */
interface Tree {
  states: number;
  first: Int32Array;
  sibling: Int32Array;
  /** Of the edge that leads to a state. */
  classOf: Uint8Array;
  /** Words that end in a state. */
  out: (number[] | undefined)[];
}

function treeOf(words: readonly string[], classes: Uint8Array): Tree {
  const most = words.reduce((sum, word) => sum + word.length, 1);
  const [first, sibling, classOf] = [new Int32Array(most), new Int32Array(most), new Uint8Array(most)];
  const out: (number[] | undefined)[] = new Array(most);
  let states = 1;
  const step = (state: number, edge: number): number => {
    let to = first[state] as number;
    while (to !== 0 && classOf[to] !== edge) to = sibling[to] as number;
    if (to !== 0) return to;
    to = states++;
    classOf[to] = edge;
    sibling[to] = first[state] as number;
    first[state] = to;
    return to;
  };
  for (const [index, word] of words.entries()) {
    let state = 0;
    for (let i = 0; i < word.length; i += 1) state = step(state, classes[word.charCodeAt(i)] ?? 0);
    const ending = out[state];
    if (ending) ending.push(index);
    else out[state] = [index];
  }
  return { states, first, sibling, classOf, out };
}

/**
 * The table, filled breadth first: a row starts as the row of where to go on when no longer match exists. An entry is
 * `state * count`, or its complement where at least one word ends; shorter words that end there too are added to `out`.
 */
function tableOf({ states, first, sibling, classOf, out }: Tree, count: number): Int32Array {
  const table = new Int32Array(states * count);
  const back = new Int32Array(states);
  const queue = new Int32Array(states);
  let filled = 1;
  for (let at = 0; at < filled; at += 1) {
    const state = queue[at] as number;
    const row = state * count;
    const behind = (back[state] as number) * count;
    if (state !== 0) table.copyWithin(row, behind, behind + count);
    for (let to = first[state] as number; to !== 0; to = sibling[to] as number) {
      const cell = row + (classOf[to] as number);
      const otherwise = table[cell] as number;
      const fail = state === 0 ? 0 : (otherwise < 0 ? ~otherwise : otherwise) / count;
      back[to] = fail;
      queue[filled++] = to;
      const shorter = out[fail];
      if (shorter) out[to] = [...(out[to] ?? []), ...shorter];
      table[cell] = out[to] ? ~(to * count) : to * count;
    }
  }
  return table;
}

/** An Aho-Corasick automaton with a dense table. ASCII case is ignored. Words must be ASCII or Latin-1. */
export function compileKeywords(input: readonly string[]): Keywords {
  const words = input.map((word) => word.toLowerCase());
  const { classes, count } = classesOf(words);
  const tree = treeOf(words, classes);
  const table = tableOf(tree, count);
  const { out } = tree;
  const longest = words.reduce((most, word) => Math.max(most, word.length), 0);
  const report = (at: number, end: number, hit: (word: number, end: number) => void) => {
    const ending = out[at / count] ?? [];
    for (let i = 0; i < ending.length; i += 1) hit(ending[i] as number, end);
  };
  const scanBytes = (bytes: Uint8Array, hit: (word: number, end: number) => void) => {
    let at = 0;
    for (let i = 0; i < bytes.length; i += 1) {
      at = table[at + (classes[bytes[i] as number] as number)] as number;
      if (at < 0) {
        at = ~at;
        report(at, i + 1, hit);
      }
    }
  };
  const stepFrom = (at: number, code: number): number =>
    table[at + (code < 256 ? (classes[code] as number) : 0)] as number;
  /**
   * Two places at once, because a step waits for the one before it: the second half of the text begins with the state that
   * its last letters before the middle lead to, and its hits are told behind those of the first.
   */
  const scanText = (text: string, hit: (word: number, end: number) => void) => {
    const middle = text.length >> 1;
    let behind = 0;
    for (let i = Math.max(0, middle - longest); i < middle; i += 1) {
      behind = stepFrom(behind, text.charCodeAt(i));
      if (behind < 0) behind = ~behind;
    }
    const later: number[] = [];
    let at = 0;
    for (let i = 0; i < middle; i += 1) {
      at = stepFrom(at, text.charCodeAt(i));
      behind = stepFrom(behind, text.charCodeAt(middle + i));
      if (at < 0) {
        at = ~at;
        report(at, i + 1, hit);
      }
      if (behind < 0) {
        behind = ~behind;
        later.push(behind, middle + i + 1);
      }
    }
    for (let i = 0; i < later.length; i += 2) report(later[i] as number, later[i + 1] as number, hit);
    if (text.length % 2 === 0) return;
    behind = stepFrom(behind, text.charCodeAt(text.length - 1));
    if (behind < 0) report(~behind, text.length, hit);
  };
  return { words, scan: (text, hit) => (typeof text === 'string' ? scanText(text, hit) : scanBytes(text, hit)) };
}
