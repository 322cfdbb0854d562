import type { Detectors } from '@ambit/core/detect';
import { type Codes, codesOf, roomOf } from './codes.ts';
import { createEncodedFinder, deepest } from './encoded.ts';
import { compileKnown, isTelling, type KnownSecret } from './known.ts';

/** A text without its secrets. */
export interface Redacted {
  text: string;
  /** How many places were replaced. */
  redactions: number;
}

/** One place of a text that holds a secret; `what` is a rule's id or the name of a known value. */
export interface SecretPlace {
  what: string;
  start: number;
  end: number;
}

export interface Redactor {
  redact(text: string): Redacted;
  /** For a text that comes in pieces: a secret that is cut in two is found all the same. */
  stream(): RedactingStream;
  /** Places of secrets, without overlaps, in order. Markers of earlier redactions are not reported. */
  places(text: string, file?: { path?: string; language?: string }): SecretPlace[];
  /** Further exact values, found while the run goes on. */
  learn(secrets: readonly KnownSecret[]): void;
}

export interface RedactingStream {
  push(chunk: string): string;
  end(): string;
  readonly redactions: number;
}

/** Text of a stream that is kept before anything of it is shown, at most. */
const holdMost = 64 * 1024;
/** Already shown text that is looked at again, because what comes may belong to it (`password =`). */
const context = 1_024;

/** Characters of a text for whose codes room is kept. */
const roomFor = 128 * 1024;

/** Values kept at most, the given ones included. */
const learnedMost = 400;

const marker = /\[redacted:[\w.-]*\]/g;
const openBlock =
  /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?![\s\S]*-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----)/;

/** Ids and names as they may stand in a marker. */
const label = (what: string) => what.replaceAll(/[^\w.-]/g, '_').slice(0, 60);

function withoutOverlaps(found: SecretPlace[]): SecretPlace[] {
  found.sort((a, b) => a.start - b.start || b.end - a.end);
  const merged: SecretPlace[] = [];
  for (const place of found) {
    const last = merged.at(-1);
    if (last && place.start < last.end) last.end = Math.max(last.end, place.end);
    else merged.push({ ...place });
  }
  return merged;
}

/**
 * Makes a redactor of the scanner's own detectors and exact values. SECURITY: held by redact.test.ts (encodings, split
 * chunks, idempotence, no change to ordinary text).
 */
export function createRedactor(detectors: Detectors | undefined, secrets: readonly KnownSecret[] = []): Redactor {
  const values = new Map(secrets.map((secret) => [secret.value, secret]));
  const plainly = (text: string): SecretPlace[] => look(text, {});
  // Most texts are short; those inside others get room of their own.
  const room = roomOf(roomFor);
  let known = compileKnown(secrets);
  let encoded = createEncodedFinder(plainly, secrets);
  const look = (
    text: string,
    file: { path?: string; language?: string },
    codes: Codes = codesOf(text),
  ): SecretPlace[] => {
    const found: SecretPlace[] = known.find(codes).map(({ name, start, end }) => ({ what: name, start, end }));
    for (const secret of detectors?.find(text, file).secrets ?? [])
      found.push({ what: secret.ruleId, start: secret.start, end: secret.end });
    return found;
  };
  const withoutMarks = (text: string, found: SecretPlace[]): SecretPlace[] => {
    if (found.length === 0) return found;
    const marks = [...text.matchAll(marker)].map((match) => [match.index, match.index + match[0].length] as const);
    const fresh = found.filter(({ start, end }) => !marks.some(([from, to]) => start < to && from < end));
    return withoutOverlaps(fresh);
  };
  const places: Redactor['places'] = (text, file = {}) => withoutMarks(text, look(text, file));
  const learn = (more: readonly KnownSecret[]): void => {
    const fresh = more.filter(({ value }) => !values.has(value));
    if (fresh.length === 0) return;
    for (const secret of fresh) values.set(secret.value, secret);
    known = compileKnown([...values.values()]);
    encoded = createEncodedFinder(plainly, [...values.values()]);
  };
  const redact = (text: string): Redacted => {
    const codes = codesOf(text, room);
    const plain = look(text, {}, codes);
    // What a detector recognised once is known from then on, in whatever clothes it comes next.
    const seen = plain.map(({ what, start, end }) => ({ name: what, value: text.slice(start, end) }));
    learn(seen.filter(({ value }) => values.size < learnedMost && isTelling(value)));
    const told = (place: SecretPlace) =>
      plain.some(({ what, start, end }) => what === place.what && start < place.end && place.start < end);
    const deep = text.length > deepest ? [] : encoded.places(text, codes).filter((place) => !told(place));
    const found = withoutMarks(text, [...plain, ...deep]);
    return { text: replace(text, found, 0, text.length), redactions: found.length };
  };
  return { redact, places, learn, stream: () => streamOf(places, Math.max(256, known.longest)) };
}

/** The part of a text from `from` to `to`, with every place in it replaced. No place may cross the ends. */
function replace(text: string, found: readonly SecretPlace[], from: number, to: number): string {
  let out = '';
  let at = from;
  for (const { what, start, end } of found) {
    if (end <= from || start >= to) continue;
    out += `${text.slice(at, Math.max(at, start))}[redacted:${label(what)}]`;
    at = end;
  }
  return out + text.slice(at, to);
}

function streamOf(places: Redactor['places'], longest: number): RedactingStream {
  let shown = '';
  let waiting = '';
  let redactions = 0;
  const release = (all: boolean): string => {
    const text = shown + waiting;
    const from = shown.length;
    // What was shown is shown: only places that begin in what waits can still be replaced, or the rest of them.
    const found = places(text)
      .map((place) => ({ ...place, start: Math.max(place.start, from) }))
      .filter((place) => place.end > from);
    const to = all ? text.length : cut(text, from, found, longest);
    const out = replace(text, found, from, to);
    redactions += found.filter((place) => place.end <= to).length;
    shown = text.slice(Math.max(0, to - context), to);
    waiting = text.slice(to);
    return out;
  };
  return {
    push: (chunk) => {
      waiting += chunk;
      return /\n/.test(chunk) || waiting.length > holdMost ? release(false) : '';
    },
    end: () => release(true),
    get redactions() {
      return redactions;
    },
  };
}

/** Up to where a text can be shown now: whole lines, no open key block, nothing that a place reaches over. */
function cut(text: string, from: number, found: readonly SecretPlace[], longest: number): number {
  const open = openBlock.exec(text.slice(from));
  let to = text.lastIndexOf('\n') + 1;
  if (open) to = Math.min(to, from + open.index);
  if (text.length - to > holdMost) to = Math.max(from, text.length - Math.max(longest, context));
  for (const { start, end } of found) if (start < to && end > to) to = start;
  return Math.max(from, to);
}
