import { diffArrays } from 'diff';
import { diff3Merge } from 'node-diff3';

/** One changed stretch: base lines `[at, at + removed.length)` become `added`. Offsets count from 0. */
export interface Region {
  at: number;
  afterAt: number;
  removed: string[];
  added: string[];
}

/** Regions close enough to share context; the unit of hunk-wise apply. Numbers count from 1. */
export interface Hunk {
  number: number;
  regions: Region[];
}

/** Edits beyond which the middle of two files is shown as replaced: bounds the quadratic cost of a line diff. */
const editMax = 2_000;
const context = 3;

/** Lines with their ends, so that joining gives the same bytes. Text is latin1: one character a byte. */
export function splitLines(text: string): string[] {
  const lines = text.split(/(?<=\n)/);
  return lines.length === 1 && lines[0] === '' ? [] : lines;
}

function commonEnds(a: readonly string[], b: readonly string[]): { head: number; tail: number } {
  const most = Math.min(a.length, b.length);
  let head = 0;
  while (head < most && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < most - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1;
  return { head, tail };
}

/** Changed stretches from `a` to `b`, in order. */
export function regions(a: readonly string[], b: readonly string[]): Region[] {
  const { head, tail } = commonEnds(a, b);
  const innerA = a.slice(head, a.length - tail);
  const innerB = b.slice(head, b.length - tail);
  if (innerA.length === 0 && innerB.length === 0) return [];
  const whole = { at: head, afterAt: head, removed: innerA, added: innerB };
  if (innerA.length === 0 || innerB.length === 0) return [whole];
  const parts = diffArrays(innerA, innerB, { maxEditLength: editMax });
  if (!parts) return [whole];
  const found: Region[] = [];
  let at = head;
  let afterAt = head;
  let current: Region | undefined;
  for (const part of parts) {
    if (!part.added && !part.removed) {
      at += part.value.length;
      afterAt += part.value.length;
      current = undefined;
      continue;
    }
    if (!current) {
      current = { at, afterAt, removed: [], added: [] };
      found.push(current);
    }
    if (part.removed) {
      current.removed.push(...part.value);
      at += part.value.length;
    } else {
      current.added.push(...part.value);
      afterAt += part.value.length;
    }
  }
  return found;
}

export function hunks(a: readonly string[], b: readonly string[]): Hunk[] {
  const found: Hunk[] = [];
  let last: Region | undefined;
  for (const region of regions(a, b)) {
    const near = last && region.at - (last.at + last.removed.length) <= 2 * context;
    const open = found.at(-1);
    if (near && open) open.regions.push(region);
    else found.push({ number: found.length + 1, regions: [region] });
    last = region;
  }
  return found;
}

/** The base with only the chosen hunks applied. */
export function applyHunks(base: readonly string[], all: readonly Hunk[], chosen: ReadonlySet<number>): string {
  const out: string[] = [];
  let at = 0;
  for (const region of all.filter((hunk) => chosen.has(hunk.number)).flatMap((hunk) => hunk.regions)) {
    out.push(...base.slice(at, region.at), ...region.added);
    at = region.at + region.removed.length;
  }
  return [...out, ...base.slice(at)].join('');
}

function printed(sign: string, line: string): string {
  return line.endsWith('\n') ? `${sign}${line}` : `${sign}${line}\n\\ No newline at end of file\n`;
}

/** One hunk in unified form, with its header. */
export function printHunk(hunk: Hunk, base: readonly string[]): string {
  const first = hunk.regions[0];
  const last = hunk.regions.at(-1);
  if (!first || !last) return '';
  const from = Math.max(0, first.at - context);
  const to = Math.min(base.length, last.at + last.removed.length + context);
  let body = '';
  let at = from;
  let added = 0;
  let removed = 0;
  for (const region of hunk.regions) {
    for (const line of base.slice(at, region.at)) body += printed(' ', line);
    for (const line of region.removed) body += printed('-', line);
    for (const line of region.added) body += printed('+', line);
    at = region.at + region.removed.length;
    added += region.added.length;
    removed += region.removed.length;
  }
  for (const line of base.slice(at, to)) body += printed(' ', line);
  const length = to - from;
  const afterLength = length - removed + added;
  const afterFrom = first.afterAt - (first.at - from);
  const range = (start: number, count: number) => `${count === 0 ? start : start + 1}${count === 1 ? '' : `,${count}`}`;
  return `@@ -${range(from, length)} +${range(afterFrom, afterLength)} @@\n${body}`;
}

export type Merge = { merged: string } | { conflicts: number; marked: string };

/** Longest file, in lines, that is merged when both sides changed it; beyond, a human decides. */
const mergeMax = 50_000;

/** Three-way merge of latin1 texts, byte for byte. */
export function mergeText(base: string, ours: string, theirs: string): Merge {
  if (ours === base || ours === theirs) return { merged: theirs };
  if (theirs === base) return { merged: ours };
  const [o, a, b] = [splitLines(base), splitLines(ours), splitLines(theirs)];
  if (Math.max(o.length, a.length, b.length) > mergeMax) return { conflicts: 1, marked: '' };
  let conflicts = 0;
  const lines: string[] = [];
  const closed = (part: readonly string[]) =>
    part.map((line, i) => (i === part.length - 1 && !line.endsWith('\n') ? `${line}\n` : line));
  for (const part of diff3Merge(a, o, b, { excludeFalseConflicts: true })) {
    if (part.ok) lines.push(...part.ok);
    if (!part.conflict) continue;
    conflicts += 1;
    lines.push(
      '<<<<<<< workspace\n',
      ...closed(part.conflict.a),
      '=======\n',
      ...closed(part.conflict.b),
      '>>>>>>> change set\n',
    );
  }
  return conflicts === 0 ? { merged: lines.join('') } : { conflicts, marked: lines.join('') };
}
