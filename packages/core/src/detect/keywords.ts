/** Finds many words at once in one pass over bytes or text. */
export interface Keywords {
  readonly words: readonly string[];
  /** Calls `hit` with the word's index and the offset just behind it, in order of that offset. */
  scan(input: Uint8Array | string, hit: (word: number, end: number) => void): void;
}

/** Bytes that occur in no word share class 0; capital ASCII letters share the class of their small ones. */
function classesOf(words: readonly string[]): { classes: Uint8Array; count: number } {
  const classes = new Uint8Array(256);
  let count = 1;
  for (const word of words)
    for (let i = 0; i < word.length; i += 1) {
      const code = word.charCodeAt(i);
      if (code > 255) continue;
      if (classes[code] === 0) classes[code] = count++;
    }
  for (let code = 65; code <= 90; code += 1) classes[code] = classes[code + 32] ?? 0;
  return { classes, count };
}

interface Automaton {
  /** Where to go on, by state and class; 0 is the root. */
  next: Int32Array;
  /** Words that end in a state. */
  out: (number[] | undefined)[];
}

/** The words as a tree: a row of `count` edges for each state. */
function treeOf(words: readonly string[], classes: Uint8Array, count: number): Automaton & { states: number } {
  const most = words.reduce((sum, word) => sum + word.length, 1);
  const next = new Int32Array(most * count);
  const out: (number[] | undefined)[] = [];
  let states = 1;
  for (const [index, word] of words.entries()) {
    let state = 0;
    for (let i = 0; i < word.length; i += 1) {
      const edge = state * count + (classes[word.charCodeAt(i)] ?? 0);
      if (next[edge] === 0) next[edge] = states++;
      state = next[edge] as number;
    }
    const ending = out[state];
    if (ending) ending.push(index);
    else out[state] = [index];
  }
  return { next: next.subarray(0, states * count), out, states };
}

/** Breadth first: where to go on when no longer match exists, and which shorter words end here too. */
function automatonOf(words: readonly string[], classes: Uint8Array, count: number): Automaton {
  const { next, out, states } = treeOf(words, classes, count);
  const back = new Int32Array(states);
  const queue = new Int32Array(states);
  let filled = 1;
  for (let at = 0; at < filled; at += 1) {
    const state = queue[at] as number;
    const behind = (back[state] as number) * count;
    for (let edge = 0; edge < count; edge += 1) {
      const to = next[state * count + edge] as number;
      const otherwise = state === 0 ? 0 : (next[behind + edge] as number);
      if (to === 0) next[state * count + edge] = otherwise;
      else {
        back[to] = otherwise;
        queue[filled++] = to;
        const shorter = out[otherwise];
        if (shorter) out[to] = [...(out[to] ?? []), ...shorter];
      }
    }
  }
  return { next, out };
}

/**
 * An Aho-Corasick automaton with a dense table. ASCII case is ignored. Words must be ASCII or Latin-1.
 * A table entry is `row * classes`, or its complement where at least one word ends.
 */
export function compileKeywords(input: readonly string[]): Keywords {
  const words = input.map((word) => word.toLowerCase());
  const { classes, count } = classesOf(words);
  const { next: table, out } = automatonOf(words, classes, count);
  for (let i = 0; i < table.length; i += 1) {
    const to = table[i] as number;
    table[i] = out[to] ? ~(to * count) : to * count;
  }
  const report = (at: number, end: number, hit: (word: number, end: number) => void) => {
    for (const word of out[at / count] ?? []) hit(word, end);
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
  const scanText = (text: string, hit: (word: number, end: number) => void) => {
    let at = 0;
    for (let i = 0; i < text.length; i += 1) {
      const code = text.charCodeAt(i);
      at = table[at + (code < 256 ? (classes[code] as number) : 0)] as number;
      if (at < 0) {
        at = ~at;
        report(at, i + 1, hit);
      }
    }
  };
  return { words, scan: (text, hit) => (typeof text === 'string' ? scanText(text, hit) : scanBytes(text, hit)) };
}
