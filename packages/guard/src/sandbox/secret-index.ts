import { type BigIntStats, type Dirent, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { writeAtomic } from '../state/index.ts';

/** Where what was found is kept, and what the finding depends on beside the folders. */
export interface IndexPlace {
  file: string;
  /** Of the rules and the program that reads them: another one makes everything be looked at again. */
  key: string;
}

export interface SearchOptions {
  isSecret: (path: string) => boolean;
  /** Folders of this name are not looked into. */
  passed: ReadonlySet<string>;
  /** Entries after which the search ends. */
  most: number;
  index?: IndexPlace;
}

export interface SearchResult {
  /** Secret files and special files, relative to the root. */
  secrets: string[];
  /** Where links lead that leave the root, as absolute paths. */
  outward: string[];
  /** Folders that were not looked at any more. */
  rest: string[];
}

/** A folder as it was found: `mark` tells whether its entries can have changed since. */
interface Folder {
  mark: string;
  folders: string[];
  secrets: string[];
  outward: string[];
  count: number;
}

/** Of what is kept: an index of another version is made anew. */
const version = 2;

interface Stored {
  version: number;
  key: string;
  /** Milliseconds; a folder changed in the two seconds before may have changed once more without a new mark. */
  at: number;
  folders: Record<string, Folder>;
}

const racyMilliseconds = 2_000;
/** Folders after which others get their turn. */
const foldersAtOnce = 200;

function readIndex(place: IndexPlace | undefined): Stored | undefined {
  if (!place) return undefined;
  try {
    const stored = JSON.parse(readFileSync(place.file, 'utf8')) as Stored;
    return stored.key === place.key && stored.version === version && typeof stored.at === 'number' ? stored : undefined;
  } catch {
    return undefined;
  }
}

function statsOf(path: string): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

function listed(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}

/** Where a link of the root leads to when that is not in the root; one step only, nothing is followed. */
export function leadsOutward(root: string, path: string): string | undefined {
  try {
    const link = join(root, path);
    const target = resolve(dirname(link), readlinkSync(link));
    return target === root || target.startsWith(`${root}/`) ? undefined : target;
  } catch {
    return undefined;
  }
}

function lookInto(root: string, folder: string, mark: string, options: SearchOptions): Folder {
  const found: Folder = { mark, folders: [], secrets: [], outward: [], count: 0 };
  for (const entry of listed(join(root, folder))) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    found.count += 1;
    if (entry.isDirectory() && !options.passed.has(entry.name)) found.folders.push(path);
    const outward = entry.isSymbolicLink() ? leadsOutward(root, path) : undefined;
    if (outward !== undefined) found.outward.push(outward);
    // A socket leads to a process of this machine, whatever it is named.
    const special = !entry.isDirectory() && !entry.isFile() && !entry.isSymbolicLink();
    if (special || (!entry.isSymbolicLink() && options.isSecret(path))) found.secrets.push(path);
  }
  return found;
}

/**
 * Secret files below a folder. Looks only into folders whose entries have changed since the last time: a folder's times
 * change with every entry that is made, removed or renamed in it, and nothing but names and kinds matters here.
 * SECURITY: held by secret-index.test.ts (a file made, renamed, replaced and moved in with its folder is found).
 */
export async function searchSecrets(root: string, options: SearchOptions): Promise<SearchResult> {
  const stored = readIndex(options.index);
  const trusted = stored ? stored.at - racyMilliseconds : 0;
  const folders: Record<string, Folder> = {};
  const result: SearchResult = { secrets: [], outward: [], rest: [] };
  const queue = [''];
  const at = Date.now();
  let [seen, looked, visited] = [0, 0, 0];
  for (let folder = queue.pop(); folder !== undefined; folder = queue.pop()) {
    if (seen > options.most) {
      result.rest.push(folder, ...queue);
      return result;
    }
    const stats = statsOf(join(root, folder));
    // Gone, or no folder any more: what took its place is an entry of the folder above, which is looked at anew.
    if (!stats?.isDirectory()) continue;
    const mark = `${stats.dev}:${stats.ino}:${stats.mtimeNs}:${stats.ctimeNs}`;
    const before = stored?.folders[folder];
    const settled = Number(stats.ctimeNs / 1_000_000n) < trusted && Number(stats.mtimeNs / 1_000_000n) < trusted;
    const known = settled && before?.mark === mark ? before : undefined;
    const found = known ?? lookInto(root, folder, mark, options);
    if (!known) looked += 1;
    folders[folder] = found;
    seen += found.count;
    for (const path of found.secrets) result.secrets.push(path);
    for (const path of found.outward) result.outward.push(path);
    for (const path of found.folders) queue.push(path);
    visited += 1;
    if (visited % foldersAtOnce === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  if (options.index && looked > 0) await keep(options.index, { version, key: options.index.key, at, folders });
  return result;
}

async function keep(place: IndexPlace, stored: Stored): Promise<void> {
  try {
    await writeAtomic(place.file, JSON.stringify(stored));
  } catch {
    // Looked for again next time.
  }
}
