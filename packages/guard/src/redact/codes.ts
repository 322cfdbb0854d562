// A text as its UTF-16 codes, and what each code may be part of: passes over numbers are several times faster than over
// characters, and none of them branches on what it reads.

export type Codes = Uint16Array;

/** What a code may be part of. `bare` is 1: it is counted. `apart` can stand between characters that were pulled apart. */
export const kind = { bare: 1, base64: 2, hex: 4, blank: 8, apart: 16, digit: 32, lower: 64, upper: 128 } as const;

function classesOfCodes(): Uint8Array {
  const classes = new Uint8Array(65_536);
  const add = (pattern: RegExp, bits: number) => {
    for (let code = 0; code < classes.length; code += 1)
      if (pattern.test(String.fromCharCode(code))) classes[code] = (classes[code] ?? 0) | bits;
  };
  add(/[A-Za-z0-9]/, kind.bare | kind.base64);
  add(/[+/_-]/, kind.base64);
  add(/[0-9a-fA-F]/, kind.hex);
  add(/[\s:]/, kind.blank | kind.apart);
  add(/,/, kind.apart);
  add(/[0-9]/, kind.digit);
  add(/[a-z]/, kind.lower);
  add(/[A-Z]/, kind.upper);
  return classes;
}
export const classes = classesOfCodes();
const { bare, apart } = kind;

const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Up to here a loop is done before a call into the system's own copy has begun. */
const shortText = 512;

/** Room for one text's codes at a time. */
export interface Room {
  codes: Codes;
  bytes: Buffer;
}

export function roomOf(length: number): Room {
  const codes = new Uint16Array(length);
  return { codes, bytes: Buffer.from(codes.buffer) };
}

/** `into` is written over where it is long enough: what it held before is gone. */
export function codesOf(text: string, into?: Room): Codes {
  const { length } = text;
  if (length <= shortText || !littleEndian) {
    const codes = into && into.codes.length >= length ? into.codes.subarray(0, length) : new Uint16Array(length);
    for (let i = 0; i < length; i += 1) codes[i] = text.charCodeAt(i);
    return codes;
  }
  const room = into && into.codes.length >= length ? into : roomOf(length);
  room.bytes.write(text, 'utf16le');
  return room.codes.subarray(0, length);
}

/** Letters and digits of a text alone: what separators, quotes, line ends and columns cannot hide. */
export interface Squeezed {
  codes: Codes;
  length: number;
  /** Place of a letter or digit in the text it was taken from. */
  at: (index: number) => number;
}

/** Four at a time: twice as fast, and so large that no half-optimised caller takes it in. */
function bareInto(from: Codes, into: Codes): number {
  const whole = from.length & ~3;
  let length = 0;
  for (let i = 0; i < whole; i += 4) {
    const first = from[i] as number;
    const second = from[i + 1] as number;
    const third = from[i + 2] as number;
    const fourth = from[i + 3] as number;
    into[length] = first;
    length += (classes[first] as number) & bare;
    into[length] = second;
    length += (classes[second] as number) & bare;
    into[length] = third;
    length += (classes[third] as number) & bare;
    into[length] = fourth;
    length += (classes[fourth] as number) & bare;
  }
  for (let i = whole; i < from.length; i += 1) {
    const code = from[i] as number;
    into[length] = code;
    length += (classes[code] as number) & bare;
  }
  return length;
}

/** `into` is written over where it is long enough. */
export function squeeze(from: Codes, into?: Codes): Squeezed {
  const codes = into && into.length > from.length ? into : new Uint16Array(from.length + 1);
  const length = bareInto(from, codes);
  let places: Uint32Array | undefined;
  const at = (index: number) => {
    places ??= placesOf(from, length);
    return places[index] ?? from.length;
  };
  return { codes, length, at };
}

function placesOf(from: Codes, length: number): Uint32Array {
  const places = new Uint32Array(length);
  for (let i = 0, next = 0; next < length; i += 1)
    if ((classes[from[i] as number] as number) & bare) places[next++] = i;
  return places;
}

/** Whether somewhere at least `least` codes alternate between separators and others. */
export function standsApart(codes: Codes, least: number): boolean {
  for (let start = 0; start + least <= codes.length; ) {
    let at = start + least - 1;
    while (at > start && isApart(codes, at) !== isApart(codes, at - 1)) at -= 1;
    if (at === start) return true;
    start = at;
  }
  return false;
}

const isApart = (codes: Codes, at: number) => ((classes[codes[at] as number] as number) & apart) !== 0;
