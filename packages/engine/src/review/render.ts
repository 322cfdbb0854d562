import { showInvisible } from '@ambit/core/text';
import {
  type AccessChange,
  type ChangedFile,
  type Flag,
  type Hunk,
  hunks,
  printHunk,
  riskOf,
  type StoredChangeSet,
  splitLines,
} from '../change-set/index.ts';

/** Both texts of one file of a change set; undefined where it is no text. */
export interface FileTexts {
  before: string;
  after: string;
}

export interface Paint {
  added: (text: string) => string;
  removed: (text: string) => string;
  mark: (text: string) => string;
  strong: (text: string) => string;
}

export const noPaint: Paint = { added: (t) => t, removed: (t) => t, mark: (t) => t, strong: (t) => t };

const wrap = (code: string) => (text: string) => `\u001b[${code}m${text}\u001b[0m`;
export const ansiPaint: Paint = { added: wrap('32'), removed: wrap('31'), mark: wrap('36'), strong: wrap('1') };

/** SECURITY: what a run wrote is shown as text: control characters are spelled out (C15; render.test.ts). */
export function shown(line: string): string {
  const text = line.replace(/\n$/, '').replaceAll('\t', '    ');
  return showInvisible(text).replaceAll('\r', '⟨U+000D⟩').replaceAll('\n', ' ');
}

const sign: Record<ChangedFile['kind'], string> = { created: 'A', modified: 'M', deleted: 'D' };

/** Files with most reason to look first, then by path. */
export function inRiskOrder(set: Pick<StoredChangeSet, 'files' | 'flags'>): ChangedFile[] {
  const worst = new Map<string, number>();
  for (const { path, code } of set.flags)
    if (path !== undefined) worst.set(path, Math.min(worst.get(path) ?? Number.POSITIVE_INFINITY, riskOf(code)));
  const rank = (file: ChangedFile) => (file.withheld ? 10_000 : 0) + (worst.get(file.path) ?? 1_000);
  return [...set.files].sort((a, b) => rank(a) - rank(b) || (a.path < b.path ? -1 : 1));
}

export function describeFlag(flag: Flag): string {
  const place = flag.path ? `${shown(flag.path)}${flag.line ? `:${flag.line}` : ''}: ` : '';
  return `${flag.code}: ${place}${shown(flag.reason)}${flag.rule ? ` (${flag.rule})` : ''}`;
}

/** One line for an entry point: what the change alters about who may use it. */
export function describeAccess({ route, kind, path, line, protections, lost, gained }: AccessChange): string {
  const place = `(${shown(path)}:${line})`;
  const guards = protections.length > 0 ? protections.join(', ') : 'nothing guards it';
  if (kind === 'weakened') return `weakened      ${shown(route)} loses ${lost.join(', ')} ${place}`;
  if (kind === 'strengthened') return `strengthened  ${shown(route)} gains ${gained.join(', ')} ${place}`;
  return kind === 'added'
    ? `added         ${shown(route)}: ${guards} ${place}`
    : `removed       ${shown(route)} ${place}`;
}

/** Files held back for one reason that are named; of more, only their number is told, or they bury what lands. */
const heldNamed = 3;

export interface Held {
  reason: string;
  count: number;
}

/** What is to be named, in order, and what is only counted. */
export function foldHeld(files: readonly ChangedFile[]): { named: ChangedFile[]; counted: Held[] } {
  const counts = new Map<string, number>();
  for (const { withheld } of files) if (withheld) counts.set(withheld.reason, (counts.get(withheld.reason) ?? 0) + 1);
  const counted = [...counts].filter(([, count]) => count > heldNamed).map(([reason, count]) => ({ reason, count }));
  const folded = new Set(counted.map(({ reason }) => reason));
  return { named: files.filter(({ withheld }) => !withheld || !folded.has(withheld.reason)), counted };
}

export const describeHeld = ({ reason, count }: Held): string => `${count} files not applied: ${shown(reason)}`;

/** One line for a file: what happened to it, how much, and why it is held back. */
export function describeFile(file: ChangedFile): string {
  const amount =
    file.type === 'directory' ? '' : file.binary ? ` binary, ${file.size} bytes` : ` +${file.added} -${file.removed}`;
  const mode =
    file.modeBefore !== undefined && file.mode !== undefined && file.mode !== file.modeBefore
      ? ` mode ${file.modeBefore.toString(8)} → ${file.mode.toString(8)}`
      : '';
  const held = file.withheld ? `  not applied: ${file.withheld.reason}` : '';
  const kind = file.type === 'file' ? '' : ` (${file.type})`;
  return `${sign[file.kind]} ${shown(file.path)}${kind}${amount}${mode}${held}`;
}

export function hunksOf(texts: FileTexts): Hunk[] {
  return hunks(splitLines(texts.before), splitLines(texts.after));
}

/** A file of one kind of line end before and after: then they are no part of what changed, and are not shown. */
function oneLineEnd({ before, after }: FileTexts): (line: string) => string {
  const both = [before, after].every((text) => !/(?<!\r)\n/.test(text));
  return (line) => (both ? line.replace(/\r(?=\n?$)/, '') : line);
}

function paintLine(line: string, paint: Paint): string {
  if (line.startsWith('+')) return paint.added(shown(line));
  if (line.startsWith('-')) return paint.removed(shown(line));
  return shown(line);
}

/** Unified diff of one file, hunks numbered so that they can be chosen. `exact` leaves the text as `patch` reads it. */
export function unified(file: ChangedFile, texts: FileTexts, paint: Paint = noPaint, exact = false): string {
  const from = file.kind === 'created' ? '/dev/null' : `a/${file.path}`;
  const to = file.kind === 'deleted' ? '/dev/null' : `b/${file.path}`;
  const base = splitLines(texts.before);
  const all = hunks(base, splitLines(texts.after));
  const plain = oneLineEnd(texts);
  if (exact) return `--- ${from}\n+++ ${to}\n${all.map((hunk) => printHunk(hunk, base)).join('')}`;
  const head = `${paint.strong(`--- ${shown(from)}`)}\n${paint.strong(`+++ ${shown(to)}`)}\n`;
  const body = all.map((hunk) => {
    const [title = '', ...lines] = printHunk(hunk, base).split('\n').slice(0, -1);
    return `${paint.mark(`${title} hunk ${hunk.number}`)}\n${lines.map((line) => `${paintLine(plain(line), paint)}\n`).join('')}`;
  });
  return head + body.join('');
}

/** One hunk as people read it, control characters spelled out. */
export function pieceOf(hunk: Hunk, texts: FileTexts, paint: Paint = noPaint): string {
  const [title = '', ...lines] = printHunk(hunk, splitLines(texts.before)).split('\n').slice(0, -1);
  const plain = oneLineEnd(texts);
  return `${paint.mark(title)}\n${lines.map((line) => `${paintLine(plain(line), paint)}\n`).join('')}`;
}

function column(text: string, width: number): string {
  const characters = [...text];
  return characters.length > width
    ? `${characters.slice(0, width - 1).join('')}…`
    : text + ' '.repeat(width - characters.length);
}

/** Before and after beside each other, for a terminal of this many columns. */
export function sideBySide(file: ChangedFile, texts: FileTexts, columns: number, paint: Paint = noPaint): string {
  const width = Math.max(20, Math.floor((columns - 3) / 2));
  const base = splitLines(texts.before);
  const plain = oneLineEnd(texts);
  const row = (left: string | undefined, right: string | undefined): string => {
    const a = column(left === undefined ? '' : shown(plain(left)), width);
    const b = right === undefined ? '' : [...shown(plain(right))].slice(0, width).join('');
    if (left !== undefined && right !== undefined && left === right) return `${a} │ ${b}\n`;
    return `${left === undefined ? a : paint.removed(a)} │ ${right === undefined ? b : paint.added(b)}\n`;
  };
  const out = [`${paint.strong(shown(file.path))}\n`];
  for (const hunk of hunks(base, splitLines(texts.after))) {
    out.push(paint.mark(`hunk ${hunk.number}, line ${(hunk.regions[0]?.at ?? 0) + 1}\n`));
    let at = Math.max(0, (hunk.regions[0]?.at ?? 0) - 3);
    for (const { at: start, removed, added } of hunk.regions) {
      for (const line of base.slice(at, start)) out.push(row(line, line));
      for (let i = 0; i < Math.max(removed.length, added.length); i += 1) out.push(row(removed[i], added[i]));
      at = start + removed.length;
    }
    for (const line of base.slice(at, at + 3)) out.push(row(line, line));
  }
  return out.join('');
}
