import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomic } from '../state/index.ts';
import { type Entry, entryAt } from './compare.ts';
import {
  entriesOf,
  isEmptyFile,
  isWhiteout,
  type Layers,
  lstatIfThere,
  type OverlayOptions,
} from './overlay-changes.ts';
import { isAbsent } from './paths.ts';
import { statIn, temporaryName } from './tree.ts';

/** Contents larger than this are not kept; the change then counts as drifted if the workspace's file changed meanwhile. */
const keepBytes = 8 * 1024 * 1024;
/** More files at once than a person reviews: a generator was at work. The rest is told by the times alone. */
const keepMost = 5_000;

/**
 * The contents that the run's changes started from, kept because the workspace stays live: a person may edit the same
 * file while the run works, and a three-way merge needs what both started from.
 */
export interface Bases {
  of(path: string): Entry | null | undefined;
  content(path: string): Promise<Uint8Array | undefined>;
  /** Keeps the base of one path, before its first change. */
  keep(path: string): Promise<void>;
  /** Keeps the base of everything the upper layer holds and that is not kept yet. */
  keepAll(layers: Layers, options: Pick<OverlayOptions, 'skip' | 'placeholder'>): Promise<void>;
  save(): Promise<void>;
}

export async function openBases(folder: string, lower: string): Promise<Bases> {
  const index = join(folder, 'index.json');
  const known = new Map<string, Entry | null>(await readIndex(index));
  let unsaved = false;
  let kept = 0;
  const keep = async (path: string, copied?: number): Promise<void> => {
    if (known.has(path) || kept >= keepMost) return;
    kept++;
    // Refuses a path through a link before anything behind it is read.
    const entry = (await statIn(lower, path)) ? await entryAt(join(lower, path)) : undefined;
    // Changed by somebody after the run's copy was made: not what the run started from.
    if (entry && copied !== undefined && entry.changedAt > copied) return;
    if (entry?.type === 'file' && entry.hash && entry.size <= keepBytes) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await copyFile(join(lower, path), join(folder, entry.hash));
    }
    known.set(path, entry ?? null);
    unsaved = true;
  };
  const visit: (...given: [...Parameters<Bases['keepAll']>, path: string]) => Promise<void> = async (
    layers,
    options,
    path,
  ) => {
    const { skip, placeholder } = options;
    for (const one of entriesOf(join(layers.upper, path))) {
      const child = path === '' ? one.name : `${path}/${one.name}`;
      if (known.has(child) || temporaryName.test(one.name) || skip(child)) continue;
      if (placeholder?.(child) && isEmptyFile(join(layers.upper, child))) continue;
      const stats = lstatIfThere(join(layers.upper, child));
      if (!stats) continue;
      if (!stats.isDirectory()) await keep(child, isWhiteout(stats) ? stats.ctimeMs : stats.birthtimeMs);
      // A folder that the workspace does not have holds nothing that has a base.
      else if (lstatIfThere(join(lower, child))?.isDirectory()) await visit(layers, options, child);
    }
  };
  return {
    of: (path) => known.get(path),
    content: (path) => contentOf(folder, lower, path, known),
    keep: (path) => {
      kept = 0;
      return keep(path);
    },
    keepAll: (layers, options) => {
      kept = 0;
      return visit(layers, options, '');
    },
    save: async () => {
      if (!unsaved) return;
      unsaved = false;
      await writeAtomic(index, JSON.stringify([...known]));
    },
  };
}

async function readIndex(path: string): Promise<[string, Entry | null][]> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as [string, Entry | null][];
  } catch (error) {
    // Lost or half-written: bases are then what the workspace holds, with drift told by the times.
    if (isAbsent(error) || error instanceof SyntaxError) return [];
    throw error;
  }
}

async function contentOf(
  folder: string,
  lower: string,
  path: string,
  known: ReadonlyMap<string, Entry | null>,
): Promise<Uint8Array | undefined> {
  const entry = known.get(path);
  if (entry === null) return undefined;
  if (entry?.hash) {
    const kept = await readFile(join(folder, entry.hash)).catch(() => undefined);
    if (kept) return new Uint8Array(kept);
  }
  const now = await entryAt(join(lower, path));
  if (now?.type !== 'file' || (entry && entry.hash !== now.hash)) return undefined;
  return new Uint8Array(await readFile(join(lower, path)));
}
