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
  while (ref.endsWith('()', end)) end -= 2;
  return ref.slice(ref.lastIndexOf('.', end - 1) + 1, end);
}

export function compileName(pattern: string): NamePattern {
  if (pattern === '**') return { last: undefined, test: () => true };
  if (pattern.startsWith('/')) {
    const close = pattern.lastIndexOf('/');
    const receiver = new RegExp(pattern.slice(1, close), 'i');
    const tail = pattern.slice(close + 1);
    return { last: lastName(tail), test: (ref) => ref.endsWith(tail) && receiver.test(ref.slice(0, -tail.length)) };
  }
  if (pattern.startsWith('*')) {
    const tail = pattern.slice(1);
    return { last: lastName(tail), test: (ref) => ref.endsWith(tail) };
  }
  return { last: lastName(pattern), test: (ref) => ref === pattern };
}

/** Patterns by the last part of the name, so that one look-up decides whether any of them can match. */
export interface NameIndex<T> {
  byLast: Map<string, { pattern: NamePattern; value: T }[]>;
  any: { pattern: NamePattern; value: T }[];
}

export function nameIndex<T>(entries: readonly (readonly [string, T])[]): NameIndex<T> {
  const index: NameIndex<T> = { byLast: new Map(), any: [] };
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

export function* matches<T>(index: NameIndex<T>, ref: string, last = lastName(ref)): Generator<T> {
  for (const entry of index.byLast.get(last) ?? []) if (entry.pattern.test(ref)) yield entry.value;
  for (const entry of index.any) if (entry.pattern.test(ref)) yield entry.value;
}

export function firstMatch<T>(index: NameIndex<T>, ref: string | undefined): T | undefined {
  if (ref === undefined) return undefined;
  for (const value of matches(index, ref)) return value;
  return undefined;
}
