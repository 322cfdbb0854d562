import type { ChangedFile } from './change-set.ts';
import { mergeText } from './lines.ts';
import { sha256 } from './store.ts';
import type { Operation } from './transaction.ts';
import { type Entry, type Found, findEntry, sameEntry } from './workspace-entry.ts';

/** A path on which the change set and the workspace disagree. */
export interface Conflict {
  path: string;
  reason: string;
  /** The merged text with conflict marks, where both sides are text. */
  marked?: string;
}

/** What one path is to become: `after` is undefined for a removal. */
export interface Wanted {
  path: string;
  before?: Side;
  after?: Side;
  /** No base is known: only what is already there fits. */
  drifted?: boolean;
}

export type Side =
  | { type: 'file'; content: Uint8Array; mode?: number }
  | { type: 'link'; target: string }
  | { type: 'directory' };

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
const isText = (bytes: Uint8Array) => !bytes.subarray(0, 65_536).includes(0);

function entryOf(side: Side | undefined, fallbackMode: number): Entry | undefined {
  if (!side) return undefined;
  if (side.type === 'file') return { type: 'file', hash: sha256(side.content), mode: side.mode ?? fallbackMode };
  return side;
}

const sameContent = (a: Entry | undefined, b: Entry | undefined) =>
  a?.type === 'file' && b?.type === 'file' ? a.hash === b.hash : sameEntry(a, b);

/** The permission bits a file gets: the run's own change of them, else what the workspace has. */
function modeFor(wanted: Wanted, current: Entry | undefined): number {
  const after = wanted.after?.type === 'file' ? wanted.after.mode : undefined;
  const before = wanted.before?.type === 'file' ? wanted.before.mode : undefined;
  if (current?.type === 'file' && (after === undefined || after === before)) return current.mode;
  return (after ?? 0o644) & 0o777;
}

function operation(path: string, found: Found | undefined, to: Entry | undefined, content?: Uint8Array): Operation {
  return {
    path,
    ...(found ? { from: found.entry } : {}),
    ...(to ? { to } : {}),
    ...(to?.type === 'file' && content ? { content } : {}),
  };
}

function merged(wanted: Wanted, found: Found, mode: number): Operation | Conflict {
  const { path, before, after } = wanted;
  if (before?.type !== 'file' || after?.type !== 'file' || !found.content)
    return { path, reason: 'it was changed in the workspace too' };
  if (![before.content, after.content, found.content].every(isText))
    return { path, reason: 'both sides changed it and it is not text' };
  const result = mergeText(latin1(before.content), latin1(found.content), latin1(after.content));
  if ('conflicts' in result) {
    const marked = Buffer.from(result.marked, 'latin1').toString('utf8');
    const places = result.conflicts === 1 ? 'in one place' : `in ${result.conflicts} places`;
    return { path, reason: `both sides changed it ${places}`, ...(marked ? { marked } : {}) };
  }
  const content = Buffer.from(result.merged, 'latin1');
  return operation(path, found, { type: 'file', hash: sha256(content), mode }, content);
}

/** How what is changed looks now; of a workspace, `(path) => findEntry(workspace, path)`. */
export type Look = (path: string) => Promise<Found | undefined>;

/** Decides for one path what to do with what is there now. Undefined: nothing to do. */
export async function planOne(look: Look, wanted: Wanted): Promise<Operation | Conflict | undefined> {
  const { path, before, after } = wanted;
  const found = await look(path);
  const current = found?.entry;
  const mode = modeFor(wanted, current);
  const to = entryOf(after, mode);
  if (sameEntry(current, to)) return undefined;
  if (!after && !current) return undefined;
  const start = entryOf(before, current?.type === 'file' ? current.mode : 0o644);
  const content = after?.type === 'file' ? after.content : undefined;
  if (after?.type === 'directory' && !current) return operation(path, found, to);
  if (current?.type === 'special') return { path, reason: 'a special file (device, pipe or socket) lies there' };
  const untouched = wanted.drifted ? false : sameContent(current, start);
  if (untouched || (sameContent(current, to) && current?.type === 'file')) return operation(path, found, to, content);
  if (wanted.drifted) return { path, reason: 'somebody changed it while the run did, so no common base is known' };
  if (!current) return { path, reason: 'it was removed from the workspace meanwhile' };
  if (!before)
    return { path, reason: 'the workspace got a file of this name meanwhile', ...markedCreation(found, after) };
  if (!after) return { path, reason: 'the run removed it, and it was changed in the workspace meanwhile' };
  return merged(wanted, found as Found, mode);
}

function markedCreation(found: Found | undefined, after: Side | undefined): { marked?: string } {
  if (!found?.content || after?.type !== 'file' || !isText(found.content) || !isText(after.content)) return {};
  const result = mergeText('', latin1(found.content), latin1(after.content));
  return 'marked' in result ? { marked: Buffer.from(result.marked, 'latin1').toString('utf8') } : {};
}

export interface Plan {
  operations: Operation[];
  conflicts: Conflict[];
}

/** Plans all paths; nothing is changed. */
export async function plan(on: string | Look, wanted: readonly Wanted[]): Promise<Plan> {
  const operations: Operation[] = [];
  const conflicts: Conflict[] = [];
  const look: Look = typeof on === 'string' ? (path) => findEntry(on, path) : on;
  for (const one of wanted) {
    const result = await planOne(look, one);
    if (!result) continue;
    if ('reason' in result) conflicts.push(result);
    else operations.push(result);
  }
  return { operations, conflicts };
}

/** The two sides of a stored file; `blob` reads by hash. */
export async function wantedOf(file: ChangedFile, blob: (hash: string) => Promise<Uint8Array>): Promise<Wanted> {
  const side = async (hash: string | undefined, mode: number | undefined): Promise<Side | undefined> => {
    if (hash === undefined) return file.type === 'directory' ? { type: 'directory' } : undefined;
    return { type: 'file', content: await blob(hash), ...(mode === undefined ? {} : { mode }) };
  };
  const linkAfter: Side | undefined =
    file.type === 'link' && file.target !== undefined ? { type: 'link', target: file.target } : undefined;
  const before =
    file.kind === 'created' || file.drifted
      ? undefined
      : file.typeBefore === 'link' && file.before !== undefined
        ? ({ type: 'link', target: Buffer.from(await blob(file.before)).toString('utf8') } as const)
        : await side(file.before, file.modeBefore);
  const after = file.kind === 'deleted' ? undefined : (linkAfter ?? (await side(file.after, file.mode)));
  return {
    path: file.path,
    ...(before ? { before } : {}),
    ...(after ? { after } : {}),
    ...(file.drifted ? { drifted: true } : {}),
  };
}
