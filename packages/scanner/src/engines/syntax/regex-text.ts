import { type Slowness, slowness } from './slow/slowness.ts';

/** A regular expression literal, as far as the text alone shows: after what an expression can follow, up to its flags. */
const LITERAL =
  /(?:^|[=(,:!&|?{};\s[])\/((?![*/])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/([dgimsuvy]*)(?=\s*[.,;)\]}:\n]|$)/g;
const CHOICE = /\|[^()]*\)[+*]/;
const UNBOUNDED = /[+*]|\{\d+,\}/g;

export interface SlowRegex {
  /** Offset of the literal. */
  at: number;
  length: number;
  slowness: Slowness;
}

/**
 * The slow regular expression literals of a script, found without parsing it: 5,000 files of packages hold some 300
 * that repeat twice, and only those are analysed.
 */
export function slowRegexes(text: string): SlowRegex[] {
  const found: SlowRegex[] = [];
  for (const match of text.matchAll(LITERAL)) {
    const [whole, source = '', flags = ''] = match;
    const repeats = source.replaceAll(/\\.|\[(?:[^\]\\]|\\.)*\]/g, 'x').match(UNBOUNDED)?.length ?? 0;
    // One repetition is enough when what it repeats is a choice: `(\\.|[^"])*`.
    if (repeats < 2 && (repeats === 0 || !CHOICE.test(source))) continue;
    const kind = slowness(source, flags);
    const start = match.index + whole.indexOf('/');
    if (kind !== undefined && kind !== 'moving') found.push({ at: start, length: whole.length, slowness: kind });
  }
  return found;
}
