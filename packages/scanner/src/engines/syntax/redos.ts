import { analyse } from 'scslre';
import { hasAmbiguousChoice } from './ambiguous.ts';

/** `moving`: it fails from each place of a long run of the same characters anew, as `\s+$` does. */
export type Slowness = 'exponential' | 'polynomial' | 'moving';

/** Longer patterns are generated; the analysis of one could take longer than the file is worth. */
const LONGEST = 400;
/** Without two repetitions, or one that is not anchored, nothing can be slow. */
const REPEATS = /[+*]|\{\d+,\}|\{\d*,\d{3,}\}/;

/** Answers given before: several rules ask about each expression, and copies of it stand in many files. */
const known = new Map<string, Slowness | 'none'>();
const KNOWN_MAX = 2_000;

/** How badly a regular expression can behave on input made for it; `undefined` when its time is linear. */
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

function analysed(pattern: string, flags: string): Slowness | undefined {
  try {
    const { reports } = analyse({ source: pattern, flags: flags.replaceAll(/[^dgimsuvy]/g, '') }, { maxReports: 3 });
    if (reports.some((report) => report.exponential) || hasAmbiguousChoice(pattern, flags)) return 'exponential';
    if (reports.some((report) => report.type !== 'Move')) return 'polynomial';
    return reports.length > 0 ? 'moving' : undefined;
  } catch {
    // The engine that will run the pattern refuses it as well.
    return undefined;
  }
}
