// The cheap look that says that nothing in a run of base64 or hex can be of interest: most of them are checksums, paths and
// pictures.
import { constants, inflateSync } from 'node:zlib';
import { type Codes, classes, kind } from './codes.ts';
import type { KnownFinder } from './known.ts';
import type { Run } from './runs.ts';

/** How much of what was decoded says whether it is text, and how many odd bytes in a hundred text may have. */
export const printableHead = 512;
export const oddMost = 30;

/** Values of digits; 255 for whatever is none. */
const none = 255;
const sixBits = tableOf(128, (char) => {
  const at = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'.indexOf(char);
  return at >= 0 ? at : char === '-' ? 62 : char === '_' ? 63 : none;
});
const fourBits = tableOf(128, (char) => {
  const at = '0123456789abcdef'.indexOf(char.toLowerCase());
  return at >= 0 ? at : none;
});
const bareByte = tableOf(256, (char) => (classes[char.charCodeAt(0)] as number) & kind.bare);
/** 1 for bytes that are neither printable nor white space. */
const oddByte = tableOf(256, (char) => (/[\x20-\x7e\s]/.test(char) ? 0 : 1));

function tableOf(size: number, entryOf: (char: string) => number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, code) => entryOf(String.fromCharCode(code)));
}

/** First bytes of packed data, in pairs. */
const packedHeads = new Uint8Array(65_536);
for (const head of '\x1f\x8b \x78\x01 \x78\x5e \x78\x9c \x78\xda PK PA BZ \xfd7 \x28\xb5 7z Sa'.split(' ').concat('# '))
  packedHeads[(head.charCodeAt(0) << 8) | head.charCodeAt(1)] = 1;

/** Starts of packed data as base64 writes them, wherever they begin in a run. */
export const packedStart = /H4sI|eJ[wxyz0-9A-Za-d]|UEsDB|Qlpo|\/Td6W|KLUv\/|N3q8r|U2FsdGVk/g;
const packedLongest = 8;
/** How many of them are looked at. */
export const packedStartsMost = 8;
/** Their first digits. */
const packedDigits = [
  ...'H4sI UEsD Qlpo /Td6 KLUv N3q8 U2Fs'.split(' '),
  ...Array.from('wxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcd', (third) => `eJ${third}`),
];

function beginsText(run: string, from: number): boolean {
  const bytes = Buffer.from(run.slice(from, from + Math.ceil((printableHead * 4) / 3)), 'base64').subarray(
    0,
    printableHead,
  );
  let odd = 0;
  for (const byte of bytes) odd += oddByte[byte] as number;
  return isText(odd, bytes.length);
}

/** Whether a stream of zlib begins there that is not broken from its first bytes on. */
function mayInflate(run: string, from: number): boolean {
  try {
    inflateSync(Buffer.from(run.slice(from, from + 512), 'base64'), { finishFlush: constants.Z_SYNC_FLUSH });
    return true;
  } catch {
    return false;
  }
}

/** `places` are those at which a start may stand, where they are known. */
function holdsPacked(run: string, places?: readonly number[]): boolean {
  const plain = run.includes('\n') ? run.replaceAll(/[\r\n]/g, '') : run;
  let seen = 0;
  for (const from of places ?? Array.from(plain.matchAll(packedStart), ({ index }) => index)) {
    const start = plain.slice(from, from + packedLongest).match(packedStart)?.[0];
    if (start === undefined || !plain.startsWith(start, from)) continue;
    if (!start.startsWith('eJ')) return true;
    if (seen >= packedStartsMost) continue;
    if ((/[wxyz]/.test(start) && mayInflate(plain, from)) || beginsText(plain, from)) return true;
    seen += 1;
  }
  return false;
}

/**
 * Two digits in a row hold one whole byte, in three ways: it begins with the first, third or fifth bit. Of each pair: whether
 * those bytes are odd (bits 0, 8, 16, so that 255 of them can be added), whether they are letters or digits (bits 24 to 26),
 * and whether the pair is the first, second or third of a start of packed data (bits 27 to 29).
 */
const byteOf = (pair: number, way: number) => (pair >> (4 - 2 * way)) & 255;
const oddBits = 0x01_01_01;
const [packedFirst, packedSecond, packedThird] = [1 << 27, 1 << 28, 1 << 29];
const packedAny = packedFirst | packedSecond | packedThird;
const pairs = Int32Array.from({ length: 4_096 }, (_, pair) => {
  let bits = 0;
  for (let way = 0; way < 3; way += 1) {
    const byte = byteOf(pair, way);
    bits |= ((oddByte[byte] as number) << (8 * way)) | ((bareByte[byte] as number) << (24 + way));
  }
  for (const digits of packedDigits) {
    const [a = none, b = none, c = none, d = none] = [...digits].map((digit) => sixBits[digit.charCodeAt(0)]);
    if (pair === ((a << 6) | b)) bits |= packedFirst;
    if (pair === ((b << 6) | c)) bits |= packedSecond;
    if (d === none ? pair >> 6 === c : pair === ((c << 6) | d)) bits |= packedThird;
  }
  return bits;
});

/** Letters and digits of each pair, as the odd bytes are held: bits 0, 8 and 16. */
const bares = pairs.map((bits) => ((bits >> 24) & 1) | ((bits >> 17) & 0x1_00) | ((bits >> 10) & 0x1_00_00));

/**
 * What base64 decodes to when it is read from its first, second, third or fourth digit: four lanes, each with its letters
 * and digits only. `bare` counts them, `odd` the odd bytes among the first.
 */
interface Scratch {
  lanes: [Codes, Codes, Codes, Codes];
  bare: Int32Array;
  odd: Int32Array;
  /** Digits at which packed data may begin, of those that the blocks hold. */
  starts: number[];
  /** A run without its line ends. */
  line: Codes;
}

function scratchFor(size: number): Scratch {
  const room = () => new Uint16Array(size);
  return {
    lanes: [room(), room(), room(), room()],
    bare: new Int32Array(4),
    odd: new Int32Array(4),
    starts: [],
    line: room(),
  };
}

/** A run's codes without line ends, and how many; -1 where padding stands in its middle. */
function unwrapped(codes: Codes, { start, end }: Run, line: Codes): number {
  let count = 0;
  let padded = false;
  for (let i = start; i < end; i += 1) {
    const code = codes[i] as number;
    if (code === 61) padded = true;
    if (code === 10 || code === 13 || code === 61) continue;
    if (padded) return -1;
    line[count++] = code;
  }
  return count;
}

/** Digits of base64: `count` of them, from `start` on. */
interface Digits {
  codes: Codes;
  start: number;
  count: number;
}

const digitAt = (codes: Codes, at: number) => sixBits[codes[at] as number] as number;

/** The bytes that the pairs from `from` to `to` hold. Only bytes of whole groups of four digits are counted as odd. */
function decodePairs(from: number, to: number, odds: boolean, { codes, start, count }: Digits, into: Scratch): number {
  const { lanes, bare, odd } = into;
  let packed = 0;
  for (let at = from; at < to; at += 1) {
    const pair = (digitAt(codes, start + at) << 6) | digitAt(codes, start + at + 1);
    // Where so few are looked at, a first pair is enough for a closer look.
    packed |= (pairs[pair] as number) & packedFirst;
    for (let way = 0; way < 3 && way <= at; way += 1) {
      const lane = (at - way) & 3;
      const byte = byteOf(pair, way);
      const length = bare[lane] as number;
      (lanes[lane] as Codes)[length] = byte;
      bare[lane] = length + (bareByte[byte] as number);
      if (odds && at - way + 4 <= count) odd[lane] = (odd[lane] as number) + (oddByte[byte] as number);
    }
  }
  return packed;
}

/** As above, four pairs at a time, the first of them three behind a multiple of four. All groups are whole ones. */
function decodeBlocks(from: number, to: number, odds: boolean, { codes, start }: Digits, into: Scratch): number {
  const { bare, starts } = into;
  const [lane0, lane1, lane2, lane3] = into.lanes;
  let count0 = bare[0] as number;
  let count1 = bare[1] as number;
  let count2 = bare[2] as number;
  let count3 = bare[3] as number;
  let odd0 = 0;
  let odd1 = 0;
  let odd2 = 0;
  let odd3 = 0;
  let state = 0;
  let pair = digitAt(codes, start + from);
  const end = start + to;
  for (let at = start + from; at < end; at += 4) {
    pair = ((pair & 63) << 6) | digitAt(codes, at + 1);
    let bits = pairs[pair] as number;
    lane3[count3] = pair >> 4;
    lane2[count2] = (pair >> 2) & 255;
    lane1[count1] = pair & 255;
    count3 += (bits >> 24) & 1;
    count2 += (bits >> 25) & 1;
    count1 += (bits >> 26) & 1;
    odd3 += bits & oddBits;
    state = ((state << 1) | packedFirst) & bits & packedAny;
    if (state >= packedThird) starts.push(at - start - 2);
    pair = ((pair & 63) << 6) | digitAt(codes, at + 2);
    bits = pairs[pair] as number;
    lane0[count0] = pair >> 4;
    lane3[count3] = (pair >> 2) & 255;
    lane2[count2] = pair & 255;
    count0 += (bits >> 24) & 1;
    count3 += (bits >> 25) & 1;
    count2 += (bits >> 26) & 1;
    odd0 += bits & oddBits;
    state = ((state << 1) | packedFirst) & bits & packedAny;
    if (state >= packedThird) starts.push(at - start - 1);
    pair = ((pair & 63) << 6) | digitAt(codes, at + 3);
    bits = pairs[pair] as number;
    lane1[count1] = pair >> 4;
    lane0[count0] = (pair >> 2) & 255;
    lane3[count3] = pair & 255;
    count1 += (bits >> 24) & 1;
    count0 += (bits >> 25) & 1;
    count3 += (bits >> 26) & 1;
    odd1 += bits & oddBits;
    state = ((state << 1) | packedFirst) & bits & packedAny;
    if (state >= packedThird) starts.push(at - start);
    pair = ((pair & 63) << 6) | digitAt(codes, at + 4);
    bits = pairs[pair] as number;
    lane2[count2] = pair >> 4;
    lane1[count1] = (pair >> 2) & 255;
    lane0[count0] = pair & 255;
    count2 += (bits >> 24) & 1;
    count1 += (bits >> 25) & 1;
    count0 += (bits >> 26) & 1;
    odd2 += bits & oddBits;
    state = ((state << 1) | packedFirst) & bits & packedAny;
    if (state >= packedThird) starts.push(at - start + 1);
  }
  bare[0] = count0;
  bare[1] = count1;
  bare[2] = count2;
  bare[3] = count3;
  if (odds) {
    addOdd(into.odd, 0, odd0, odd1, odd2);
    addOdd(into.odd, 1, odd1, odd2, odd3);
    addOdd(into.odd, 2, odd2, odd3, odd0);
    addOdd(into.odd, 3, odd3, odd0, odd1);
  }
  // What has begun may end behind the last block.
  return state & ~packedThird;
}

function addOdd(odd: Int32Array, lane: number, first: number, second: number, third: number): void {
  odd[lane] = (odd[lane] as number) + (first & 255) + ((second >> 8) & 255) + (third >> 16);
}

/** Most digits that `countPairs` takes: all they hold is head, and no count leaves its bits. */
const countedMost = 680;
/** Of a hundred digits without meaning, how many letters and digits a lane has on the average, rounded up. */
const bareShare = 20;

/** Counts letters, digits and odd bytes of the lanes, and writes nothing: enough to see that a short run is too short. */
function countPairs({ codes, start, count }: Digits, { bare, odd }: Scratch): number {
  bare.fill(0);
  odd.fill(0);
  const last = start + count - 1;
  let pair = digitAt(codes, start);
  let state = 0;
  let packed = 0;
  for (let at = start; at < last; at += 1) {
    pair = ((pair & 63) << 6) | digitAt(codes, at + 1);
    const bits = pairs[pair] as number;
    const place = (at - start) & 3;
    odd[place] = (odd[place] as number) + (bits & oddBits);
    bare[place] = (bare[place] as number) + (bares[pair] as number);
    state = ((state << 1) | packedFirst) & bits & packedAny;
    packed |= state;
  }
  // The first two pairs also hold ends of bytes that begin before the run.
  const first = (digitAt(codes, start) << 6) | digitAt(codes, start + 1);
  const second = ((first & 63) << 6) | digitAt(codes, start + 2);
  takeOff(odd, pairs, first, second);
  takeOff(bare, bares, first, second);
  byLane(odd);
  byLane(bare);
  return (packed & packedThird) | state;
}

function takeOff(sums: Int32Array, table: Int32Array, first: number, second: number): void {
  sums[0] = (sums[0] as number) - ((table[first] as number) & 0x01_01_00);
  sums[1] = (sums[1] as number) - ((table[second] as number) & 0x01_00_00);
}

/** From sums by place of a pair to sums by lane: a lane's bytes begin at its own place and at the two behind it. */
function byLane(sums: Int32Array): void {
  const a = sums[0] as number;
  const b = sums[1] as number;
  const c = sums[2] as number;
  const d = sums[3] as number;
  sums[0] = (a & 255) + ((b >> 8) & 255) + (c >> 16);
  sums[1] = (b & 255) + ((c >> 8) & 255) + (d >> 16);
  sums[2] = (c & 255) + ((d >> 8) & 255) + (a >> 16);
  sums[3] = (d & 255) + ((a >> 8) & 255) + (b >> 16);
}

const isText = (odd: number, bytes: number) => bytes >= 8 && odd * 100 <= Math.min(bytes, printableHead) * oddMost;

/** Blocks whose odd bytes are counted: with the group before them, they end where the head does. */
const headBlocks = Math.floor(printableHead / 3) - 1;

/** Letters and digits of all four lanes, and how many odd bytes their heads have; not 0: packed data may begin at an edge. */
function decodeLanes(digits: Digits, into: Scratch): number {
  const { count } = digits;
  into.bare.fill(0);
  into.odd.fill(0);
  into.starts.length = 0;
  const blocks = Math.max(0, (count - 6) >> 2);
  const head = Math.min(blocks, headBlocks);
  const end = 3 + blocks * 4;
  let packed = decodePairs(0, Math.min(3, count - 1), true, digits, into);
  packed |= decodeBlocks(3, 3 + head * 4, true, digits, into);
  if (blocks > head) packed |= decodeBlocks(3 + head * 4, end, false, digits, into);
  return packed | decodePairs(end, count - 1, blocks === head, digits, into);
}

/** Whether one of the four ways to read base64 gives text, or begins with packed data. */
function hasTextLane({ codes, start, count }: Digits, { odd }: Scratch): boolean {
  for (let lane = 0; lane < 4; lane += 1) {
    const at = start + lane;
    const first = (digitAt(codes, at) << 10) | (digitAt(codes, at + 1) << 4) | (digitAt(codes, at + 2) >> 2);
    if (packedHeads[first] !== 0 || isText(odd[lane] as number, Math.floor(((count - lane) * 6) / 8))) return true;
  }
  return false;
}

/** Whether one of them gives text, packed data or a known value, or packed data begins inside. */
function isWorthBase64(digits: Digits, into: Scratch, known: KnownFinder, run: () => string): boolean {
  const { count } = digits;
  if (count <= countedMost && count * bareShare < known.least * 100) {
    const packed = countPairs(digits, into);
    if (hasTextLane(digits, into)) return true;
    if (!into.bare.some((bare) => bare >= known.least)) return packed !== 0 && holdsPacked(run());
  }
  const edge = decodeLanes(digits, into);
  if (hasTextLane(digits, into)) return true;
  for (const [lane, codes] of into.lanes.entries()) {
    const bare = into.bare[lane] as number;
    if (bare >= known.least && known.isIn(codes, bare)) return true;
  }
  if (edge !== 0) return holdsPacked(run());
  return into.starts.length > 0 && holdsPacked(run(), into.starts);
}

/** As above for hex, which can only be read in one way. */
function isWorthHex(codes: Codes, { start, end }: Run, room: Codes, known: KnownFinder): boolean {
  let bytes = 0;
  let found = 0;
  let odd = 0;
  let first = 0;
  for (let at = start; at < end; ) {
    const code = codes[at] as number;
    const high = code < 128 ? (fourBits[code] as number) : none;
    if (high === none) {
      at += 1;
      continue;
    }
    const byte = (high << 4) | (fourBits[codes[at + 1] as number] as number);
    at += 2;
    room[found] = byte;
    found += bareByte[byte] as number;
    if (bytes < printableHead) odd += oddByte[byte] as number;
    if (bytes < 2) first = (first << 8) | byte;
    bytes += 1;
  }
  return packedHeads[first] !== 0 || isText(odd, bytes) || known.isIn(room, found);
}

/**
 * Says of runs whether they need a whole look. A run needs none where no alignment of it decodes to text, to packed data,
 * or to bytes that hold a known value when everything but letters and digits is taken away.
 */
export function createScreen(known: KnownFinder): (text: string, codes: Codes, run: Run) => boolean {
  let scratch = scratchFor(1_024);
  return (text, codes, run) => {
    const size = run.end - run.start;
    if (scratch.line.length <= size) scratch = scratchFor(size * 2);
    if (run.encoding === 'hex') return isWorthHex(codes, run, scratch.lanes[0], known);
    const count = run.wrapped ? unwrapped(codes, run, scratch.line) : size - paddingOf(codes, run.end);
    if (count < 0) return true;
    const digits = run.wrapped ? { codes: scratch.line, start: 0, count } : { codes, start: run.start, count };
    return isWorthBase64(digits, scratch, known, () => text.slice(run.start, run.end));
  };
}

function paddingOf(codes: Codes, end: number): number {
  if (codes[end - 1] !== 61) return 0;
  return codes[end - 2] === 61 ? 2 : 1;
}
