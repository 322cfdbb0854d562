import picomatch from 'picomatch';

/** Answers whether a value matches. Throws only at compile time. */
export type Matcher = (value: string) => boolean;

const globOptions = { dot: true, noextglob: true, nonegate: true, maxLength: 4096 } as const;

/**
 * A file name as the most forgiving file system would read it: one Unicode form, one case, no ignorable characters, no
 * trailing dots and spaces, no stream suffix, no 8.3 alias of `.git`. Rules that forbid compare this form (C2).
 */
export function foldPath(path: string): string {
  return path
    .normalize('NFKC')
    .replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '')
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKC')
    .split(/[\\/]+/)
    .map((segment) => (segment === '..' || segment === '.' ? segment : foldSegment(segment)))
    .join('/');
}

function foldSegment(segment: string): string {
  const name = segment.replace(/:.*$/s, '').replace(/[. ]+$/, '');
  return /^git~\d+$/.test(name) ? '.git' : name;
}

function cleanPattern(pattern: string): string {
  return pattern.replace(/^(\.\/)+/, '').replace(/\/+$/, '') || '.';
}

const hasWildcard = (pattern: string) => /[*?[\]{}]/.test(pattern);

/**
 * A glob over paths in Kiro's sense: `*` within a segment, `**` across, `{a,b}`, `[abc]`; a pattern without a wildcard
 * also matches what is below it. A leading `./` means nothing.
 */
export function pathMatcher(pattern: string): Matcher {
  if (pattern === '') throw new Error('an empty pattern');
  const cleaned = cleanPattern(pattern);
  if (cleaned === '.' || cleaned === '**') return () => true;
  if (!hasWildcard(cleaned)) return (value) => value === cleaned || value.startsWith(`${cleaned}/`);
  const matches = picomatch(cleaned, globOptions);
  return (value) => matches(value);
}

/** Commands, hosts and tools: only `*` is special and matches anything, the whole value must match. */
export function textMatcher(pattern: string): Matcher {
  if (pattern === '') throw new Error('an empty pattern');
  const parts = pattern.split('*');
  if (parts.length === 1) return (value) => value === pattern;
  const first = parts[0] ?? '';
  const last = parts.at(-1) ?? '';
  const inner = parts.slice(1, -1);
  return (value) => {
    if (value.length < first.length + last.length) return false;
    if (!value.startsWith(first) || !value.endsWith(last)) return false;
    let at = first.length;
    const end = value.length - last.length;
    for (const part of inner) {
      const found = value.indexOf(part, at);
      if (found < 0 || found + part.length > end) return false;
      at = found + part.length;
    }
    return true;
  };
}

/** Longest value an old agent's regular expression is tried on, which bounds what a slow one can cost. */
const regexValueMax = 2_000;

/**
 * An old agent's regular expression, anchored at both ends as Kiro 0.x did. Refuses those whose nested repetition could
 * take exponential time; look-around was never part of that dialect.
 */
export function regexMatcher(pattern: string): Matcher {
  if (/\([^)]*[*+}][^)]*\)\s*[*+{]/.test(pattern)) throw new Error('nested repetition');
  if (/\(\?[=!<]|\\[1-9]/.test(pattern)) throw new Error('look-around or back reference');
  const regex = new RegExp(`^(?:${pattern.replaceAll(/\\A|\\z/g, '')})$`, 's');
  return (value) => {
    if (value.length > regexValueMax) throw new Error('the value is too long for a regular expression');
    return regex.test(value);
  };
}
