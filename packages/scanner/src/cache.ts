import { hash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { FileReport } from './scanner.ts';
import type { ListedFile } from './sources/list.ts';

interface Entry {
  size: number;
  modified: number;
  hash: string;
  report: FileReport;
}

interface Stored {
  version: 1;
  rules: string;
  /** When it was written: a file changed in the two seconds before may have changed again unseen. */
  written: number;
  entries: Record<string, Entry>;
}

/** Results of the scan before, by path and content. */
export interface Cache {
  /** The report of a file that has not changed by size and time. */
  unchanged(file: ListedFile): FileReport | undefined;
  keep(file: ListedFile, hash: string, report: FileReport): void;
  save(now: number): Promise<void>;
}

/** Clocks of file systems are this coarse at worst; git calls such files racily clean. */
const RACY = 2_000;

export function hashBytes(bytes: Uint8Array): string {
  return hash('sha1', bytes, 'hex');
}

/** Opens the cache file; one that is missing, broken or made with other rules is an empty one. */
export async function openCache(path: string, rules: string): Promise<Cache> {
  const old = await readFile(path, 'utf8')
    .then((text) => JSON.parse(text) as Stored)
    .catch(() => undefined);
  const valid = old?.version === 1 && old.rules === rules && typeof old.entries === 'object' ? old : undefined;
  const before = new Map(Object.entries(valid?.entries ?? {}));
  const after = new Map<string, Entry>();
  let changed = valid === undefined;
  return {
    unchanged: (file) => {
      const entry = before.get(file.path);
      if (!entry || entry.size !== file.size || entry.modified !== file.modified) return undefined;
      if (file.modified > (valid?.written ?? 0) - RACY) return undefined;
      after.set(file.path, entry);
      return entry.report;
    },
    keep: (file, content, report) => {
      after.set(file.path, { size: file.size, modified: file.modified, hash: content, report });
      changed = true;
    },
    save: async (now) => {
      if (!changed && after.size === before.size) return;
      const stored: Stored = { version: 1, rules, written: now, entries: Object.fromEntries(after) };
      await mkdir(dirname(path), { recursive: true });
      await writeFile(`${path}.tmp`, JSON.stringify(stored), { mode: 0o600 });
      await rename(`${path}.tmp`, path);
    },
  };
}
