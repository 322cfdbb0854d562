import { gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import { compileForms, type KnownFinder, type KnownSecret, squeezedFormsOf } from './known.ts';
import type { SecretPlace } from './redact.ts';
import { dumped, joined, type Survey, squeezed, unturned, type View } from './views.ts';

/** Longer texts are looked at as they are; nothing that long is shown to a model. */
export const deepest = 512 * 1024;
/** Views that cost a whole look by every detector are for texts up to here. */
const turnedMost = 128 * 1024;
/** Most that one packed run may become. */
const unpackedMost = 4 * 1024 * 1024;
const depthMost = 2;

type Look = (text: string) => readonly SecretPlace[];

/** Finds secrets in text that was encoded, packed, dumped or turned on its way out. */
export interface EncodedFinder {
  places(text: string): SecretPlace[];
}

/** Base64 over one or several lines; the first line is long enough to be no word. */
const base64Run = /(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{20,}={0,2}(?:\r?\n[A-Za-z0-9+/_-]+={0,2}(?![^\r\n]))*/g;
const hexRun = /(?<![0-9a-z])[0-9a-f]{2}(?:[\s:]{0,2}[0-9a-f]{2}){15,}(?![0-9a-z])/gi;

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
  return { text: bytes.toString('latin1'), opaque: opaque.some((pattern) => pattern.test(head)) };
}

/** Starts of packed data as base64 writes them, wherever they begin in a run. */
const packedStart = /H4sI|eJ[wxyz0-9A-Za-d]|UEsDB|Qlpo|\/Td6W|KLUv\/|N3q8r|U2FsdGVk/g;

function* decodings(run: string): Generator<Opened> {
  const plain = run.replaceAll(/[\r\n]/g, '');
  const first = opened(Buffer.from(plain, 'base64'));
  yield first;
  const starts = [...plain.matchAll(packedStart)].slice(0, 8).map((match) => match.index);
  const shifts = printable(first.text) ? [] : [1, 2, 3];
  for (const from of new Set([...shifts, ...starts]))
    if (from > 0) yield opened(Buffer.from(plain.slice(from), 'base64'));
}

function mapped(view: View, found: readonly SecretPlace[]): SecretPlace[] {
  return found.map(({ what, start, end }) => {
    const [first, last] = [view.at(start), view.at(end - 1)];
    return { what, start: Math.min(first, last), end: Math.max(first, last) + 1 };
  });
}

const printable = (text: string) => {
  const seen = text.slice(0, 512);
  return seen.length > 0 && seen.replaceAll(/[\x20-\x7e\s]/g, '').length <= seen.length * 0.3;
};

/** `look` is the plain look (known values and detectors); `secrets` are the known values. */
export function createEncodedFinder(look: Look, secrets: readonly KnownSecret[]): EncodedFinder {
  const bare: KnownFinder = compileForms(secrets, squeezedFormsOf);
  const inSqueezed = (text: string, view = squeezed(text)): SecretPlace[] => {
    if (secrets.length === 0) return [];
    return mapped(
      view,
      bare.find(view.text).map(({ name, start, end }) => ({ what: name, start, end })),
    );
  };
  const inside = (text: string, depth: number): SecretPlace | undefined =>
    look(text)[0] ?? inSqueezed(text)[0] ?? (depth < depthMost ? inRuns(text, depth + 1)[0] : undefined);
  const ofRun = (run: string, depth: number, contents: Iterable<Opened>): string | undefined => {
    for (const content of contents) {
      if (content.opaque && run.length >= 40) return 'packed-data';
      const text = content.text.slice(0, unpackedMost);
      if (text.length < 8 || !(printable(text) || text.length > run.length)) {
        const known = inSqueezed(text)[0];
        if (known) return known.what;
        continue;
      }
      const found = inside(text, depth);
      if (found) return found.what;
    }
    return undefined;
  };
  const inRuns = (text: string, depth: number, survey: Survey = squeezed(text)): SecretPlace[] => {
    const places: SecretPlace[] = [];
    const add = (match: RegExpMatchArray, contents: Iterable<Opened>) => {
      const what = ofRun(match[0], depth, contents);
      const start = match.index ?? 0;
      if (what !== undefined) places.push({ what, start, end: start + match[0].length });
    };
    if (survey.base64) for (const match of text.matchAll(base64Run)) add(match, decodings(match[0]));
    if (!survey.hex) return places;
    for (const match of text.matchAll(hexRun))
      add(match, [opened(Buffer.from(match[0].replaceAll(/[\s:]/g, ''), 'hex'))]);
    return places;
  };
  return {
    places: (text) => {
      if (text.length > deepest) return [];
      const survey = squeezed(text);
      const places = [...inSqueezed(text, survey), ...inRuns(text, 0, survey)];
      const dump = dumped(text);
      for (const view of dump ? [dump.bytes, dump.characters] : []) places.push(...mapped(view, inSqueezed(view.text)));
      if (dump) {
        const bytes = opened(Buffer.from(dump.bytes.text.replaceAll(/\s/g, ''), 'hex')).text;
        const found = printable(bytes) ? inside(bytes, 0) : undefined;
        if (found) places.push({ what: found.what, start: dump.bytes.at(0), end: text.length });
      }
      if (text.length > turnedMost) return places;
      const apart = survey.apart ? joined(text) : undefined;
      for (const view of [...unturned(text), ...(apart ? [apart] : [])]) places.push(...mapped(view, look(view.text)));
      return places;
    },
  };
}
