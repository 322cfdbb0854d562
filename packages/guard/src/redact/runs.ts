// Runs of base64 and hex in a text, and the cheap look that says that nothing in one can be of interest: most of them are
// checksums, paths and pictures.
import { type Codes, classes, kind, stretches } from './codes.ts';
import type { KnownFinder } from './known.ts';

export interface Run {
  start: number;
  end: number;
  encoding: 'base64' | 'hex';
}

/** Base64 over one or several lines; the first line is long enough to be no word. */
const base64Run = /[A-Za-z0-9+/_-]{20,}={0,2}(?:\r?\n[A-Za-z0-9+/_-]+={0,2}(?![^\r\n]))*/y;
const hexRun = /(?<![0-9a-z])[0-9a-f]{2}(?:[\s:]{0,2}[0-9a-f]{2}){15,}(?![0-9a-z])/gi;
/** As in the two patterns. */
const leastBase64 = 20;
const leastHex = 32;

const mixed = kind.digit | kind.lower | kind.upper;

/** Whether a stretch is no path or word: it has small letters, capitals and digits. */
function isMixed(codes: Codes, start: number, end: number): boolean {
  let seen = 0;
  for (let i = start; i < end && (seen & mixed) !== mixed; i += 1) seen |= classes[codes[i] as number] as number;
  return (seen & mixed) === mixed;
}

/** Runs of base64, in order; none where no stretch of the text looks encoded. */
function base64Runs(text: string, codes: Codes): Run[] {
  const found = [...stretches(codes, kind.base64, leastBase64)];
  if (!found.some(([start, end]) => isMixed(codes, start, end))) return [];
  const runs: Run[] = [];
  let behind = 0;
  for (const [start] of found) {
    if (start < behind) continue;
    base64Run.lastIndex = start;
    if (!base64Run.test(text)) continue;
    behind = base64Run.lastIndex;
    runs.push({ start, end: behind, encoding: 'base64' });
  }
  return runs;
}

function hexRuns(text: string, codes: Codes): Run[] {
  const runs: Run[] = [];
  for (const [start, end] of stretches(codes, kind.hex | kind.blank, leastHex)) {
    const from = Math.max(0, start - 1);
    for (const match of text.slice(from, end + 1).matchAll(hexRun))
      runs.push({ start: from + match.index, end: from + match.index + match[0].length, encoding: 'hex' });
  }
  return runs;
}

export function runsIn(text: string, codes: Codes): Run[] {
  return [...base64Runs(text, codes), ...hexRuns(text, codes)];
}

const none = 255;
const sixBits = tableOf((code) => {
  const at = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'.indexOf(String.fromCharCode(code));
  return at >= 0 ? at : code === 45 ? 62 : code === 95 ? 63 : none;
});
const fourBits = tableOf((code) => {
  const at = '0123456789abcdef'.indexOf(String.fromCharCode(code).toLowerCase());
  return at >= 0 ? at : none;
});
/** 1 for bytes that are neither printable nor white space. */
const odd = tableOf((code) => (/[\x20-\x7e\s]/.test(String.fromCharCode(code)) ? 0 : 1), 256);

function tableOf(digitOf: (code: number) => number, size = 128): Uint8Array {
  return Uint8Array.from({ length: size }, (_, code) => digitOf(code));
}

/** How much of what was decoded says whether it is text, and how many odd bytes in a hundred text may have. */
export const printableHead = 512;
export const oddMost = 30;

/** First bytes of packed data, in pairs. */
const packedHeads: ReadonlySet<number> = new Set(
  [
    '\x1f\x8b',
    '\x78\x01',
    '\x78\x5e',
    '\x78\x9c',
    '\x78\xda',
    'PK',
    'PA',
    'BZ',
    '\xfd7',
    '\x28\xb5',
    '7z',
    'Sa',
    '# ',
  ].map((head) => (head.charCodeAt(0) << 8) | head.charCodeAt(1)),
);

/** Starts of packed data as base64 writes them, wherever they begin in a run. */
export const packedStart = /H4sI|eJ[wxyz0-9A-Za-d]|UEsDB|Qlpo|\/Td6W|KLUv\/|N3q8r|U2FsdGVk/g;

const holdsPackedStart = (run: string) =>
  (run.includes('\n') ? run.replaceAll(/[\r\n]/g, '') : run).search(packedStart) >= 0;

interface Scratch {
  values: Uint8Array;
  bare: Codes;
}

/** The digits of a run, without its separators; -1 where padding stands in its middle. */
function valuesOf(codes: Codes, { start, end, encoding }: Run, values: Uint8Array): number {
  const table = encoding === 'hex' ? fourBits : sixBits;
  let count = 0;
  let padded = false;
  for (let i = start; i < end; i += 1) {
    const code = codes[i] as number;
    const value = code < 128 ? (table[code] as number) : none;
    if (code === 61) padded = true;
    if (value === none) continue;
    if (padded) return -1;
    values[count++] = value;
  }
  return count;
}

/** What decoding gave, as far as it matters: the letters and digits of it are in the scratch. */
interface Decoded {
  bare: number;
  bytes: number;
  /** The first two bytes. */
  head: number;
  /** Odd bytes among the first `printableHead`; one or two of them may not be counted. */
  odd: number;
}

/** 1 for bytes that are letters or digits. */
const bareByte = Uint8Array.from({ length: 256 }, (_, byte) => (classes[byte] as number) & kind.bare);

/** Decodes digits from `from` on, three bytes at a time. Behind the digits stand at least five zeros. */
function decode(values: Uint8Array, from: number, count: number, bits: 4 | 6, bare: Codes): Decoded {
  const step = 24 / bits;
  const bytes = Math.floor((Math.max(0, count - from) * bits) / 8);
  let [length, strange, head] = [0, 0, 0];
  for (let i = from, done = 0; done < bytes; i += step, done += 3) {
    let held = 0;
    for (let digit = i; digit < i + step; digit += 1) held = (held << bits) | (values[digit] as number);
    const [first, second, third] = [held >> 16, (held >> 8) & 255, held & 255];
    bare[length] = first;
    length += bareByte[first] as number;
    bare[length] = second;
    length += bareByte[second] as number;
    bare[length] = third;
    length += bareByte[third] as number;
    if (done === 0) head = held >> 8;
    if (done + 3 <= printableHead && done + 3 <= bytes)
      strange += (odd[first] as number) + (odd[second] as number) + (odd[third] as number);
  }
  return { bare: length, bytes, head, odd: strange };
}

const isText = ({ bytes, odd }: Decoded) => bytes > 0 && odd * 100 <= Math.min(bytes, printableHead) * oddMost;

/**
 * Says of runs whether they need a whole look. A run needs none where no alignment of it decodes to text, to packed data,
 * or to bytes that hold a known value when everything but letters and digits is taken away.
 */
export function createScreen(bare: KnownFinder): (text: string, codes: Codes, run: Run) => boolean {
  let scratch: Scratch = { values: new Uint8Array(256), bare: new Uint16Array(256) };
  return (text, codes, run) => {
    const size = run.end - run.start + 6;
    if (scratch.values.length < size) scratch = { values: new Uint8Array(size * 2), bare: new Uint16Array(size * 2) };
    const count = valuesOf(codes, run, scratch.values);
    if (count < 0) return true;
    scratch.values.fill(0, count, count + 6);
    const bits = run.encoding === 'hex' ? 4 : 6;
    for (let from = 0; from < (bits === 6 ? 4 : 1); from += 1) {
      const decoded = decode(scratch.values, from, count, bits, scratch.bare);
      if (packedHeads.has(decoded.head) || (decoded.bytes >= 8 && isText(decoded))) return true;
      if (bare.find(scratch.bare, decoded.bare).length > 0) return true;
    }
    return bits === 6 && holdsPackedStart(text.slice(run.start, run.end));
  };
}
