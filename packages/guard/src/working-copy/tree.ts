import { randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { chmod, cp, type FileHandle, lstat, mkdir, open, readdir, readlink, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
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

/** A folder on the way to a path; `at(name)` is a path whose last step alone is resolved by the system. */
interface Place {
  at(name: string): string;
  self: string;
  release(): Promise<void>;
}

// SECURITY: each folder is opened by the handle of the one above it without following links, so that nothing swapped
// in between can lead outside (test «a folder swapped for a link»). Where /proc/self/fd is missing, links are checked
// just before use instead.
async function stepByHandle(path: string, place: Place, name: string): Promise<Place> {
  let handle: FileHandle;
  try {
    handle = await open(place.at(name), directoryFlags);
  } catch (error) {
    const stats = await lstat(place.at(name)).catch(() => undefined);
    if (stats?.isSymbolicLink()) throw refused(path, `\`${name}\` is a link`);
    throw error;
  } finally {
    await place.release();
  }
  return placeOf(handle);
}

function placeOf(handle: FileHandle): Place {
  const self = `/proc/self/fd/${handle.fd}`;
  return { self, at: (name) => `${self}/${name}`, release: () => handle.close() };
}

async function stepByPath(path: string, place: Place, name: string): Promise<Place> {
  const self = place.at(name);
  const stats = await lstat(self);
  if (stats.isSymbolicLink()) throw refused(path, `\`${name}\` is a link`);
  if (!stats.isDirectory()) throw Object.assign(new Error(`not a directory: ${path}`), { code: 'ENOTDIR' });
  return { self, at: (child) => join(self, child), release: async () => undefined };
}

async function openRoot(root: string): Promise<Place> {
  if (byHandle) return placeOf(await open(root, constants.O_RDONLY | constants.O_DIRECTORY));
  return { self: root, at: (name) => join(root, name), release: async () => undefined };
}

async function makeFolder(place: Place, name: string, owner?: Owner): Promise<void> {
  try {
    await mkdir(place.at(name), 0o755);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    throw error;
  }
  if (owner) await chownAt(place.at(name), directoryFlags, owner);
}

async function chownAt(path: string, flags: number, owner: Owner): Promise<void> {
  const handle = await open(path, flags);
  try {
    await handle.chown(owner.uid, owner.gid);
  } finally {
    await handle.close();
  }
}

async function descend(root: string, path: string, segments: string[], create?: { owner?: Owner }): Promise<Place> {
  let place = await openRoot(root);
  for (const name of segments) {
    try {
      if (create) await makeFolder(place, name, create.owner);
    } catch (error) {
      await place.release();
      throw error;
    }
    place = byHandle ? await stepByHandle(path, place, name) : await stepByPath(path, place, name);
  }
  return place;
}

async function atParent<T>(
  root: string,
  path: string,
  use: (entry: string, place: Place) => Promise<T>,
  create?: { owner?: Owner },
): Promise<T> {
  const segments = segmentsOf(path);
  const name = segments.pop();
  if (name === undefined) throw refused(path, 'it is the workspace itself');
  const place = await descend(root, path, segments, create);
  try {
    return await use(place.at(name), place);
  } finally {
    await place.release();
  }
}

export async function statIn(root: string, path: string): Promise<FileStat | undefined> {
  try {
    if (segmentsOf(path).length === 0) return toFileStat(await lstat(root));
    return await atParent(root, path, async (entry) => toFileStat(await lstat(entry)));
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** Content of a regular file. A link, device, pipe or socket is refused, and never waited for. */
export function readIn(root: string, path: string): Promise<Uint8Array> {
  return atParent(root, path, async (entry) => {
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    let handle: FileHandle;
    try {
      handle = await open(entry, flags);
    } catch (error) {
      if (codeOf(error) === 'ELOOP') throw refused(path, 'it is a link');
      if (codeOf(error) === 'ENXIO') throw refused(path, 'it is a socket or a pipe');
      throw error;
    }
    try {
      const stats = await handle.stat();
      if (!stats.isFile()) throw refused(path, stats.isDirectory() ? 'it is a folder' : 'it is a device or a pipe');
      return new Uint8Array(await handle.readFile());
    } finally {
      await handle.close();
    }
  });
}

export function readLinkIn(root: string, path: string): Promise<string> {
  return atParent(root, path, (entry) => readlink(entry));
}

export async function listIn(root: string, path: string): Promise<{ name: string; type: FileStat['type'] }[]> {
  const place = await descend(root, path, segmentsOf(path));
  try {
    const entries = await readdir(place.self, { withFileTypes: true });
    return entries
      .map((entry) => ({ name: entry.name, type: typeOf(entry) }))
      .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  } finally {
    await place.release();
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
      const old = await lstat(entry).catch(() => undefined);
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
export async function makeFolderIn(root: string, path: string, owner?: Owner): Promise<void> {
  const place = await descend(root, path, segmentsOf(path), owner ? { owner } : {});
  await place.release();
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

/** Removes a whole tree, also folders that a command made unreadable. */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    if (codeOf(error) !== 'EACCES' && codeOf(error) !== 'EPERM') throw error;
    await openUp(path);
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** The first attempt may still be at work on other branches: what is gone meanwhile is no error. */
async function openUp(path: string): Promise<void> {
  const stats = await lstat(path).catch(() => undefined);
  if (!stats?.isDirectory()) return;
  if ((stats.mode & 0o700) !== 0o700) await chmod(path, 0o700).catch(() => undefined);
  const entries = await readdir(path, { withFileTypes: true }).catch((error: unknown) => {
    if (isAbsent(error)) return [];
    throw error;
  });
  for (const entry of entries) if (entry.isDirectory()) await openUp(join(path, entry.name));
}
