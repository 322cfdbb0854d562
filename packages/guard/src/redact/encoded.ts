import { gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import { type Codes, codesOf, squeeze } from './codes.ts';
import { compileForms, type KnownFinder, type KnownSecret, squeezedFormsOf } from './known.ts';
import type { SecretPlace } from './redact.ts';
import { type Run, runsIn } from './runs.ts';
import { createScreen, oddMost, packedStart, packedStartsMost, printableHead } from './screen.ts';
import { dumped, joined, unturned, type View } from './views.ts';

/** Longer texts are looked at as they are; nothing that long is shown to a model. */
export const deepest = 512 * 1024;
/** Views that cost a whole look by every detector are for texts up to here. */
const turnedMost = 128 * 1024;
/** Most that one packed run may become. */
const unpackedMost = 4 * 1024 * 1024;
const depthMost = 2;
/** Characters of a text for whose letters and digits room is kept. */
const roomFor = 128 * 1024;

type Look = (text: string) => readonly SecretPlace[];

/** Finds secrets in text that was encoded, packed, dumped or turned on its way out. */
export interface EncodedFinder {
  /** `codes` are the text's own, where the caller has them. */
  places(text: string, codes?: Codes): SecretPlace[];
}

/** Forms that cannot be unpacked here and that a model has no use for: bzip2, xz, zstd, 7z, `openssl enc`, git packs. */
const opaque = [
  /^BZh[1-9]/,
  /^\xfd7zXZ/,
  /^\x28\xb5\x2f\xfd/,
  /^7z\xbc\xaf/,
  /^Salted__/,
  /^# v\d git bundle/,
  /^PACK\0/,
];

function tryOpen(open: () => Buffer): string | undefined {
  try {
    return open().toString('latin1');
  } catch {
    return undefined;
  }
}

/** Every entry of a zip whose data follows its header. */
function unzipped(bytes: Buffer): string {
  let text = '';
  for (let at = bytes.indexOf('PK\u0003\u0004', 0, 'latin1'); at >= 0 && text.length < unpackedMost; ) {
    const data =
      at +
      30 +
      bytes.readUInt16LE(Math.min(at + 26, bytes.length - 2)) +
      bytes.readUInt16LE(Math.min(at + 28, bytes.length - 2));
    const limits = { maxOutputLength: unpackedMost, finishFlush: 2 };
    text +=
      tryOpen(() => inflateRawSync(bytes.subarray(data), limits)) ??
      bytes.subarray(data, data + 4_096).toString('latin1');
    at = bytes.indexOf('PK\u0003\u0004', data, 'latin1');
  }
  return text;
}

interface Opened {
  text: string;
  opaque?: boolean;
  /** The bytes as they are, nothing unpacked. */
  raw?: boolean;
  /** The end of something that was looked at before, whole. */
  again?: boolean;
}

/** What bytes hold: unpacked where they are packed. `finishFlush` reads what was cut off as far as it goes. */
function opened(bytes: Buffer): Opened {
  const limits = { maxOutputLength: unpackedMost, finishFlush: 2 };
  const head = bytes.subarray(0, 16).toString('latin1');
  if (head.startsWith('\x1f\x8b')) {
    const text = tryOpen(() => gunzipSync(bytes, limits));
    // Too much in it, or broken so that only somebody else can read it.
    return text === undefined ? { text: '', opaque: true } : { text };
  }
  if (/^\x78[\x01\x5e\x9c\xda]/.test(head))
    return { text: tryOpen(() => inflateSync(bytes, limits)) ?? bytes.toString('latin1') };
  if (head.startsWith('PK\x03\x04')) return { text: unzipped(bytes) };
  return { text: bytes.toString('latin1'), opaque: opaque.some((pattern) => pattern.test(head)), raw: true };
}

function* decodings(run: string): Generator<Opened> {
  const plain = run.replaceAll(/[\r\n]/g, '');
  const first = opened(Buffer.from(plain, 'base64'));
  yield first;
  const starts = [...plain.matchAll(packedStart)].slice(0, packedStartsMost).map((match) => match.index);
  const shifts = printable(first.text) ? [] : [1, 2, 3];
  // Read from any fourth digit on, the bytes are the same.
  const covered = new Set(first.raw ? [0] : []);
  for (const from of new Set([...shifts, ...starts])) {
    if (from === 0) continue;
    const content = opened(Buffer.from(plain.slice(from), 'base64'));
    yield content.raw && covered.has(from & 3) ? { ...content, again: true } : content;
    if (content.raw && from < 4) covered.add(from);
  }
}

/** Places in a text for places in something made of it. */
function mapped(at: View['at'], found: readonly SecretPlace[]): SecretPlace[] {
  return found.map(({ what, start, end }) => {
    const [first, last] = [at(start), at(end - 1)];
    return { what, start: Math.min(first, last), end: Math.max(first, last) + 1 };
  });
}

const printable = (text: string) => {
  const seen = text.slice(0, printableHead);
  return seen.length > 0 && seen.replaceAll(/[\x20-\x7e\s]/g, '').length * 100 <= seen.length * oddMost;
};

/** `look` is the plain look (known values and detectors); `secrets` are the known values. */
export function createEncodedFinder(
  look: Look,
  secrets: readonly KnownSecret[],
  { screen = createScreen }: { screen?: typeof createScreen } = {},
): EncodedFinder {
  const bare: KnownFinder = compileForms(secrets, squeezedFormsOf);
  const isWorthIt = screen(bare);
  // Most texts are short: room for one is kept, nothing of it is read after the search.
  const room = new Uint16Array(roomFor);
  const inSqueezed = (text: Codes): SecretPlace[] => {
    if (secrets.length === 0) return [];
    const { codes, length, at } = squeeze(text, room);
    const found = bare.find(codes, length);
    return found.length === 0
      ? []
      : mapped(
          at,
          found.map(({ name, start, end }) => ({ what: name, start, end })),
        );
  };
  const knownIn = (text: string): SecretPlace[] => inSqueezed(codesOf(text));
  const inside = (text: string, depth: number): SecretPlace | undefined =>
    look(text)[0] ?? knownIn(text)[0] ?? (depth < depthMost ? inRuns(text, codesOf(text), depth + 1)[0] : undefined);
  const ofRun = (run: string, depth: number, contents: Iterable<Opened>): string | undefined => {
    for (const content of contents) {
      if (content.opaque && run.length >= 40) return 'packed-data';
      const text = content.text.slice(0, unpackedMost);
      if (text.length < 8 || !(printable(text) || text.length > run.length)) {
        const known = content.again ? undefined : knownIn(text)[0];
        if (known) return known.what;
        continue;
      }
      const found = inside(text, depth);
      if (found) return found.what;
    }
    return undefined;
  };
  const inRuns = (text: string, codes: Codes, depth: number): SecretPlace[] => {
    const places: SecretPlace[] = [];
    for (const run of runsIn(codes)) {
      if (!isWorthIt(text, codes, run)) continue;
      const shown = text.slice(run.start, run.end);
      const what = ofRun(shown, depth, contentsOf(run, shown));
      if (what !== undefined) places.push({ what, start: run.start, end: run.end });
    }
    return places;
  };
  const inDump = (text: string): SecretPlace[] => {
    const dump = dumped(text);
    if (!dump) return [];
    const places = [dump.bytes, dump.characters].flatMap((view) => mapped(view.at, knownIn(view.text)));
    const bytes = opened(Buffer.from(dump.bytes.text.replaceAll(/\s/g, ''), 'hex')).text;
    const found = printable(bytes) ? inside(bytes, 0) : undefined;
    if (found) places.push({ what: found.what, start: dump.bytes.at(0), end: text.length });
    return places;
  };
  return {
    places: (text, codes = codesOf(text)) => {
      if (text.length > deepest) return [];
      const places = [...inSqueezed(codes), ...inRuns(text, codes, 0), ...inDump(text)];
      if (text.length > turnedMost) return places;
      const apart = joined(text, codes);
      for (const view of [...unturned(text, codes), ...(apart ? [apart] : [])])
        places.push(...mapped(view.at, look(view.text)));
      return places;
    },
  };
}

function contentsOf({ encoding }: Run, shown: string): Iterable<Opened> {
  return encoding === 'base64' ? decodings(shown) : [opened(Buffer.from(shown.replaceAll(/[\s:]/g, ''), 'hex'))];
}
