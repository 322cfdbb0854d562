// Other ways to look at a text, so that a value that was spaced out, wrapped, dumped, turned round or shifted is still seen.
// Each view knows for every one of its characters where it came from. What a view costs is only paid where a cheap look
// says that it could show anything.
import { type Codes, standsApart } from './codes.ts';
import { compileFinder } from './find.ts';

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
const turned =
  /tropxe|noitcnuf|nruter|tsnoc|terces|nekot|drowssap|sptth|evil_ks|tset_ks|AIKA|[_-](?:phg|shg)\b|\byek|YEK/;
const shifted =
  /rkcbeg|shapgvba|erghea|pbafg|frperg|gbxra|cnffjbeq|uggcf|fx_(?:yvir|grfg)|tuc_|NXVN|\bnccv?_?xrl|FRPERG|GBXRA/;

/** What the two patterns need at least, all of it four signs or longer; the short words are looked for by themselves. */
const telltale = compileFinder(
  [
    ...'tropxe noitcnuf nruter tsnoc terces nekot drowssap sptth evil_ks tset_ks AIKA _phg -phg _shg -shg'.split(' '),
    ...'rkcbeg shapgvba erghea pbafg frperg gbxra cnffjbeq uggcf fx_yvir fx_grfg tuc_ NXVN nccxrl nccvxrl ncc_xrl'.split(
      ' ',
    ),
    ...'nccv_xrl FRPERG GBXRA'.split(' '),
  ].map((text) => ({ text, folded: false })),
);

function mayBeTurned(text: string, codes: Codes): boolean {
  let found = text.includes('yek') || text.includes('YEK');
  if (!found) telltale.scan(codes, codes.length, () => (found = true));
  return found;
}

/** A text that reads as if it had been turned round (by lines or as a whole) or shifted, read the right way. */
export function unturned(text: string, codes: Codes): View[] {
  const views: View[] = [];
  if (!mayBeTurned(text, codes)) return views;
  if (turned.test(text)) {
    const reversed = [...text].reverse().join('');
    if (reversed.length === text.length) views.push({ text: reversed, at: (index) => text.length - 1 - index });
  }
  if (shifted.test(text)) views.push({ text: rotated(text), at: (index) => index });
  return views;
}
