// Other ways to look at a text, so that a value that was spaced out, wrapped, dumped, turned round or shifted is still seen.
// Each view knows for every one of its characters where it came from.

export interface View {
  text: string;
  /** Place of a view's character in the text it was made of. */
  at: (index: number) => number;
}

/** What a text may hold, told in the same pass that squeezes it: whether the dearer views are worth their cost. */
export interface Survey extends View {
  /** A long run of base64's letters that is no path or identifier. */
  base64: boolean;
  /** A long run of hex digits, spaced or not. */
  hex: boolean;
  /** Many characters that stand apart, one by one. */
  apart: boolean;
}

const kind = { other: 0, digit: 1, lower: 2, upper: 4, base64: 8, space: 16, hex: 32 } as const;

/** Classes of the first 128 characters; everything else is `other`. */
function characterClasses(): Uint8Array {
  const classes = new Uint8Array(128);
  for (let code = 0; code < 128; code += 1) {
    const char = String.fromCharCode(code);
    if (/[0-9]/.test(char)) classes[code] = kind.digit | kind.base64 | kind.hex;
    else if (/[a-z]/.test(char)) classes[code] = kind.lower | kind.base64 | (/[a-f]/.test(char) ? kind.hex : 0);
    else if (/[A-Z]/.test(char)) classes[code] = kind.upper | kind.base64 | (/[A-F]/.test(char) ? kind.hex : 0);
    else if (/[+/_-]/.test(char)) classes[code] = kind.base64;
    else if (/[\s:]/.test(char)) classes[code] = kind.space;
  }
  return classes;
}
const classes = characterClasses();
const letterOrDigit = kind.digit | kind.lower | kind.upper;

/** Letters and digits alone: what separators, quotes, line ends and columns cannot hide. */
export function squeezed(text: string): Survey {
  const bytes = Buffer.allocUnsafe(text.length);
  const places = new Uint32Array(text.length);
  const survey = { base64: false, hex: false, apart: false };
  let length = 0;
  let run = 0;
  let seen = 0;
  let hex = 0;
  let apart = 0;
  let before = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    const found = code < 128 ? (classes[code] ?? 0) : 0;
    if (found & letterOrDigit) {
      bytes[length] = code;
      places[length] = i;
      length += 1;
    }
    if (found & kind.base64) {
      run += 1;
      seen |= found;
      if (run >= 20 && (seen & letterOrDigit) === letterOrDigit) survey.base64 = true;
    } else run = seen = 0;
    if (found & kind.hex) {
      hex += 1;
      if (hex >= 32) survey.hex = true;
    } else if (!(found & kind.space)) hex = 0;
    // A character between two separators stands apart.
    if (found & kind.space || code === 44) apart = before & kind.space ? 0 : apart + 1;
    else if (!(before & kind.space)) apart = 0;
    if (apart >= 20) survey.apart = true;
    before = code === 44 ? kind.space : found;
  }
  return { ...survey, text: bytes.toString('latin1', 0, length), at: (index) => places[index] ?? text.length };
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

const dumpStart = /^[0-9a-f]{6,}:?[ \t]/im;
const dumpLine = /^([0-9a-f]{6,}:?[ \t]+)((?:[0-9a-f]{2,4}[ \t]{1,2})+|.*)(.*)$/gim;

/** The columns of `xxd`, `hexdump -C` and `od`, without the addresses; undefined where a text is no dump. */
export function dumped(text: string): { bytes: View; characters: View } | undefined {
  if (!dumpStart.test(text)) return undefined;
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

/** Text whose characters stand apart, put together; undefined where there is none. */
export function joined(text: string): View | undefined {
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

/** A text that reads as if it had been turned round (by lines or as a whole) or shifted, read the right way. */
export function unturned(text: string): View[] {
  const views: View[] = [];
  if (turned.test(text)) {
    const reversed = [...text].reverse().join('');
    if (reversed.length === text.length) views.push({ text: reversed, at: (index) => text.length - 1 - index });
  }
  if (shifted.test(text)) views.push({ text: rotated(text), at: (index) => index });
  return views;
}
