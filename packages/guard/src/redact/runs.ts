// Runs of base64 and hex in a text. All steps are over codes: what the two expressions below say, without their cost.
import { type Codes, classes, kind } from './codes.ts';

export interface Run {
  start: number;
  end: number;
  encoding: 'base64' | 'hex';
  /** Whether it goes over several lines. */
  wrapped: boolean;
}

/**
 * Base64 over one or several lines; the first line is long enough to be no word:
 * `[A-Za-z0-9+/_-]{20,}={0,2}(?:\r?\n[A-Za-z0-9+/_-]+={0,2}(?![^\r\n]))*`
 */
const leastBase64 = 20;
/** Hex, each two digits with up to two separators between them: `(?<![0-9a-z])xx(?:[\s:]{0,2}xx){15,}(?![0-9a-z])`. */
const leastPairs = 16;
const leastHex = 2 * leastPairs;

const { base64, bare, hex, blank } = kind;
const mixed = kind.digit | kind.lower | kind.upper;
const [lineFeed, carriageReturn, padding] = [10, 13, 61];

const isA = (codes: Codes, at: number, bits: number) => ((classes[codes[at] as number] as number) & bits) !== 0;

/**
 * Where a stretch of at least `least` codes of one class begins, from `start` on; the length of the text where there is
 * none. Such a stretch covers every `least`-th place: where the look back from one fails, all before it is passed over.
 */
export function nextStretch(codes: Codes, bits: number, least: number, start: number): number {
  let from = start;
  while (from + least <= codes.length) {
    let at = from + least - 1;
    while (at >= from && ((classes[codes[at] as number] as number) & bits) !== 0) at -= 1;
    if (at < from) return from;
    from = at + 1;
  }
  return codes.length;
}

export function stretchEnd(codes: Codes, bits: number, start: number): number {
  let end = start;
  while (end < codes.length && ((classes[codes[end] as number] as number) & bits) !== 0) end += 1;
  return end;
}

function behindPadding(codes: Codes, at: number): number {
  if (codes[at] !== padding) return at;
  return codes[at + 1] === padding ? at + 2 : at + 1;
}

/** The end of a run whose first line's characters end at `end`: with padding, and with whole lines behind it. */
function base64End(codes: Codes, end: number): number {
  let last = behindPadding(codes, end);
  for (;;) {
    const line = codes[last] === carriageReturn ? last + 1 : last;
    if (codes[line] !== lineFeed) return last;
    const stop = stretchEnd(codes, base64, line + 1);
    const next = behindPadding(codes, stop);
    const ends = next >= codes.length || codes[next] === lineFeed || codes[next] === carriageReturn;
    if (stop === line + 1 || !ends) return last;
    last = next;
  }
}

/** Runs of base64, in order; none where no stretch of the text looks encoded. */
function addBase64Runs(codes: Codes, runs: Run[]): void {
  // Whether some stretch is no path or word: it has small letters, capitals and digits.
  let seen = false;
  let end = 0;
  let behind = 0;
  for (
    let start = nextStretch(codes, base64, leastBase64, 0);
    start < codes.length;
    start = nextStretch(codes, base64, leastBase64, end + 1)
  ) {
    let signs = 0;
    for (end = start; end < codes.length; end += 1) {
      const bits = classes[codes[end] as number] as number;
      if ((bits & base64) === 0) break;
      signs |= bits;
    }
    seen ||= (signs & mixed) === mixed;
    if (start < behind) continue;
    behind = base64End(codes, end);
    runs.push({ start, end: behind, encoding: 'base64', wrapped: behind > behindPadding(codes, end) });
  }
  if (!seen) runs.length = 0;
}

/** The end of the run of hex that begins at `start`, at a place where no letter or digit follows; -1: there is none. */
function hexEnd(codes: Codes, start: number, stop: number): number {
  let last = -1;
  let at = start;
  for (let pairs = 1; at + 2 <= stop && isA(codes, at, hex) && isA(codes, at + 1, hex); pairs += 1) {
    at += 2;
    const isEnd = at >= codes.length || !isA(codes, at, bare);
    if (isEnd && pairs >= leastPairs) last = at;
    if (at < stop && isA(codes, at, blank)) at += at + 1 < stop && isA(codes, at + 1, blank) ? 2 : 1;
  }
  return last;
}

function addHexRuns(codes: Codes, runs: Run[]): void {
  let stop = -1;
  for (
    let start = nextStretch(codes, hex | blank, leastHex, 0);
    start < codes.length;
    start = nextStretch(codes, hex | blank, leastHex, stop + 1)
  ) {
    stop = stretchEnd(codes, hex | blank, start + leastHex);
    for (let at = start; at + leastHex <= stop; at += 1) {
      if (!isA(codes, at, hex) || (at > 0 && isA(codes, at - 1, bare))) continue;
      const end = hexEnd(codes, at, stop);
      if (end < 0) continue;
      runs.push({ start: at, end, encoding: 'hex', wrapped: false });
      at = end - 1;
    }
  }
}

export function runsIn(codes: Codes): Run[] {
  const runs: Run[] = [];
  addBase64Runs(codes, runs);
  addHexRuns(codes, runs);
  return runs;
}
