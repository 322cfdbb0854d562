import { analyse, type Report } from 'scslre';
import { hasAmbiguousChoice } from './ambiguous.ts';
import { type Attack, provenAttack } from './attack.ts';

/** `moving`: it fails from each place of a long run of the same characters anew, as `\s+$` does. */
export type Slowness = 'exponential' | 'polynomial' | 'moving';

/** Longer patterns are generated; the analysis of one could take longer than the file is worth. */
const LONGEST = 400;
/** Without two repetitions, or one that is not anchored, nothing can be slow. */
const REPEATS = /[+*]|\{\d+,\}|\{\d*,\d{3,}\}/;

/** Answers given before: several rules ask about each expression, and copies of it stand in many files. */
const known = new Map<string, Slowness | 'none'>();
const KNOWN_MAX = 2_000;

/**
 * How badly a regular expression can behave on input made for it; `undefined` when its time is linear, or no text could be made
 * that shows more: an expression is told as slow with a text that proves it.
 */
export function slowness(pattern: string, flags: string): Slowness | undefined {
  if (pattern.length > LONGEST || !REPEATS.test(pattern)) return undefined;
  const key = `${flags}/${pattern}`;
  let answer = known.get(key);
  if (answer === undefined) {
    answer = analysed(pattern, flags) ?? 'none';
    if (known.size >= KNOWN_MAX) known.clear();
    known.set(key, answer);
  }
  return answer === 'none' ? undefined : answer;
}

/** What takes all that is left of a line, and what may stand after it. */
const REST = /^(?:\.|\[\^(?:\\r|\\n)+\])[*+]\??$/;
const END = /^\)*\$?$/;
const REST_OF_LINE = /^\)*\(*(?:\?:)?(?:\.|\[\^(?:\\r|\\n)+\])[*+]\??\)*\$?$/;

/**
 * Whether nothing but the end of a line in the middle of the text could make the match fail after what is repeated: who takes
 * `^(\S+)\s*(.*)$` apart line by line is never kept waiting.
 */
function isIdle(report: Report, pattern: string): boolean {
  const last = report.type === 'Trade' && report.endQuant.end >= report.startQuant.end ? report.endQuant : undefined;
  const quantifier = last ?? (report.type === 'Trade' ? report.startQuant : report.quant);
  const rest = pattern.slice(quantifier.end);
  return REST_OF_LINE.test(rest) || (REST.test(quantifier.raw) && END.test(rest));
}

/** A repeated group with a bounded repetition of its own, `(\w{2,4})+`: as ambiguous as an unbounded one. */
const BOUNDED_INSIDE = /\{\d+,\d+\}[^()]*\)(?:[+*]|\{\d+,\})/;

function hasBoundedLoop(pattern: string, flags: string): boolean {
  if (!BOUNDED_INSIDE.test(pattern)) return false;
  const open = pattern.replaceAll(/\{(\d+),(\d+)\}/g, (whole, least, most) =>
    Number(most) > Number(least) ? `{${least},}` : whole,
  );
  return analyse({ source: open, flags }, { maxReports: 6 }).reports.some((report) => report.exponential);
}

const plainFlags = (flags: string) => flags.replaceAll(/[^dgimsuvy]/g, '');

/** A text that keeps the expression busy, whatever stands behind the slow place; `undefined` where none could be made. */
export function attackOn(pattern: string, allFlags: string): Attack | undefined {
  const flags = plainFlags(allFlags);
  try {
    const { reports, parsed } = analyse({ source: pattern, flags }, { maxReports: 6 });
    return provenAttack(parsed.pattern, flags, reports);
  } catch {
    return undefined;
  }
}

function analysed(pattern: string, allFlags: string): Slowness | undefined {
  const flags = plainFlags(allFlags);
  try {
    const { reports, parsed } = analyse({ source: pattern, flags }, { maxReports: 6 });
    const proven = (some: Report[]) => provenAttack(parsed.pattern, flags, some) !== undefined;
    const doubling = reports.filter((report) => report.exponential);
    if (doubling.length > 0 && proven(doubling)) return 'exponential';
    if (hasAmbiguousChoice(pattern, flags) || hasBoundedLoop(pattern, flags)) return 'exponential';
    const slow = reports.filter((report) => !report.exponential && !isIdle(report, pattern));
    const within = slow.filter((report) => report.type !== 'Move');
    if (within.length > 0 && proven(within)) return 'polynomial';
    const moving = slow.filter((report) => report.type === 'Move');
    return moving.length > 0 && proven(moving) ? 'moving' : undefined;
  } catch {
    // The engine that will run the pattern refuses it as well.
    return undefined;
  }
}
