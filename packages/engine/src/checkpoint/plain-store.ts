import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { AmbitError } from '@ambit/core/errors';
import { writeAtomic } from '@ambit/guard/state';
import * as z from 'zod/mini';
import { openBlobs } from './blobs.ts';
import type { TreeEntry, TreeStore } from './checkpoint.ts';

export interface PlainOptions {
  workspace: string;
  /** Folder in the state directory. */
  folder: string;
  /** Paths that programs make again, left out. */
  derived: (path: string) => boolean;
}

/** Largest file that is kept; larger ones are named as not covered. */
const fileMax = 32 * 1024 * 1024;

const entryShape = z.object({
  path: z.string(),
  type: z.enum(['file', 'link']),
  mode: z.int(),
  blob: z.string(),
  /** Size and times by which an unchanged file is known without reading it. */
  stamp: z.string(),
});
type Stamped = z.infer<typeof entryShape>;
const listShape = z.object({ version: z.literal(1), label: z.string(), entries: z.array(entryShape) });

interface Walked {
  entries: Stamped[];
  notCovered: string[];
}

/** Snapshots where there is no git: each content once by its hash, each snapshot a list. */
export function plainStore(options: PlainOptions): TreeStore {
  const blobs = openBlobs(join(options.folder, 'blobs'));
  const listFile = (id: string) => join(options.folder, 'trees', `${id}.json`);
  const load = async (id: string): Promise<Stamped[]> => {
    if (!/^[0-9a-f]{64}$/.test(id)) throw new AmbitError('input.broken', `\`${id}\` is not the name of a snapshot`);
    const parsed = z.safeParse(listShape, await readJson(listFile(id)));
    if (parsed.success) return parsed.data.entries;
    throw new AmbitError('state.broken', 'this snapshot cannot be read', { where: listFile(id) });
  };
  let known = new Map<string, Stamped>();
  const walk = async (keep: boolean): Promise<Walked> => {
    const walked: Walked = { entries: [], notCovered: [] };
    await visit('', walked, keep);
    return walked;
  };
  const visit = async (folder: string, walked: Walked, keep: boolean): Promise<void> => {
    const children = await readdir(join(options.workspace, folder), { withFileTypes: true });
    for (const child of children.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = folder === '' ? child.name : `${folder}/${child.name}`;
      if (child.name === '.git' || child.name.startsWith('.ambit-apply-')) continue;
      if (options.derived(child.isDirectory() ? `${path}/x` : path)) walked.notCovered.push(path);
      else if (child.isDirectory()) await visit(path, walked, keep);
      else await take(path, walked, keep);
    }
  };
  const take = async (path: string, walked: Walked, keep: boolean): Promise<void> => {
    const absolute = join(options.workspace, path);
    const found = await lstat(absolute);
    const stamp = `${found.size}:${found.mtimeMs}:${found.ctimeMs}:${found.ino}:${found.mode}`;
    const before = known.get(path);
    if (before?.stamp === stamp) {
      walked.entries.push(before);
      return;
    }
    const type = found.isSymbolicLink() ? 'link' : 'file';
    if ((type === 'file' && !found.isFile()) || found.size > fileMax) {
      walked.notCovered.push(path);
      return;
    }
    const content = type === 'link' ? Buffer.from(await readlink(absolute)) : await readFile(absolute);
    const blob = keep ? await blobs.put(content) : hashOf(content);
    const mode = type === 'link' ? 0o777 : found.mode & 0o777;
    walked.entries.push({ path, type, mode, blob, stamp });
  };
  return {
    kind: 'plain',
    unavailable: async () => undefined,
    snapshot: async (label) => {
      const { entries, notCovered } = await walk(true);
      known = new Map(entries.map((entry) => [entry.path, entry]));
      const text = JSON.stringify({ version: 1, label, entries });
      const id = hashOf(text);
      await writeAtomic(listFile(id), text);
      return { id, notCovered: notCovered.slice(0, 200) };
    },
    entries: async (id) => (await load(id)).map(({ stamp: _stamp, ...entry }): TreeEntry => entry),
    read: (blob) => blobs.get(blob),
    changed: async (id) => {
      const then = new Map((await load(id)).map((entry) => [entry.path, entry]));
      known = then;
      const now = new Map((await walk(false)).entries.map((entry) => [entry.path, entry]));
      const paths = new Set([...then.keys(), ...now.keys()]);
      const state = (entry: Stamped | undefined) => (entry ? `${entry.type} ${entry.mode} ${entry.blob}` : '');
      return [...paths].filter((path) => state(then.get(path)) !== state(now.get(path))).sort();
    },
  };
}

function hashOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as unknown;
  } catch {
    return undefined;
  }
}
