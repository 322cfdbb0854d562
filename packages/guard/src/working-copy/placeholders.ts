import { randomBytes } from 'node:crypto';
import { renameSync, statSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { listIn, statIn } from './tree.ts';
import type { Change } from './working-copy.ts';

/**
 * Empty files and folders that the sandbox put where a protected path did not exist, to have something to mount on. They
 * are no change of the run as long as they are empty.
 */
export interface Placeholders {
  all(): string[];
  has(path: string): boolean;
  covers(change: Change): boolean;
  add(paths: readonly string[]): Promise<void>;
}

export async function readPlaceholders(state: string): Promise<Placeholders> {
  const file = join(state, 'placeholders.json');
  const text = await readFile(file, 'utf8').catch(() => '[]');
  let known: Set<string>;
  try {
    known = new Set(JSON.parse(text) as string[]);
  } catch {
    known = new Set();
  }
  return {
    all: () => [...known].sort(),
    has: (path) => known.has(path),
    covers: (change) =>
      change.kind === 'created' &&
      known.has(change.path) &&
      (change.type === 'directory' || (change.type === 'file' && change.size === 0)),
    add: async (paths) => {
      const before = known.size;
      for (const path of paths) known.add(path);
      if (known.size === before) return;
      // Replaced in one step, and not waited for on the disk: without it, empty files would show among the changes.
      const fresh = `${file}.${randomBytes(6).toString('hex')}`;
      writeFileSync(fresh, JSON.stringify([...known]), { mode: 0o600 });
      renameSync(fresh, file);
    },
  };
}

/** Tells which paths are only placeholders: for the run, such a path does not exist. */
export interface PlaceholderCheck {
  is(root: string, path: string): Promise<boolean>;
  /** The names in a folder that are not. */
  without<T extends { name: string }>(root: string, folder: string, entries: readonly T[]): Promise<T[]>;
}

/** Looks the list up again only when it has changed. */
export function placeholderCheck(state: string): PlaceholderCheck {
  let known: { changed: number; list: Placeholders } | undefined;
  const current = async (): Promise<Placeholders | undefined> => {
    const changed = statSync(join(state, 'placeholders.json'), { throwIfNoEntry: false })?.mtimeMs;
    if (changed === undefined) return undefined;
    if (known?.changed !== changed) known = { changed, list: await readPlaceholders(state) };
    return known.list;
  };
  const empty = async (list: Placeholders, root: string, path: string): Promise<boolean> => {
    if (!list.has(path)) return false;
    const stats = await statIn(root, path);
    if (stats?.type === 'file') return stats.size === 0;
    if (stats?.type !== 'directory') return false;
    for (const { name } of await listIn(root, path)) if (!(await empty(list, root, `${path}/${name}`))) return false;
    return true;
  };
  return {
    is: async (root, path) => {
      const list = await current();
      return list !== undefined && empty(list, root, path);
    },
    without: async (root, folder, entries) => {
      const list = await current();
      if (!list) return [...entries];
      const kept = [];
      for (const entry of entries)
        if (!(await empty(list, root, folder ? `${folder}/${entry.name}` : entry.name))) kept.push(entry);
      return kept;
    },
  };
}
