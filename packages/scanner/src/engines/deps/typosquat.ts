/** One edit apart: a letter more, less, other, or two neighbours swapped. */
export function isOneEditApart(a: string, b: string): boolean {
  if (a === b || Math.abs(a.length - b.length) > 1) return false;
  let i = 0;
  while (i < a.length && a[i] === b[i]) i += 1;
  if (a.length === b.length)
    return (
      a.slice(i + 1) === b.slice(i + 1) || (a[i] === b[i + 1] && a[i + 1] === b[i] && a.slice(i + 2) === b.slice(i + 2))
    );
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return short.slice(i) === long.slice(i + 1);
}

const bare = (name: string) => name.replaceAll(/[-_.]/g, '').toLowerCase();

/** Names that are imitated, ready to be asked: a lockfile holds thousands of packages. */
export interface KnownNames {
  names: ReadonlySet<string>;
  byBare: ReadonlyMap<string, string>;
  byLength: ReadonlyMap<number, readonly string[]>;
}

export function knownNames(list: readonly string[]): KnownNames {
  const byLength = new Map<number, string[]>();
  for (const name of list) byLength.set(name.length, [...(byLength.get(name.length) ?? []), name]);
  return { names: new Set(list), byBare: new Map(list.map((name) => [bare(name), name])), byLength };
}

/**
 * The known package that `name` imitates. Short names are one letter apart by chance, so they are only compared by
 * their separators. A name that is known itself imitates nobody.
 */
export function imitated(name: string, known: KnownNames, ecosystem: string): string | undefined {
  if (known.names.has(name) || name.startsWith('@')) return undefined;
  const plain = bare(name);
  // On PyPI `a-b`, `a_b` and `a.b` are one package.
  const same = known.byBare.get(plain);
  if (same !== undefined) return ecosystem === 'npm' ? same : undefined;
  return [name.length, name.length - 1, name.length + 1]
    .flatMap((length) => known.byLength.get(length) ?? [])
    .find(
      (other) =>
        (other.length >= 6 || (other.length === 5 && isSlip(name, other))) &&
        isOneEditApart(name, other) &&
        !differByNumber(name, other),
    );
}

/** A letter typed twice, or two neighbours swapped: what a hand does to a short name too. */
function isSlip(name: string, known: string): boolean {
  if (name.length === known.length) return [...name].sort().join('') === [...known].sort().join('');
  return name.length === known.length + 1 && name.replaceAll(/(.)\1/g, '$1') === known.replaceAll(/(.)\1/g, '$1');
}

/** `vue2` and `vue3`, `jests` and `expressjs`: versions, plurals and endings make names of their own. */
function differByNumber(name: string, known: string): boolean {
  return (
    name.replaceAll(/\d/g, '') === known.replaceAll(/\d/g, '') ||
    (name === `${known}s` && !known.endsWith('s')) ||
    (known === `${name}s` && !known.endsWith('ss')) ||
    name === `${known}js`
  );
}
