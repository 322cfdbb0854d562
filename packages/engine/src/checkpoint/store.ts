import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AmbitError, messageOf } from '@ambit/core/errors';
import { writeAtomic } from '@ambit/guard/state';
import * as z from 'zod/mini';
import { type Blobs, openBlobs } from './blobs.ts';
import type { Checkpoint, Held, Saved, Touched, TreeStore } from './checkpoint.ts';

const savedShape = z.discriminatedUnion('type', [
  z.object({ type: z.literal('file'), hash: z.string(), mode: z.int() }),
  z.object({ type: z.literal('link'), target: z.string() }),
  z.object({ type: z.literal('directory') }),
]);
const checkpointShape = z.object({
  version: z.literal(1),
  id: z.string(),
  time: z.string(),
  label: z.string(),
  before: z.enum(['apply', 'undo', 'turn', 'asked']),
  changeSet: z.optional(z.string()),
  touched: z.array(z.object({ path: z.string(), was: z.optional(savedShape), became: z.optional(savedShape) })),
  states: z.optional(z.record(z.string(), z.string())),
  tree: z.optional(z.object({ store: z.enum(['git', 'plain']), id: z.string() })),
  notCovered: z.array(z.string()),
});

export interface CheckpointRequest {
  label: string;
  before: Checkpoint['before'];
  changeSet?: string;
  touched: readonly Touched[];
  states?: Record<string, string>;
}

export interface Checkpoints {
  /** Keeps the touched paths byte for byte and a snapshot of the rest. Durable when it resolves. */
  create: (request: CheckpointRequest) => Promise<Checkpoint>;
  /** Oldest first; damaged ones are left out and named. */
  list: () => Promise<{ checkpoints: Checkpoint[]; broken: string[] }>;
  /** By id, an unambiguous start or end of one, or `last`. */
  find: (name: string) => Promise<Checkpoint>;
  hold: (saved: Saved) => Promise<Held>;
  /** The store a checkpoint's snapshot lies in. */
  treeOf: (checkpoint: Checkpoint) => TreeStore | undefined;
}

export interface CheckpointOptions {
  /** `statePaths(...).checkpoints`. */
  folder: string;
  now: () => Date;
  /** In order of preference; the first that works here takes the snapshot. */
  trees: readonly TreeStore[];
}

async function save(blobs: Blobs, held: Held | undefined): Promise<Saved | undefined> {
  if (held?.type !== 'file') return held;
  return { type: 'file', hash: await blobs.put(held.content), mode: held.mode };
}

async function snapshot(trees: readonly TreeStore[], label: string): Promise<Pick<Checkpoint, 'tree' | 'notCovered'>> {
  const reasons: string[] = [];
  for (const store of trees) {
    const reason = await store.unavailable();
    if (reason === undefined) {
      try {
        const { id, notCovered } = await store.snapshot(label);
        return { tree: { store: store.kind, id }, notCovered };
      } catch (error) {
        reasons.push(`${store.kind}: ${messageOf(error)}`);
      }
    } else reasons.push(`${store.kind}: ${reason}`);
  }
  // The touched paths are kept all the same, so what is about to happen can be undone.
  return { notCovered: [`the rest of the workspace (${reasons.join('; ')})`] };
}

export function openCheckpoints(options: CheckpointOptions): Checkpoints {
  const blobs = openBlobs(join(options.folder, 'blobs'));
  const folder = join(options.folder, 'list');
  const read = async (name: string): Promise<Checkpoint | undefined> => {
    try {
      const parsed = z.safeParse(checkpointShape, JSON.parse(await readFile(join(folder, name), 'utf8')));
      return parsed.success ? (parsed.data as Checkpoint) : undefined;
    } catch {
      return undefined;
    }
  };
  const list = async () => {
    const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json')).sort();
    const checkpoints: Checkpoint[] = [];
    const broken: string[] = [];
    for (const name of names) {
      const found = await read(name);
      if (found) checkpoints.push(found);
      else broken.push(name.slice(0, -5));
    }
    return { checkpoints, broken };
  };
  return {
    create: async ({ label, before, changeSet, touched, states }) => {
      const kept: Checkpoint['touched'] = [];
      for (const one of touched) {
        const was = await save(blobs, one.was);
        const became = await save(blobs, one.becomes);
        kept.push({ path: one.path, ...(was ? { was } : {}), ...(became ? { became } : {}) });
      }
      const time = options.now().toISOString();
      const id = `${time.replaceAll(/\D/g, '').slice(2, 17)}-${randomBytes(2).toString('hex')}`;
      const named = changeSet ? { changeSet } : {};
      const checkpoint: Checkpoint = {
        version: 1,
        id,
        time,
        label,
        before,
        ...named,
        touched: kept,
        ...(states ? { states } : {}),
        ...(await snapshot(options.trees, label)),
      };
      await writeAtomic(join(folder, `${id}.json`), JSON.stringify(checkpoint));
      return checkpoint;
    },
    list,
    find: async (name) => {
      const { checkpoints } = await list();
      const fitting =
        name === 'last'
          ? checkpoints.slice(-1)
          : checkpoints.filter((one) => one.id.startsWith(name) || one.id.endsWith(name));
      const [only] = fitting;
      if (only && fitting.length === 1) return only;
      const message =
        fitting.length > 1 ? `\`${name}\` fits ${fitting.length} checkpoints` : `there is no checkpoint \`${name}\``;
      throw new AmbitError('input.missing', message, { hint: 'to see all of them: ambit undo --list' });
    },
    hold: async (saved) =>
      saved.type === 'file' ? { type: 'file', content: await blobs.get(saved.hash), mode: saved.mode } : saved,
    treeOf: (checkpoint) => options.trees.find((store) => store.kind === checkpoint.tree?.store),
  };
}
