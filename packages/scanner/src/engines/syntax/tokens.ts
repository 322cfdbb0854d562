/** How a name stands in a file, one bit each. */
export const ANYHOW = 1;
/** Before a bracket, a template, `?.`, `.call`; or handed on as `object.name)`. */
export const CALLED = 2;
/** Before an assignment. */
export const ASSIGNED = 4;
/** As a key: before a colon, comma, closing brace, quote or equals sign. */
export const KEYED = 8;
/** As an attribute of an element. */
export const ATTRIBUTE = 16;

/** Names that are looked for, by the hash of their characters. Two names of one hash wake each other: that is harmless. */
export interface NameTable {
  readonly count: number;
  /** Finds every name in `bytes` and says how it stands there: one byte of bits per name. */
  scan(bytes: Uint8Array): Uint8Array;
  indexOf(name: string): number | undefined;
}

const PART = new Uint8Array(256);
for (let code = 0; code < 256; code += 1) PART[code] = /[A-Za-z0-9_$]/.test(String.fromCharCode(code)) ? 1 : 0;

const START = 0x811c9dc5 | 0;
const step = (hash: number, code: number): number => Math.imul(hash ^ code, 0x01000193);

const space = (code: number | undefined) => code === 32 || code === 10 || code === 13 || code === 9;

const at = (text: string) => text.charCodeAt(0);
const OPEN = at('(');
const CLOSE = at(')');
const DOT = at('.');
const EQUALS = at('=');
const QUESTION = at('?');
const BANG = at('!');
const LESS = at('<');
const GREATER = at('>');
const SLASH = at('/');
const BRACE = at('}');
const TICK = at('`');
const OPERATORS: ReadonlySet<number> = new Set([...'+-*/|&?^%'].map(at));
const AFTER_KEY: ReadonlySet<number> = new Set([...':,}="\']'].map(at));

/** Names behind `bytes[end]` whose start says that a function is passed its `this`: call, apply, bind. */
function isBound(bytes: Uint8Array, dot: number): boolean {
  const next = bytes[dot + 1];
  return next === 99 || next === 97 || next === 98;
}

/** What the bytes round a name say about it. `start` and `end` are its own. */
function standing(bytes: Uint8Array, start: number, end: number): number {
  let next = end;
  while (space(bytes[next])) next += 1;
  const code = bytes[next] ?? 0;
  let bits = ANYHOW;
  if (code === OPEN || code === TICK || code === LESS || code === BANG) bits |= CALLED;
  else if (code === QUESTION && bytes[next + 1] === DOT) bits |= CALLED;
  else if (code === DOT && isBound(bytes, next)) bits |= CALLED;
  else if (code === CLOSE && bytes[start - 1] === DOT) bits |= CALLED;
  if (code === EQUALS && bytes[next + 1] !== EQUALS && bytes[next + 1] !== GREATER) bits |= ASSIGNED;
  if (OPERATORS.has(code) && (bytes[next + 1] === EQUALS || bytes[next + 2] === EQUALS)) bits |= ASSIGNED;
  if (AFTER_KEY.has(code) || (code === OPEN && bytes[start - 1] !== DOT)) bits |= KEYED;
  if (code === EQUALS || code === GREATER || code === SLASH || code === BRACE || (PART[code] === 1 && next > end))
    bits |= ATTRIBUTE;
  return bits;
}

export function compileNames(names: Iterable<string>): NameTable {
  const list = [...new Set(names)];
  let size = 64;
  while (size < list.length * 8) size *= 2;
  const hashes = new Int32Array(size);
  const places = new Int16Array(size).fill(-1);
  const slot = (hash: number): number => {
    let place = (hash ^ (hash >>> 15)) & (size - 1);
    while ((places[place] as number) >= 0 && hashes[place] !== hash) place = (place + 1) & (size - 1);
    return place;
  };
  const index = new Map<string, number>();
  let count = 0;
  for (const name of list) {
    let hash = START;
    for (const code of new TextEncoder().encode(name)) hash = step(hash, code);
    const place = slot(hash);
    if ((places[place] as number) < 0) {
      hashes[place] = hash;
      places[place] = count;
      count += 1;
    }
    index.set(name, places[place] as number);
  }
  const scan = (bytes: Uint8Array): Uint8Array => {
    const found = new Uint8Array(count);
    const { length } = bytes;
    for (let i = 0; i < length; i += 1) {
      if (PART[bytes[i] as number] === 0) continue;
      const start = i;
      let hash = START;
      while (i < length && PART[bytes[i] as number] === 1) {
        hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
        i += 1;
      }
      let place = (hash ^ (hash >>> 15)) & (size - 1);
      let name = places[place] as number;
      while (name >= 0 && hashes[place] !== hash) {
        place = (place + 1) & (size - 1);
        name = places[place] as number;
      }
      if (name >= 0 && found[name] !== 31) found[name] = (found[name] as number) | standing(bytes, start, i);
    }
    return found;
  };
  return { count, scan, indexOf: (name) => index.get(name) };
}
