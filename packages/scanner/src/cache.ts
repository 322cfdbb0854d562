import { hash } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { FileReport } from './scanner.ts';
import type { ListedFile } from './sources/list.ts';

interface Entry {
  path: string;
  size: number;
  modified: number;
  hash: string;
  report: FileReport;
}

/** The first line of the file; each of the others is an entry, so that no text of all of them is ever in memory. */
interface Head {
  version: 2;
  rules: string;
  /** When it was written: a file changed in the two seconds before may have changed again unseen. */
  written: number;
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
/** Characters that are written at once. */
const CHUNK = 1_000_000;
const NEWLINE = 10;

export function hashBytes(bytes: Uint8Array): string {
  return hash('sha1', bytes, 'hex');
}

function isEntry(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null && 'path' in value && 'report' in value;
}

/** Head and entries of a cache file; one that is broken anywhere, or of other rules, has none. */
function parse(bytes: Buffer, rules: string): { head: Head; entries: Map<string, Entry> } | undefined {
  let head: Head | undefined;
  const entries = new Map<string, Entry>();
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(NEWLINE, from);
    if (end < 0) return undefined;
    const value: unknown = JSON.parse(bytes.toString('utf8', from, end));
    from = end + 1;
    if (head === undefined) {
      head = value as Head;
      if (head.version !== 2 || head.rules !== rules || typeof head.written !== 'number') return undefined;
    } else if (isEntry(value)) entries.set(value.path, value);
    else return undefined;
  }
  return head && { head, entries };
}

async function write(path: string, head: Head, entries: Iterable<Entry>): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    let text = `${JSON.stringify(head)}\n`;
    for (const entry of entries) {
      text += `${JSON.stringify(entry)}\n`;
      if (text.length < CHUNK) continue;
      await file.write(text);
      text = '';
    }
    await file.write(text);
  } finally {
    await file.close();
  }
}

/** Opens the cache file; one that is missing, broken or made with other rules is an empty one. */
export async function openCache(path: string, rules: string): Promise<Cache> {
  const old = await readFile(path)
    .then((bytes) => parse(bytes, rules))
    .catch(() => undefined);
  const before = old?.entries ?? new Map<string, Entry>();
  const known = before.size;
  const written = old?.head.written ?? 0;
  const after = new Map<string, Entry>();
  let changed = old === undefined;
  return {
    unchanged: (file) => {
      const entry = before.get(file.path);
      if (!entry || entry.size !== file.size || entry.modified !== file.modified) return undefined;
      if (file.modified > written - RACY) return undefined;
      after.set(file.path, entry);
      return entry.report;
    },
    keep: ({ path: name, size, modified }, content, report) => {
      after.set(name, { path: name, size, modified, hash: content, report });
      changed = true;
    },
    save: async (now) => {
      before.clear();
      if (!changed && after.size === known) return;
      await mkdir(dirname(path), { recursive: true });
      await write(`${path}.tmp`, { version: 2, rules, written: now }, after.values());
      await rename(`${path}.tmp`, path);
    },
  };
}
