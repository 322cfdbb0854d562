import type { Ecosystem, InstallRules } from './catalog.ts';

/** Answers which popular package a name could be mistaken for; undefined when none, or when it is popular itself. */
export type LookAlike = (name: string) => string | undefined;

/** What people do not tell apart when they read or type. */
function fold(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[0]/g, 'o')
    .replaceAll(/[1|]/g, 'l')
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w')
    .replaceAll(/[-_.]/g, '');
}

/** Damerau-Levenshtein distance with neighbours swapped as one step; more than `most` is reported as `most + 1`. */
export function distance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (before[j - 2] ?? 0) + 1);
      row.push(best);
    }
    before = previous;
    previous = row;
  }
  return Math.min(previous[b.length] ?? most + 1, most + 1);
}

/** Short names are close to each other by nature. */
const allowed = (length: number) => (length < 5 ? 0 : length < 12 ? 1 : 2);

/** Names which differ by one letter and are both words of their own would be noise: the shorter the stricter. */
function closeTo(name: string, target: string): boolean {
  const most = allowed(Math.min(name.length, target.length));
  return most > 0 && distance(name, target, most) <= most;
}

/** `node-axios`, `chalk-js`, `requests2`: a popular name with a word before or after it. */
function stripped(name: string, affixes: readonly string[]): string[] {
  const found: string[] = [];
  for (const affix of affixes) {
    for (const glue of ['-', '_', '.', '']) {
      // Glued without a mark, only digits and the language's own short names are taken for an addition.
      if (glue === '' && !/^(?:\d+|js|py|node)$/.test(affix)) continue;
      if (name.endsWith(glue + affix)) found.push(name.slice(0, -(glue + affix).length));
      if (name.startsWith(affix + glue)) found.push(name.slice((affix + glue).length));
    }
  }
  return found.filter((one) => one.length >= 4);
}

/** With an addition before and one after it as well. */
const twice = (name: string, affixes: readonly string[]) => {
  const once = stripped(name, affixes);
  return [...once, ...once.flatMap((one) => stripped(one, affixes))];
};

export function compileLookAlike(ecosystem: Ecosystem, rules: Pick<InstallRules, 'popular' | 'suspicious'>): LookAlike {
  const popular = rules.popular[ecosystem];
  const known = new Set(popular.map((name) => name.toLowerCase()));
  const folded = new Map<string, string>();
  const byLength = new Map<number, string[]>();
  for (const name of popular) {
    if (!folded.has(fold(name))) folded.set(fold(name), name);
    const length = name.length;
    byLength.set(length, [...(byLength.get(length) ?? []), name]);
  }
  const near = (name: string): string | undefined => {
    for (let length = name.length - 2; length <= name.length + 2; length++) {
      // A scope is somebody's own: only the same scope misspelt, or the same package without it, is compared.
      const found = (byLength.get(length) ?? []).find((one) => scoped(one) === scoped(name) && closeTo(name, one));
      if (found) return found;
    }
    return undefined;
  };
  return (input) => {
    const name = ecosystem === 'pypi' ? input.toLowerCase().replaceAll(/[-_.]+/g, '-') : input;
    if (known.has(name)) return undefined;
    const same = folded.get(fold(name)) ?? folded.get(fold(name.replace(/^([\w.]+)-/, '@$1/')));
    if (same) return same;
    if (!scoped(name)) {
      for (const rest of twice(name.toLowerCase(), rules.suspicious.affixes)) {
        const target = known.has(rest) ? rest : folded.get(fold(rest));
        if (target) return target;
      }
    }
    return near(name.toLowerCase());
  };
}

const scoped = (name: string) => name.startsWith('@');
