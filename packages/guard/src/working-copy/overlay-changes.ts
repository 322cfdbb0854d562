import { chmodSync, type Dirent, lstatSync, readdirSync, type Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { changeBetween, type Entry, entryAt } from './compare.ts';
import { codeOf, isAbsent } from './paths.ts';
import { temporaryName } from './tree.ts';
import type { Change } from './working-copy.ts';

export interface Layers {
  /** The workspace. */
  lower: string;
  upper: string;
  /** The merged view. */
  merged: string;
}

export interface OverlayOptions {
  /** Paths not to look at or below, such as caches; tested for folders and files. */
  skip: (path: string) => boolean;
  /** Placeholders of the sandbox: empty files among them are not looked at. */
  placeholder?: (path: string) => boolean;
  /** What stood at a path when the run first changed it; undefined when it was not recorded. */
  recorded: (path: string) => Entry | null | undefined;
}

export function isWhiteout(stats: Stats): boolean {
  return stats.isCharacterDevice() && stats.rdev === 0;
}

/** Without waiting: a folder takes microseconds, and handing it to a thread and back ten times that. */
export function entriesOf(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if (isAbsent(error)) return [];
    if (codeOf(error) !== 'EACCES') throw error;
    // A command took its own rights away; the folder is ours all the same.
    chmodSync(path, 0o700);
    return readdirSync(path, { withFileTypes: true });
  }
}

/** Undefined also where a file stands in the way (`throwIfNoEntry` knows only of what is missing). */
export function lstatIfThere(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

export function isEmptyFile(path: string): boolean {
  const stats = lstatIfThere(path);
  return stats?.isFile() === true && stats.size === 0;
}

const isFolder = (path: string) => lstatIfThere(path)?.isDirectory() ?? false;

interface Walk {
  layers: Layers;
  options: OverlayOptions;
  found: Change[];
}

const below = (folder: string, name: string) => (folder === '' ? name : `${folder}/${name}`);

/** Everything in which the merged view differs from the workspace, found by walking the upper layer alone. */
export async function overlayChanges(layers: Layers, options: OverlayOptions): Promise<Change[]> {
  const walk: Walk = { layers, options, found: [] };
  await visitFolder(walk, '', true);
  return walk.found.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

async function visitFolder(walk: Walk, folder: string, inLower: boolean): Promise<void> {
  const { lower, upper, merged } = walk.layers;
  const names = new Set<string>();
  for (const entry of entriesOf(join(upper, folder))) {
    names.add(entry.name);
    await visitEntry(walk, below(folder, entry.name), entry);
  }
  if (!inLower) return;
  // An opaque folder (removed and made again) has no whiteouts: what the merged view lacks was deleted. Asked of the
  // view and not of the attribute, which Node cannot read.
  const seen = new Set(entriesOf(join(merged, folder)).map((entry) => entry.name));
  for (const entry of entriesOf(join(lower, folder))) {
    if (!seen.has(entry.name) && !names.has(entry.name)) await deleted(walk, below(folder, entry.name));
  }
}

async function visitEntry(walk: Walk, path: string, entry: Dirent): Promise<void> {
  if (temporaryName.test(entry.name) || walk.options.skip(path)) return;
  const place = join(walk.layers.upper, path);
  if (entry.isCharacterDevice() && isWhiteout(await lstat(place))) return deleted(walk, path);
  if (!entry.isDirectory()) {
    if (walk.options.placeholder?.(path) && isEmptyFile(place)) return;
    return compared(walk, path, place);
  }
  const inLower = isFolder(join(walk.layers.lower, path));
  if (!inLower) {
    const before = await baseOf(walk, path);
    const children = entriesOf(place);
    if (before || children.length === 0) add(walk, path, before, await entryAt(place));
  }
  await visitFolder(walk, path, inLower);
}

async function compared(walk: Walk, path: string, place: string): Promise<void> {
  if (isFolder(join(walk.layers.lower, path))) await deletedBelow(walk, path);
  const stats = await lstat(place).catch(() => undefined);
  const after = await entryAt(place);
  // Gone between listing and looking: a command is still at work.
  if (stats && after) add(walk, path, await baseOf(walk, path, stats.birthtimeMs), after);
}

interface Base extends Entry {
  drifted?: boolean;
}

/**
 * What the run's change started from: as recorded when it was first seen, else what the workspace holds now. The latter
 * is not the base when it was changed after the run's own copy was made.
 */
async function baseOf(walk: Walk, path: string, copied?: number): Promise<Base | undefined> {
  const recorded = walk.options.recorded(path);
  if (recorded !== undefined) return recorded ?? undefined;
  const now = await entryAt(join(walk.layers.lower, path));
  return now && copied !== undefined && now.changedAt > copied ? { ...now, drifted: true } : now;
}

function add(walk: Walk, path: string, before: Base | undefined, after: Entry | undefined): void {
  const change = changeBetween(path, before, after);
  if (!change) return;
  if (before?.drifted) {
    const { before: _unknown, ...rest } = change;
    walk.found.push({ ...rest, drifted: true });
  } else walk.found.push(change);
}

async function deleted(walk: Walk, path: string): Promise<void> {
  if (walk.options.skip(path)) return;
  const marker = await lstat(join(walk.layers.upper, path)).catch(() => undefined);
  const before = await baseOf(walk, path, marker && isWhiteout(marker) ? marker.ctimeMs : undefined);
  add(walk, path, before, undefined);
  if (before?.type === 'directory') await deletedBelow(walk, path);
}

async function deletedBelow(walk: Walk, path: string): Promise<void> {
  for (const entry of entriesOf(join(walk.layers.lower, path))) await deleted(walk, below(path, entry.name));
}
