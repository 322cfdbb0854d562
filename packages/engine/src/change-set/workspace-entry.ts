import { constants } from 'node:fs';
import { lstat, open, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { AmbitError } from '@ambit/core/errors';
import { sha256 } from './store.ts';

/** What lies at a path of the workspace, without following links. */
export type Entry =
  | { type: 'file'; hash: string; mode: number }
  | { type: 'link'; target: string }
  | { type: 'directory' }
  | { type: 'special' };

export interface Found {
  entry: Entry;
  content?: Uint8Array;
  owner: { uid: number; gid: number };
}

const missing = new Set(['ENOENT', 'ENOTDIR']);
const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code ?? '';

/** SECURITY: a stored path is data; one that leaves the workspace is refused (apply.test.ts, «leaves the workspace»). */
export function checkPath(path: string): void {
  const segments = path.split('/');
  const sound =
    path !== '' && !path.includes('\0') && segments.every((one) => one !== '' && one !== '.' && one !== '..');
  if (sound && !(process.platform === 'win32' && /[\\:]/.test(path))) return;
  throw new AmbitError('denied', `\`${path}\` is not a path inside the workspace`, { where: path });
}

/**
 * SECURITY: every folder on the way must be a real folder, so that nothing is read or written through a link
 * (apply.test.ts, «through a link»). False when a folder on the way does not exist.
 */
export async function checkParents(workspace: string, path: string): Promise<boolean> {
  checkPath(path);
  const segments = path.split('/').slice(0, -1);
  let folder = workspace;
  for (const segment of segments) {
    folder = join(folder, segment);
    const found = await lstat(folder).catch((error: unknown) => {
      if (missing.has(codeOf(error))) return undefined;
      throw error;
    });
    if (!found) return false;
    if (found.isSymbolicLink())
      throw new AmbitError('denied', `\`${path}\` passes through a link`, {
        where: folder,
        hint: 'nothing was changed; replace the link by a folder, or leave this file out',
      });
    if (!found.isDirectory()) return false;
  }
  return true;
}

/** Reads what is at a path; undefined when nothing is. */
export async function findEntry(workspace: string, path: string): Promise<Found | undefined> {
  if (!(await checkParents(workspace, path))) return undefined;
  const absolute = join(workspace, path);
  const found = await lstat(absolute).catch((error: unknown) => {
    if (missing.has(codeOf(error))) return undefined;
    throw error;
  });
  if (!found) return undefined;
  const owner = { uid: found.uid, gid: found.gid };
  if (found.isSymbolicLink()) return { entry: { type: 'link', target: await readlink(absolute) }, owner };
  if (found.isDirectory()) return { entry: { type: 'directory' }, owner };
  if (!found.isFile()) return { entry: { type: 'special' }, owner };
  const file = await open(absolute, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  try {
    const content = await file.readFile();
    return { entry: { type: 'file', hash: sha256(content), mode: found.mode & 0o777 }, content, owner };
  } finally {
    await file.close();
  }
}

/** Same kind and content; permission bits count for files. */
export function sameEntry(a: Entry | undefined, b: Entry | undefined): boolean {
  if (!a || !b) return a === b;
  if (a.type === 'file' && b.type === 'file') return a.hash === b.hash && a.mode === b.mode;
  if (a.type === 'link' && b.type === 'link') return a.target === b.target;
  return a.type === b.type && a.type === 'directory';
}
