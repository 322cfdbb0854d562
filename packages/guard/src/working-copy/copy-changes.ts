import { lstat, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { changeBetween, type Entry, entryAt } from './compare.ts';
import { digestText } from './hash.ts';
import { entriesOf } from './overlay-changes.ts';
import { temporaryName, typeOf } from './tree.ts';
import type { Change, FileStat } from './working-copy.ts';

/** How each path looked right after the copy was made. */
export type CopyManifest = ReadonlyMap<string, ManifestEntry>;

interface ManifestEntry {
  type: FileStat['type'];
  size: number;
  mode: number;
  modified: number;
  /** Time of the last change of any kind, which a program cannot set: same time, same file. */
  changed: number;
  inode: number;
  target?: string;
}

async function manifestEntry(path: string): Promise<ManifestEntry> {
  const stats = await lstat(path);
  const type = typeOf(stats);
  return {
    type,
    size: stats.size,
    mode: stats.mode & 0o7777,
    modified: stats.mtimeMs,
    changed: stats.ctimeMs,
    inode: stats.ino,
    ...(type === 'link' ? { target: await readlink(path) } : {}),
  };
}

async function* walk(
  tree: string,
  folder: string,
  skip: (path: string) => boolean,
): AsyncGenerator<{ path: string; folder: boolean; empty: boolean }> {
  const entries = await entriesOf(join(tree, folder));
  for (const entry of entries) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (temporaryName.test(entry.name) || skip(path)) continue;
    if (!entry.isDirectory()) yield { path, folder: false, empty: false };
    else {
      let empty = true;
      for await (const below of walk(tree, path, skip)) {
        empty = false;
        yield below;
      }
      yield { path, folder: true, empty };
    }
  }
}

export async function manifestOf(tree: string): Promise<CopyManifest> {
  const manifest = new Map<string, ManifestEntry>();
  for await (const { path } of walk(tree, '', () => false)) manifest.set(path, await manifestEntry(join(tree, path)));
  return manifest;
}

/** Everything in which the copy differs from how it was made. */
export async function copyChanges(
  tree: string,
  workspace: string,
  manifest: CopyManifest,
  skip: (path: string) => boolean,
): Promise<Change[]> {
  const found: Change[] = [];
  const seen = new Set<string>();
  for await (const { path, folder, empty } of walk(tree, '', skip)) {
    seen.add(path);
    const before = manifest.get(path);
    if (folder && (before?.type === 'directory' || (!empty && !before))) continue;
    const now = await manifestEntry(join(tree, path));
    if (before && now.changed === before.changed && now.inode === before.inode && now.size === before.size) continue;
    await add(found, path, workspace, before, await entryAt(join(tree, path)));
  }
  for (const [path, before] of manifest) {
    if (!seen.has(path) && !skippedAbove(path, skip)) await add(found, path, workspace, before, undefined);
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

function skippedAbove(path: string, skip: (path: string) => boolean): boolean {
  for (let end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1))
    if (skip(path.slice(0, end))) return true;
  return skip(path);
}

async function add(
  found: Change[],
  path: string,
  workspace: string,
  before: ManifestEntry | undefined,
  after: Entry | undefined,
): Promise<void> {
  const { base, drifted } = await baseEntry(join(workspace, path), before);
  const change = changeBetween(path, base, after);
  if (change) found.push(drifted ? { ...change, drifted: true } : change);
}

/** The workspace's file is the base as long as nobody changed it since the copy was made (the copy keeps its times). */
async function baseEntry(
  original: string,
  before: ManifestEntry | undefined,
): Promise<{ base: Entry | undefined; drifted: boolean }> {
  if (!before) return { base: undefined, drifted: false };
  const { type, mode, size, target, changed } = before;
  const bare: Entry = { type, mode, size, binary: false, changedAt: changed };
  if (target !== undefined) return { base: { ...bare, target, hash: digestText(target) }, drifted: false };
  if (type !== 'file') return { base: bare, drifted: false };
  const stats = await lstat(original).catch(() => undefined);
  const same = stats?.isFile() && stats.size === size && stats.mtimeMs === before.modified;
  const now = same ? await entryAt(original) : undefined;
  return now?.hash
    ? { base: { ...bare, hash: now.hash, binary: now.binary }, drifted: false }
    : { base: bare, drifted: true };
}
