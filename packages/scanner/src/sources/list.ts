import { type Dirent, lstatSync, readdirSync, type Stats } from 'node:fs';
import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '@ambit/core/errors';
import type { Gap } from '../engine.ts';
import { type IgnoreFile, parseIgnore } from './ignore.ts';

export interface ListedFile {
  /** Relative to the root, with forward slashes. */
  path: string;
  size: number;
  modified: number;
}

export interface Listing {
  files: ListedFile[];
  gaps: Gap[];
}

export interface ListOptions {
  /** Also what ignore files and the list below leave out. */
  everything?: boolean;
  signal?: AbortSignal;
}

/** Installed or built by tools, in no project a source. */
const neverSources: ReadonlySet<string> = new Set([
  ...['.git', '.hg', '.svn', 'node_modules', 'bower_components', '.venv', 'venv', '__pycache__', '.tox', '.mypy_cache'],
  ...['.next', '.nuxt', '.svelte-kit', '.turbo', '.gradle', '.terraform', '.pytest_cache', '.ruff_cache', '.yarn'],
]);

const ignoreFiles = ['.gitignore', '.kiroignore', '.ambitignore'];

interface Level {
  /** The folder of the ignore files, relative to the root, '' or with a slash behind. */
  base: string;
  files: IgnoreFile[];
}

function isIgnored(levels: readonly Level[], path: string, folder: boolean): boolean {
  for (let i = levels.length - 1; i >= 0; i -= 1) {
    const level = levels[i];
    if (!level) continue;
    for (const file of level.files) {
      const verdict = file.verdict(path.slice(level.base.length), folder);
      if (verdict !== undefined) return verdict;
    }
  }
  return false;
}

async function levelOf(root: string, base: string, names: ReadonlySet<string>): Promise<Level | undefined> {
  const present = ignoreFiles.filter((name) => names.has(name));
  const texts = await Promise.all(present.map((name) => readFile(join(root, base, name), 'utf8').catch(() => '')));
  return texts.length === 0 ? undefined : { base, files: texts.map(parseIgnore) };
}

/** So many folders are read before others have a turn: an abort is heard, a progress bar moves. */
const FOLDERS_AT_ONCE = 64;

function entriesOf(root: string, base: string, gaps: Gap[]): Dirent[] {
  try {
    return readdirSync(join(root, base), { withFileTypes: true });
  } catch (error) {
    gaps.push({ file: base || '.', reason: `the folder cannot be read: ${messageOf(error)}` });
    return [];
  }
}

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/**
 * Lists the files below `root`, symbolic links left out (what they point to is listed where it stands, or lies outside).
 * A folder that cannot be read is a gap.
 */
export async function listFiles(root: string, options: ListOptions = {}): Promise<Listing> {
  const listing: Listing = { files: [], gaps: [] };
  let visited = 0;
  const visit = async (base: string, above: readonly Level[]): Promise<void> => {
    options.signal?.throwIfAborted();
    if (++visited % FOLDERS_AT_ONCE === 0) await new Promise((resolve) => setImmediate(resolve));
    const entries = entriesOf(root, base, listing.gaps);
    const level = options.everything
      ? undefined
      : await levelOf(root, base, new Set(entries.map((entry) => entry.name)));
    const levels = level ? [...above, level] : above;
    const folders: string[] = [];
    for (const entry of entries) {
      const path = base + entry.name;
      if (entry.isDirectory()) {
        if (!options.everything && (neverSources.has(entry.name) || isIgnored(levels, path, true))) continue;
        folders.push(`${path}/`);
      } else if (entry.isFile() && (options.everything || !isIgnored(levels, path, false))) {
        const stat = statOf(join(root, path));
        if (stat) listing.files.push({ path, size: stat.size, modified: stat.mtimeMs });
        else listing.gaps.push({ file: path, reason: 'the file went away while it was listed' });
      }
    }
    for (const folder of folders) await visit(folder, levels);
  };
  await visit('', []);
  listing.files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return listing;
}

/** The listing of files that were named; one that is not there is a gap. */
export async function listNamed(root: string, paths: readonly string[]): Promise<Listing> {
  const listing: Listing = { files: [], gaps: [] };
  for (const path of paths) {
    const stat = await lstat(join(root, path)).catch(() => undefined);
    if (stat?.isFile()) listing.files.push({ path, size: stat.size, modified: stat.mtimeMs });
    else listing.gaps.push({ file: path, reason: 'there is no such regular file' });
  }
  return listing;
}
