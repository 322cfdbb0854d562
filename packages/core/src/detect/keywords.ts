/** Finds many words at once in one pass over bytes or text. */
export interface Keywords {
  readonly words: readonly string[];
  /** Calls `hit` with the word's index and the offset just behind it, in order of that offset. */
  scan(input: Uint8Array | string, hit: (word: number, end: number) => void): void;
}

interface Trie {
  next: Map<number, number>[];
  fail: number[];
  out: number[][];
}

function buildTrie(words: readonly string[]): Trie {
  const trie: Trie = { next: [new Map()], fail: [0], out: [[]] };
  words.forEach((word, index) => {
    let state = 0;
    for (let i = 0; i < word.length; i += 1) {
      const code = word.charCodeAt(i);
      let to = trie.next[state]?.get(code);
      if (to === undefined) {
        to = trie.next.push(new Map()) - 1;
        trie.fail.push(0);
        trie.out.push([]);
        trie.next[state]?.set(code, to);
      }
      state = to;
    }
    trie.out[state]?.push(index);
  });
  return trie;
}

/** Breadth first: where to go on when no longer match exists, and which shorter words end here too. */
function order(trie: Trie): number[] {
  const queue = [...(trie.next[0]?.values() ?? [])];
  for (let i = 0; i < queue.length; i += 1) {
    const state = queue[i] ?? 0;
    for (const [code, to] of trie.next[state] ?? []) {
      let back = trie.fail[state] ?? 0;
      while (back !== 0 && !trie.next[back]?.has(code)) back = trie.fail[back] ?? 0;
      const target = trie.next[back]?.get(code) ?? 0;
      trie.fail[to] = target === to ? 0 : target;
      trie.out[to]?.push(...(trie.out[trie.fail[to] ?? 0] ?? []));
      queue.push(to);
    }
  }
  return queue;
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

/**
 * An Aho-Corasick automaton with a dense table. ASCII case is ignored. Words must be ASCII or Latin-1.
 * A table entry is `row * classes`, or its complement where at least one word ends.
 */
export function compileKeywords(input: readonly string[]): Keywords {
  const words = input.map((word) => word.toLowerCase());
  const trie = buildTrie(words);
  const queue = order(trie);
  const { classes, count } = classesOf(words);
  const table = new Int32Array(trie.next.length * count);
  for (const state of [0, ...queue]) {
    if (state !== 0) {
      const back = (trie.fail[state] ?? 0) * count;
      table.copyWithin(state * count, back, back + count);
    }
    for (const [code, to] of trie.next[state] ?? []) {
      const value = to * count;
      table[state * count + (classes[code] ?? 0)] = (trie.out[to]?.length ?? 0) > 0 ? ~value : value;
    }
  }
  const report = (at: number, end: number, hit: (word: number, end: number) => void) => {
    for (const word of trie.out[at / count] ?? []) hit(word, end);
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
