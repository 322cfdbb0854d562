// Other ways to look at a text, so that a value that was spaced out, wrapped, dumped, turned round or shifted is still seen.
// Each view knows for every one of its characters where it came from. What a view costs is only paid where a cheap look
// says that it could show anything.
import { type Codes, standsApart } from './codes.ts';
import { compileSigns } from './find.ts';

export interface View {
  text: string;
  /** Place of a view's character in the text it was made of. */
  at: (index: number) => number;
}

function ofSpans(text: string, spans: readonly (readonly [number, number])[]): View {
  const starts: number[] = [];
  let length = 0;
  for (const [from, to] of spans) {
    starts.push(length);
    length += to - from;
  }
  return {
    text: spans.map(([from, to]) => text.slice(from, to)).join(''),
    at: (index) => {
      let low = 0;
      let high = starts.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if ((starts[middle] ?? 0) <= index) low = middle;
        else high = middle - 1;
      }
      return (spans[low]?.[0] ?? 0) + index - (starts[low] ?? 0);
    },
  };
}

const dumpStart = /[0-9a-f]{6,}:?[ \t]/iy;

/** Whether a line begins as those of a dump do: an address and a blank. */
function hasDump(text: string): boolean {
  for (let at = 0; at >= 0; ) {
    const code = text.charCodeAt(at) | 32;
    // A digit or a letter up to `f`; anything else ends the look at once.
    if ((code >= 48 && code <= 57) || (code >= 97 && code <= 102)) {
      dumpStart.lastIndex = at;
      if (dumpStart.test(text)) return true;
    }
    const end = text.indexOf('\n', at);
    if (end < 0 || end + 1 >= text.length) return false;
    at = end + 1;
  }
  return false;
}
const dumpLine = /^([0-9a-f]{6,}:?[ \t]+)((?:[0-9a-f]{2,4}[ \t]{1,2})+|.*)(.*)$/gim;

/** The columns of `xxd`, `hexdump -C` and `od`, without the addresses; undefined where a text is no dump. */
export function dumped(text: string): { bytes: View; characters: View } | undefined {
  if (!hasDump(text)) return undefined;
  const bytes: [number, number][] = [];
  const characters: [number, number][] = [];
  for (const match of text.matchAll(dumpLine)) {
    const [, address = '', columns = '', rest = ''] = match;
    const from = match.index + address.length;
    bytes.push([from, from + columns.length]);
    characters.push([from + columns.length, from + columns.length + rest.length]);
  }
  if (bytes.length < 2) return undefined;
  return { bytes: ofSpans(text, bytes), characters: ofSpans(text, characters) };
}

const spacedOut = /(?:[^\s,][ \t,]|[^\s,]\r?\n){20,}/g;

/** Least codes that alternate with separators: `spacedOut` wants twenty of each. */
const apartLeast = 39;

/** Text whose characters stand apart, put together; undefined where there is none. */
export function joined(text: string, codes: Codes): View | undefined {
  if (!standsApart(codes, apartLeast)) return undefined;
  const spans: [number, number][] = [];
  for (const run of text.matchAll(spacedOut))
    for (let i = 0; i < run[0].length; ) {
      spans.push([run.index + i, run.index + i + 1]);
      i += run[0][i + 1] === '\r' ? 3 : 2;
    }
  return spans.length > 0 ? ofSpans(text, spans) : undefined;
}

export function rotated(text: string): string {
  return text.replaceAll(/[a-z]/gi, (char) => {
    const base = char <= 'Z' ? 65 : 97;
    return String.fromCharCode(((char.charCodeAt(0) - base + 13) % 26) + base);
  });
}

/** Words of code and credentials as they read turned round or shifted by thirteen: cheap to look for, rare by chance. */
const turnedWords = 'tropxe noitcnuf nruter tsnoc terces nekot drowssap sptth evil_ks tset_ks AIKA'.split(' ');
const shiftedWords =
  'rkcbeg shapgvba erghea pbafg frperg gbxra cnffjbeq uggcf fx_yvir fx_grfg tuc_ NXVN FRPERG GBXRA'.split(' ');
/** Short ones, that only count beside what is no letter or digit. */
const turnedEdges = '_phg -phg _shg -shg'.split(' ');
const shiftedEdges = 'nccxrl nccvxrl ncc_xrl nccv_xrl'.split(' ');
const turnedEdge = /[_-](?:phg|shg)\b/;
const shiftedEdge = /\bnccv?_?xrl/;

const signs = compileSigns([...turnedWords, ...turnedEdges, ...shiftedWords, ...shiftedEdges]);
const [turnedMost, shiftedLeast, shiftedMost] = [
  turnedWords.length,
  turnedWords.length + turnedEdges.length,
  turnedWords.length + turnedEdges.length + shiftedWords.length,
];

/** How near a short sign must have a code that base64 has none of: three letters come by chance in every picture. */
const near = 16;
const inBase64 = /^[A-Za-z0-9+/]*$/;

function hasTurnedKey(text: string): boolean {
  for (let at = text.indexOf('YEK'); at >= 0; at = text.indexOf('YEK', at + 3)) {
    const around = text.slice(Math.max(0, at - near), at + 3 + near);
    if (around.length < 2 * near + 3 || !inBase64.test(around)) return true;
  }
  return text.includes('yek') && /\byek/.test(text);
}

function readsAs(text: string, codes: Codes): { turned: boolean; shifted: boolean } {
  let turned = hasTurnedKey(text);
  let shifted = false;
  let [turnedEnds, shiftedEnds] = [false, false];
  signs(codes, (word) => {
    if (word < turnedMost) turned = true;
    else if (word < shiftedLeast) turnedEnds = true;
    else if (word < shiftedMost) shifted = true;
    else shiftedEnds = true;
  });
  if (turnedEnds) turned ||= turnedEdge.test(text);
  if (shiftedEnds) shifted ||= shiftedEdge.test(text);
  return { turned, shifted };
}

function reversedOf(text: string, codes: Codes): string {
  const { length } = codes;
  const reversed = new Uint16Array(length);
  let most = 0;
  for (let i = 0; i < length; i += 1) {
    const code = codes[i] as number;
    // Pairs of codes that are one character stay in order.
    if ((code & 0xf800) === 0xd800) return [...text].reverse().join('');
    most |= code;
    reversed[length - 1 - i] = code;
  }
  return most < 256 ? Buffer.from(reversed).toString('latin1') : Buffer.from(reversed.buffer).toString('utf16le');
}

/** A text that reads as if it had been turned round (by lines or as a whole) or shifted, read the right way. */
export function unturned(text: string, codes: Codes): View[] {
  const { turned, shifted } = readsAs(text, codes);
  const views: View[] = [];
  if (turned) views.push({ text: reversedOf(text, codes), at: (index) => text.length - 1 - index });
  if (shifted) views.push({ text: rotated(text), at: (index) => index });
  return views;
}
