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

/**
 * The known package that `name` imitates. Short names are one letter apart by chance, so they are only compared by
 * their separators. A name that is known itself imitates nobody.
 */
export function imitated(name: string, known: readonly string[], ecosystem: string): string | undefined {
  if (known.includes(name) || name.startsWith('@')) return undefined;
  // On PyPI `a-b`, `a_b` and `a.b` are one package.
  const separators =
    ecosystem === 'npm' ? known.find((other) => other !== name && bare(other) === bare(name)) : undefined;
  if (separators !== undefined) return separators;
  return known.find(
    (other) =>
      other.length >= 6 && bare(other) !== bare(name) && isOneEditApart(name, other) && !differByNumber(name, other),
  );
}

/** `vue2` and `vue3`, `jests` and `expressjs`: versions, plurals and endings make names of their own. */
function differByNumber(name: string, known: string): boolean {
  return name.replaceAll(/\d/g, '') === known.replaceAll(/\d/g, '') || name === `${known}s` || name === `${known}js`;
}
