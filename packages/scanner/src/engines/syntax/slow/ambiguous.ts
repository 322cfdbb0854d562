/** A repeated group with a choice in it: `(a|b)*` at `start`, its alternatives as text. */
interface RepeatedChoice {
  alternatives: string[];
  /** What stands after the repetition. */
  rest: string;
}

const QUANTIFIER = /^(?:[+*]|\{\d+,\})/;
/** Without knowing what is around or before, these cannot be tried by themselves. */
const CONTEXT = /\\[1-9bBk]|\(\?(?!:)|(?<!\[)\^|\$/;
const MOST_CHARACTERS = 8;

/** The repeated choices of a pattern, the ones that have no group inside. */
function repeatedChoices(pattern: string): RepeatedChoice[] {
  const found: RepeatedChoice[] = [];
  let open = -1;
  let bars: number[] = [];
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i];
    if (char === '\\') i++;
    else if (char === '[') i = endOfClass(pattern, i);
    else if (char === '(') {
      open = i;
      bars = [];
    } else if (char === '|') bars.push(i);
    else if (char === ')') {
      const quantifier = QUANTIFIER.exec(pattern.slice(i + 1, i + 8))?.[0];
      if (open >= 0 && bars.length > 0 && quantifier !== undefined) {
        const from = pattern.startsWith('?:', open + 1) ? open + 3 : open + 1;
        const cuts = [from - 1, ...bars, i];
        found.push({
          alternatives: cuts.slice(1).map((end, n) => pattern.slice((cuts[n] ?? 0) + 1, end)),
          rest: pattern.slice(i + 1 + quantifier.length).replace(/^\?/, ''),
        });
      }
      open = -1;
      bars = [];
    }
  }
  return found;
}

function endOfClass(pattern: string, start: number): number {
  let i = start + 1;
  while (i < pattern.length && pattern[i] !== ']') i += pattern[i] === '\\' ? 2 : 1;
  return i;
}

/** Ends of lines as an expression writes them. */
const ESCAPED: readonly (readonly [string, string])[] = [
  ['\\r', '\r'],
  ['\\n', '\n'],
  ['\\t', '\t'],
];

/** Characters that tell the alternatives apart: those they name, and one of each ordinary kind. */
function characters(alternatives: readonly string[]): string[] {
  const blanks = ESCAPED.flatMap(([written, char]) =>
    alternatives.some((each) => each.includes(written)) ? [char] : [],
  );
  const named = alternatives.join('').replaceAll(/\\[a-zA-Z0-9]|[[\](){}|?*+.^-]/g, '');
  return [...new Set([...blanks, 'a', '0', ' ', '\\', ...named.replaceAll('\\', '')])].slice(0, MOST_CHARACTERS);
}

/** In how many ways the alternatives, one after the other, make the word. */
function ways(word: string, whole: readonly RegExp[]): number {
  const counts = [1];
  for (let end = 1; end <= word.length; end++) {
    let count = 0;
    for (let start = 0; start < end; start++) {
      const part = word.slice(start, end);
      if ((counts[start] ?? 0) > 0) count += (counts[start] ?? 0) * whole.filter((each) => each.test(part)).length;
    }
    counts.push(count);
  }
  return counts[word.length] ?? 0;
}

/**
 * True when a repeated choice can read the same text in two ways, as `(\\.|[^"])*"` reads a backslash: each further
 * such text doubles the ways that are tried before the match fails. Found by trying words of one and two characters.
 */
export function hasAmbiguousChoice(pattern: string, flags: string): boolean {
  return repeatedChoices(pattern).some(({ alternatives, rest }) => {
    // What follows must be able to fail.
    if (!/^(?:[^)|?*]|\)+[^)|?*+{])/.test(rest) || alternatives.some((each) => each === '' || CONTEXT.test(each)))
      return false;
    const whole = alternatives.map((each) => new RegExp(`^(?:${each})$`, flags.replaceAll(/[^isu]/g, '')));
    const letters = characters(alternatives);
    return letters.some((a) => ways(a, whole) > 1 || letters.some((b) => ways(a + b, whole) > 1));
  });
}
