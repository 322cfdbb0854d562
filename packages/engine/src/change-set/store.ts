import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AmbitError, messageOf } from '@ambit/core/errors';
import { type StatePaths, writeAtomic } from '@ambit/guard/state';
import * as z from 'zod/mini';
import type { ChangeSet, ChangeSetState, StoredChangeSet } from './change-set.ts';

type Paths = Pick<StatePaths, 'changeSets'>;

const statuses = ['open', 'applied', 'partly-applied', 'rejected', 'undone'] as const;
const stateShape = z.object({
  status: z.enum(statuses),
  changed: z.string(),
  applied: z.array(z.string()),
  steps: z.optional(
    z.array(z.object({ checkpoint: z.string(), paths: z.array(z.string()), hunks: z.optional(z.boolean()) })),
  ),
  checkpoint: z.optional(z.string()),
  reason: z.optional(z.string()),
});
/** The fields without which a change set cannot be shown or applied; the rest was written by us and is checked by hash. */
const setShape = z.looseObject({
  version: z.literal(1),
  id: z.string(),
  files: z.array(z.looseObject({ path: z.string(), kind: z.enum(['created', 'modified', 'deleted']) })),
  flags: z.array(z.looseObject({ code: z.string(), reason: z.string() })),
});

export const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

/** Sortable by time, short enough to type. */
export function newId(now: Date): string {
  const stamp = now.toISOString().replaceAll(/\D/g, '').slice(2, 14);
  return `${stamp.slice(0, 6)}-${stamp.slice(6)}-${randomBytes(2).toString('hex')}`;
}

const folderOf = (paths: Paths, id: string) => join(paths.changeSets, id);
/** Where `state.json` of a change set lies; a transaction writes it as its last step. */
export const stateFileOf = (paths: Paths, id: string): string => join(folderOf(paths, id), 'state.json');

async function writeDurably(path: string, data: string | Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(data);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Stores a change set with its blobs: the whole folder appears at once or not at all. */
export async function saveChangeSet(
  paths: Paths,
  set: ChangeSet,
  blobs: ReadonlyMap<string, Uint8Array>,
): Promise<StoredChangeSet> {
  const draft = join(paths.changeSets, `.${set.id}.tmp`);
  const text = JSON.stringify(set);
  const hash = sha256(text);
  const state: ChangeSetState = { status: 'open', changed: set.made, applied: [] };
  try {
    await mkdir(join(draft, 'blobs'), { recursive: true, mode: 0o700 });
    for (const [name, data] of blobs) await writeDurably(join(draft, 'blobs', name), data);
    await writeDurably(join(draft, 'change-set.json'), text);
    await writeDurably(join(draft, 'hash'), hash);
    await writeDurably(join(draft, 'state.json'), JSON.stringify(state));
    await rename(draft, folderOf(paths, set.id));
  } catch (error) {
    await rm(draft, { recursive: true, force: true }).catch(() => undefined);
    throw new AmbitError('environment', `could not keep the change set: ${messageOf(error)}`, {
      where: paths.changeSets,
      hint: 'nothing was applied; the working copy is still there; check free space and permissions',
      cause: error,
    });
  }
  return { ...set, hash, state };
}

function broken(where: string, why: string): AmbitError {
  return new AmbitError('state.broken', `this change set cannot be read: ${why}`, {
    where,
    hint: 'it was damaged on disk and is never applied; remove its folder, or run the task again',
  });
}

/** Reads one change set. A damaged one is an error, never a smaller change set. */
export async function loadChangeSet(paths: Paths, id: string): Promise<StoredChangeSet> {
  const folder = folderOf(paths, id);
  const where = join(folder, 'change-set.json');
  try {
    const [text, hash, state] = await Promise.all(
      ['change-set.json', 'hash', 'state.json'].map((name) => readFile(join(folder, name), 'utf8')),
    );
    if (sha256(text ?? '') !== hash) throw new Error('its content does not fit its hash');
    const set = JSON.parse(text ?? '') as unknown;
    if (!z.safeParse(setShape, set).success) throw new Error('a field is missing or wrong');
    const parsed = z.safeParse(stateShape, JSON.parse(state ?? ''));
    if (!parsed.success) throw new Error('its state is not readable');
    return { ...(set as ChangeSet), hash: hash ?? '', state: parsed.data as ChangeSetState };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && !(await readdir(folder).catch(() => undefined)))
      throw new AmbitError('input.missing', `there is no change set \`${id}\``, {
        hint: 'to see all of them: ambit review list',
      });
    throw broken(where, messageOf(error));
  }
}

/** A blob of a change set; checked against its name. */
export async function loadBlob(paths: Paths, id: string, hash: string): Promise<Uint8Array> {
  const where = join(folderOf(paths, id), 'blobs', hash);
  const data = await readFile(where).catch((error: unknown) => {
    throw broken(where, messageOf(error));
  });
  if (sha256(data) !== hash) throw broken(where, 'a content does not fit its hash');
  return data;
}

/** All readable change sets, oldest first, and the names of damaged ones. */
export async function listChangeSets(paths: Paths): Promise<{ sets: StoredChangeSet[]; broken: string[] }> {
  const names = await readdir(paths.changeSets).catch(() => []);
  const sets: StoredChangeSet[] = [];
  const damaged: string[] = [];
  for (const name of names.filter((one) => !one.startsWith('.')).sort()) {
    const set = await loadChangeSet(paths, name).catch(() => undefined);
    if (set) sets.push(set);
    else damaged.push(name);
  }
  return { sets: sets.sort((a, b) => (a.made < b.made ? -1 : a.made > b.made ? 1 : 0)), broken: damaged };
}

/** The one change set a person means: an id, an unambiguous start or end of one, or `last`. */
export async function findChangeSet(paths: Paths, name: string | undefined): Promise<StoredChangeSet> {
  if (name && /^[\w-]+$/.test(name) && (await readdir(folderOf(paths, name)).catch(() => undefined)))
    return loadChangeSet(paths, name);
  const { sets } = await listChangeSets(paths);
  if (name === undefined || name === 'last') {
    const open = sets.filter(({ state }) => state.status === 'open' || state.status === 'partly-applied');
    const latest = open.at(-1) ?? (name === 'last' ? sets.at(-1) : undefined);
    if (latest) return latest;
    throw new AmbitError('input.missing', 'there is no open change set', {
      hint: 'to see all: ambit review list --all',
    });
  }
  const fitting = sets.filter((set) => set.id.startsWith(name) || set.id.endsWith(name));
  const [only] = fitting;
  if (only && fitting.length === 1) return only;
  const message =
    fitting.length > 1 ? `\`${name}\` fits ${fitting.length} change sets` : `there is no change set \`${name}\``;
  throw new AmbitError('input.missing', message, { hint: 'to see all: ambit review list --all' });
}

export async function saveState(paths: Paths, id: string, state: ChangeSetState): Promise<void> {
  await writeAtomic(stateFileOf(paths, id), JSON.stringify(state));
}
