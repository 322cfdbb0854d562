import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
  type Dirent,
  fchmodSync,
  fchownSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFile,
  readFileSync,
  rmdirSync,
  type Stats,
  unlinkSync,
} from 'node:fs';
import { cp, open, readlink, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { codeOf, isAbsent, refused, segmentsOf } from './paths.ts';
import type { FileStat } from './working-copy.ts';

const directoryFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const byHandle = process.platform === 'linux';

/** Names of half-written files: never part of a change set. */
export const temporaryName = /^\.ambit-[0-9a-f]{12}\.tmp$/;

/** The owner that new files get when Ambit runs as root in somebody else's workspace. */
export interface Owner {
  uid: number;
  gid: number;
}

export function typeOf(stats: Pick<Stats, 'isFile' | 'isDirectory' | 'isSymbolicLink'>): FileStat['type'] {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  return stats.isSymbolicLink() ? 'link' : 'special';
}

function toFileStat(stats: Stats): FileStat {
  return {
    type: typeOf(stats),
    size: stats.size,
    mode: stats.mode & 0o7777,
    modified: stats.mtimeMs,
    links: stats.nlink,
    device: stats.dev,
    inode: stats.ino,
  };
}

/**
 * A folder on the way to a path; `at(name)` is a path whose last step alone is resolved by the system. Walked without
 * waiting: each step takes microseconds, and handing it to a thread and back ten times that.
 */
interface Place {
  at(name: string): string;
  self: string;
  release(): void;
}

// SECURITY: each folder is opened by the handle of the one above it without following links, so that nothing swapped
// in between can lead outside (test «a folder swapped for a link»). Where /proc/self/fd is missing, links are checked
// just before use instead.
function stepByHandle(path: string, place: Place, name: string): Place {
  try {
    return placeOf(openSync(place.at(name), directoryFlags));
  } catch (error) {
    if (isLink(place.at(name))) throw refused(path, `\`${name}\` is a link`);
    throw error;
  } finally {
    place.release();
  }
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
  } catch {
    return false;
  }
}

function placeOf(handle: number): Place {
  const self = `/proc/self/fd/${handle}`;
  return { self, at: (name) => `${self}/${name}`, release: () => closeSync(handle) };
}

function stepByPath(path: string, place: Place, name: string): Place {
  const self = place.at(name);
  const stats = lstatSync(self);
  if (stats.isSymbolicLink()) throw refused(path, `\`${name}\` is a link`);
  if (!stats.isDirectory()) throw Object.assign(new Error(`not a directory: ${path}`), { code: 'ENOTDIR' });
  return { self, at: (child) => join(self, child), release: () => undefined };
}

function openRoot(root: string): Place {
  if (byHandle) return placeOf(openSync(root, constants.O_RDONLY | constants.O_DIRECTORY));
  return { self: root, at: (name) => join(root, name), release: () => undefined };
}

function makeFolder(place: Place, name: string, owner?: Owner): void {
  try {
    mkdirSync(place.at(name), 0o755);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    throw error;
  }
  if (owner) chownAt(place.at(name), directoryFlags, owner);
}

function chownAt(path: string, flags: number, owner: Owner): void {
  const handle = openSync(path, flags);
  try {
    fchownSync(handle, owner.uid, owner.gid);
  } finally {
    closeSync(handle);
  }
}

function descend(root: string, path: string, segments: string[], create?: { owner?: Owner }): Place {
  let place = openRoot(root);
  for (const name of segments) {
    try {
      if (create) makeFolder(place, name, create.owner);
    } catch (error) {
      place.release();
      throw error;
    }
    place = byHandle ? stepByHandle(path, place, name) : stepByPath(path, place, name);
  }
  return place;
}

async function atParent<T>(
  root: string,
  path: string,
  use: (entry: string, place: Place) => T | Promise<T>,
  create?: { owner?: Owner },
): Promise<T> {
  const segments = segmentsOf(path);
  const name = segments.pop();
  if (name === undefined) throw refused(path, 'it is the workspace itself');
  const place = descend(root, path, segments, create);
  try {
    return await use(place.at(name), place);
  } finally {
    place.release();
  }
}

export async function statIn(root: string, path: string): Promise<FileStat | undefined> {
  try {
    if (segmentsOf(path).length === 0) return toFileStat(lstatSync(root));
    return await atParent(root, path, (entry) => toFileStat(lstatSync(entry)));
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** Larger files are read while others get their turn. */
const readAtOnce = 256 * 1024;

/** Content of a regular file. A link, device, pipe or socket is refused, and never waited for. */
export function readIn(root: string, path: string): Promise<Uint8Array> {
  return atParent(root, path, async (entry) => {
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    let handle: number;
    try {
      handle = openSync(entry, flags);
    } catch (error) {
      if (codeOf(error) === 'ELOOP') throw refused(path, 'it is a link');
      if (codeOf(error) === 'ENXIO') throw refused(path, 'it is a socket or a pipe');
      throw error;
    }
    try {
      const stats = fstatSync(handle);
      if (!stats.isFile()) throw refused(path, stats.isDirectory() ? 'it is a folder' : 'it is a device or a pipe');
      return new Uint8Array(stats.size <= readAtOnce ? readFileSync(handle) : await promisify(readFile)(handle));
    } finally {
      closeSync(handle);
    }
  });
}

export function readLinkIn(root: string, path: string): Promise<string> {
  return atParent(root, path, (entry) => readlink(entry));
}

export async function listIn(root: string, path: string): Promise<{ name: string; type: FileStat['type'] }[]> {
  const place = descend(root, path, segmentsOf(path));
  try {
    const entries = readdirSync(place.self, { withFileTypes: true });
    return entries
      .map((entry) => ({ name: entry.name, type: typeOf(entry) }))
      .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  } finally {
    place.release();
  }
}

/** Replaces or creates a regular file in one step: a crash leaves the old or the new content. */
export function writeIn(
  root: string,
  path: string,
  content: string | Uint8Array,
  options: { mode?: number; owner?: Owner } = {},
): Promise<void> {
  const create = options.owner ? { owner: options.owner } : {};
  return atParent(
    root,
    path,
    async (entry, place) => {
      const old = lstatSync(entry, { throwIfNoEntry: false });
      if (old?.isSymbolicLink()) throw refused(path, 'it is a link');
      if (old && !old.isFile()) throw refused(path, old.isDirectory() ? 'it is a folder' : 'it is a device or a pipe');
      const mode = options.mode ?? (old ? old.mode & 0o777 : 0o644);
      const temporary = place.at(`.ambit-${randomBytes(6).toString('hex')}.tmp`);
      try {
        await writeNew(temporary, content, mode, options.owner);
        await rename(temporary, entry);
      } catch (error) {
        await rm(temporary, { force: true }).catch(() => undefined);
        throw error;
      }
    },
    create,
  );
}

async function writeNew(path: string, content: string | Uint8Array, mode: number, owner?: Owner): Promise<void> {
  const handle = await open(path, 'wx', mode);
  try {
    await handle.writeFile(content);
    if (owner) await handle.chown(owner.uid, owner.gid);
    await handle.chmod(mode);
  } finally {
    await handle.close();
  }
}

/** Makes a folder and those above it. */
export function makeFolderIn(root: string, path: string, owner?: Owner): void {
  descend(root, path, segmentsOf(path), owner ? { owner } : {}).release();
}

/** Makes an empty file that does not exist yet, and the folders above it. */
export function makeEmptyIn(root: string, path: string, owner?: Owner): void {
  const segments = segmentsOf(path);
  const name = segments.pop();
  if (name === undefined) throw refused(path, 'it is the workspace itself');
  const place = descend(root, path, segments, owner ? { owner } : {});
  try {
    const handle = openSync(place.at(name), 'wx', 0o644);
    try {
      if (owner) fchownSync(handle, owner.uid, owner.gid);
      fchmodSync(handle, 0o644);
    } finally {
      closeSync(handle);
    }
  } finally {
    place.release();
  }
}

export function removeIn(root: string, path: string): Promise<void> {
  return atParent(root, path, (entry) => rm(entry, { recursive: true }));
}

export function moveIn(root: string, from: string, to: string, owner?: Owner): Promise<void> {
  return atParent(root, from, (source) =>
    atParent(
      root,
      to,
      async (target) => {
        try {
          await rename(source, target);
        } catch (error) {
          // A folder of the lower layer cannot be renamed in an overlay: copied and removed instead, as mv does.
          if (codeOf(error) !== 'EXDEV') throw error;
          await cp(source, target, {
            recursive: true,
            verbatimSymlinks: true,
            preserveTimestamps: true,
            errorOnExist: true,
            force: false,
          });
          await rm(source, { recursive: true });
        }
      },
      owner ? { owner } : {},
    ),
  );
}

/** Entries that are removed before others get their turn. */
const removedAtOnce = 500;

/** Removes a whole tree, also folders that a command made unreadable. What is gone meanwhile is no error. */
export async function removeTree(path: string): Promise<void> {
  let removed = 0;
  const visit = async (at: string): Promise<void> => {
    for (const entry of openedEntries(at)) {
      const child = join(at, entry.name);
      if (entry.isDirectory()) await visit(child);
      else ifThere(() => unlinkSync(child));
      removed += 1;
      if (removed % removedAtOnce === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    ifThere(() => rmdirSync(at));
  };
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats?.isDirectory()) await visit(path);
  else if (stats) ifThere(() => unlinkSync(path));
}

function ifThere(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
}

/** Entries of a folder that can also be removed from it. */
function openedEntries(path: string): Dirent[] {
  try {
    const { mode } = lstatSync(path);
    if ((mode & 0o700) !== 0o700) chmodSync(path, 0o700);
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}
