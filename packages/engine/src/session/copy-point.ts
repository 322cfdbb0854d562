import type { Change, WorkingCopy } from '@ambit/guard/working-copy';
import type { Blobs } from '../checkpoint/index.ts';
import { derivedFolders } from './files.ts';

/** How the working copy differed from the workspace at one moment. */
export interface CopyPoint {
  files: CopyPointFile[];
  /** What is not kept: links, special files, very large ones. */
  notCovered: string[];
}

export type CopyPointFile = { path: string; gone: true } | { path: string; hash: string; mode: number };

/** One file; larger ones are output, not work. */
const fileMost = 8 * 1024 * 1024;
/** All files of one point together. */
const totalMost = 128 * 1024 * 1024;

/** Rebuilt rather than kept; what a command left there stays as it is. */
const isDerived = (path: string) => path.split('/').some((segment) => derivedFolders.has(segment));

async function changesOf(copy: WorkingCopy): Promise<Change[]> {
  if (!copy.made) return [];
  return (await copy.changes({ skip: isDerived })).filter(({ type }) => type !== 'directory');
}

/** Keeps how the working copy differs now. Costs nothing before the run's first change. */
export async function saveCopyPoint(copy: WorkingCopy, blobs: Blobs): Promise<CopyPoint> {
  const point: CopyPoint = { files: [], notCovered: [] };
  let room = totalMost;
  for (const { path, kind, type, size, mode } of await changesOf(copy)) {
    if (kind === 'deleted') point.files.push({ path, gone: true });
    else if (type !== 'file' || size > fileMost || size > room) point.notCovered.push(path);
    else {
      room -= size;
      point.files.push({ path, hash: await blobs.put(await copy.read(path)), mode: mode ?? 0o644 });
    }
  }
  return point;
}

/** Puts the working copy back to a point; paths that changed by it, sorted. What the point does not cover stays. */
export async function restoreCopyPoint(copy: WorkingCopy, point: CopyPoint, blobs: Blobs): Promise<string[]> {
  // Read first: a damaged blob must not leave the copy half restored.
  const wanted = new Map<string, { content: Uint8Array; mode: number } | undefined>();
  for (const file of point.files)
    wanted.set(file.path, 'gone' in file ? undefined : { content: await blobs.get(file.hash), mode: file.mode });
  const restored = new Set<string>();
  const notCovered = new Set(point.notCovered);
  for (const { path, kind, modeBefore } of await changesOf(copy)) {
    if (wanted.has(path) || notCovered.has(path)) continue;
    const base = kind === 'created' ? undefined : await copy.base(path);
    if (base) await copy.write(path, base, modeBefore);
    else if (kind === 'created') await copy.remove(path);
    else continue;
    restored.add(path);
  }
  for (const [path, held] of wanted) {
    const there = await copy.exists(path);
    if (!held) {
      if (there) await copy.remove(path);
      if (there) restored.add(path);
      continue;
    }
    const same = there && Buffer.from(await copy.read(path)).equals(held.content);
    await copy.write(path, held.content, held.mode);
    if (!same) restored.add(path);
  }
  return [...restored].sort();
}
