import { lstat, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AmbitError } from '@ambit/core/errors';
import type { Backend } from './backend.ts';
import { type Bases, openBases } from './bases.ts';
import { holdOverlay } from './holder.ts';
import { overlayChanges } from './overlay-changes.ts';
import { readPlaceholders } from './placeholders.ts';
import type { Owner } from './tree.ts';

const folders = ['lower', 'upper', 'work', 'merged', 'home', 'tmp'];

/** Folders of the copy's own state, made with the rights a command running as `owner` needs. */
export async function makeFolders(state: string, names: readonly string[]): Promise<void> {
  await mkdir(state, { recursive: true, mode: 0o700 });
  for (const name of names) await mkdir(join(state, name), { mode: 0o755 }).catch(ignoreExisting);
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

/** As root in somebody else's workspace, new files are theirs and commands run as them. */
export async function ownerOf(workspace: string): Promise<Owner | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const { uid, gid } = await stat(workspace);
  return uid === 0 ? undefined : { uid, gid };
}

async function layersOf(workspace: string, state: string, holder: { merged: string }) {
  return { lower: workspace, upper: join(state, 'upper'), merged: holder.merged };
}

/** Mounts the overlay; throws `environment` where the machine does not allow it. */
export async function makeOverlay(workspace: string, state: string): Promise<Backend> {
  await makeFolders(state, folders);
  await matchRights(workspace, join(state, 'upper'));
  const holder = await holdOverlay(workspace, state);
  const layers = await layersOf(workspace, state, holder);
  const bases: Bases = await openBases(join(state, 'base'), workspace);
  return {
    kind: 'overlay',
    root: holder.merged,
    beforeWrite: async (path) => {
      await bases.keep(path);
      await bases.save();
    },
    settled: async (skip) => {
      await bases.keepAll(layers, skip);
      await bases.save();
    },
    changes: async (skip) => {
      const placeholders = await readPlaceholders(state);
      const found = await overlayChanges(layers, { skip, recorded: bases.of });
      // SECURITY: without its holder the merged view is empty, and everything would seem deleted (test «the holder …»).
      if (!holder.alive()) throw new AmbitError('environment', 'the mount of the working copy was lost meanwhile');
      return found.filter((change) => !placeholders.covers(change));
    },
    base: bases.content,
    view: () => ({ source: join(state, 'merged'), namespace: { pid: holder.pid }, readOnly: [] }),
    alive: holder.alive,
    close: holder.close,
  };
}

/** The upper folder gives the merged workspace its owner and mode. */
async function matchRights(workspace: string, upper: string): Promise<void> {
  const wanted = await lstat(workspace);
  const { chmod, chown } = await import('node:fs/promises');
  if (process.getuid?.() === 0) await chown(upper, wanted.uid, wanted.gid);
  await chmod(upper, wanted.mode & 0o7777);
}
