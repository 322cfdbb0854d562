/**
 * Names of callees, written as data: `child_process.{exec,execSync}` is exact, `*.query` ends in a name, `/db|pool/.query`
 * asks something of the receiver, `**` is any name at all.
 */
export interface NamePattern {
  /** The last part, by which patterns are indexed; `undefined` for one that may end in anything. */
  last: string | undefined;
  test(ref: string): boolean;
}

export function expandBraces(pattern: string): string[] {
  const open = pattern.indexOf('{');
  const close = pattern.indexOf('}', open);
  if (open < 0 || close < 0) return [pattern];
  const head = pattern.slice(0, open);
  const tail = pattern.slice(close + 1);
  return pattern
    .slice(open + 1, close)
    .split(',')
    .flatMap((part) => expandBraces(head + part + tail));
}

/** The last name in a reference: `exec` of `child_process.exec`, `Router` of `express.Router()`. */
export function lastName(ref: string): string {
  let end = ref.length;
  // 41 is `)`.
  while (end > 1 && ref.charCodeAt(end - 1) === 41 && ref[end - 2] === '(') end -= 2;
  return ref.slice(ref.lastIndexOf('.', end - 1) + 1, end);
}

/** A name with `*` inside, as a regular expression. */
function wildcard(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}

export function compileName(pattern: string): NamePattern {
  if (pattern === '**') return { last: undefined, test: () => true };
  if (pattern.startsWith('/')) {
    const close = pattern.lastIndexOf('/');
    const receiver = new RegExp(pattern.slice(1, close), 'i');
    const tail = pattern.slice(close + 1);
    if (tail === '*') return { last: undefined, test: (ref) => receiver.test(ref) };
    return {
      last: lastName(tail) || undefined,
      test: (ref) => ref.endsWith(tail) && receiver.test(ref.slice(0, -tail.length)),
    };
  }
  const star = pattern.indexOf('*');
  if (star === 0 && pattern.indexOf('*', 1) < 0) {
    const tail = pattern.slice(1);
    // `*Markup` may be part of a name, so it cannot be found by the name.
    return { last: tail.includes('.') ? lastName(tail) : undefined, test: (ref) => ref.endsWith(tail) };
  }
  if (star >= 0) {
    const expected = wildcard(pattern);
    return { last: undefined, test: (ref) => expected.test(ref) };
  }
  return { last: lastName(pattern), test: (ref) => ref === pattern };
}

/** Patterns by the last part of the name, so that one look-up decides whether any of them can match. */
export interface NameIndex<T> {
  byLast: Map<string, { pattern: NamePattern; value: T }[]>;
  any: { pattern: NamePattern; value: T }[];
  /** Answers given before: the same few thousand references are asked about again and again. */
  known: Map<string, readonly T[]>;
}

/** Answers kept per index; then it starts anew. */
const KNOWN_MAX = 4_000;
const NONE: readonly never[] = [];

export function nameIndex<T>(entries: readonly (readonly [string, T])[]): NameIndex<T> {
  const index: NameIndex<T> = { byLast: new Map(), any: [], known: new Map() };
  for (const [text, value] of entries)
    for (const expanded of expandBraces(text)) {
      const pattern = compileName(expanded);
      if (pattern.last === undefined) index.any.push({ pattern, value });
      else {
        const list = index.byLast.get(pattern.last);
        if (list === undefined) index.byLast.set(pattern.last, [{ pattern, value }]);
        else list.push({ pattern, value });
      }
    }
  return index;
}

/** By number: this runs where an iterator's objects would be a part of all garbage. */
function addMatching<T>(entries: readonly { pattern: NamePattern; value: T }[], ref: string, found: T[]): void {
  for (let i = 0; i < entries.length; i += 1) {
    const { pattern, value } = entries[i] as (typeof entries)[number];
    if (pattern.test(ref)) found.push(value);
  }
}

/** `last` is the last name of `ref`, for who asks several indexes. */
export function matches<T>(index: NameIndex<T>, ref: string, last = lastName(ref)): readonly T[] {
  const listed = index.byLast.get(last) ?? NONE;
  // Most names end no pattern: they are neither looked up nor kept.
  if (listed.length === 0 && index.any.length === 0) return NONE;
  const known = index.known.get(ref);
  if (known !== undefined) return known;
  const found: T[] = [];
  addMatching(listed, ref, found);
  addMatching(index.any, ref, found);
  if (index.known.size >= KNOWN_MAX) index.known.clear();
  index.known.set(ref, found);
  return found;
}

export function firstMatch<T>(index: NameIndex<T>, ref: string | undefined, last?: string): T | undefined {
  return ref === undefined ? undefined : matches(index, ref, last)[0];
}

/** The same for a reference that ends in `.key`: most keys end no pattern, and that is seen without looking further. */
export function firstEndingIn<T>(index: NameIndex<T>, ref: string, key: string): T | undefined {
  if (index.any.length > 0 || key.includes('.') || key.endsWith(')')) return firstMatch(index, ref);
  // A few patterns are tested sooner than a new reference is hashed for the answers given before.
  return index.byLast.get(key)?.find(({ pattern }) => pattern.test(ref))?.value;
}
