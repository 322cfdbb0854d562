import { lstat, readlink } from 'node:fs/promises';
import { digestFile, digestText } from './hash.ts';
import { isAbsent } from './paths.ts';
import { typeOf } from './tree.ts';
import type { Change, FileStat } from './working-copy.ts';

/** One side of a comparison: what stands at a path, with its content's hash (of a link: of its target). */
export interface Entry {
  type: FileStat['type'];
  mode: number;
  size: number;
  hash?: string;
  binary: boolean;
  target?: string;
  changedAt: number;
}

/** Reads one path without following a link; undefined when nothing is there. */
export async function entryAt(path: string): Promise<Entry | undefined> {
  try {
    const stats = await lstat(path);
    const type = typeOf(stats);
    const found: Entry = { type, mode: stats.mode & 0o7777, size: stats.size, binary: false, changedAt: stats.ctimeMs };
    if (type === 'link') {
      const target = await readlink(path);
      return { ...found, target, hash: digestText(target) };
    }
    return type === 'file' ? { ...found, ...(await digestFile(path)) } : found;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** The change between two sides of one path; undefined when they are the same to anybody who reads them. */
export function changeBetween(path: string, before: Entry | undefined, after: Entry | undefined): Change | undefined {
  if (!before && !after) return undefined;
  const now = after ?? before;
  if (!now) return undefined;
  const modeMatters = after?.type !== 'link';
  if (before && after && before.type === after.type && before.hash === after.hash) {
    if (!modeMatters || before.mode === after.mode) return undefined;
  }
  return {
    path,
    kind: !before ? 'created' : after ? 'modified' : 'deleted',
    type: now.type,
    binary: Boolean(before?.binary || after?.binary),
    size: after?.size ?? 0,
    ...(before?.hash ? { before: before.hash } : {}),
    ...(after?.hash ? { after: after.hash } : {}),
    ...(before ? { modeBefore: before.mode } : {}),
    ...(after ? { mode: after.mode } : {}),
    ...(after?.target === undefined ? {} : { target: after.target }),
  };
}
