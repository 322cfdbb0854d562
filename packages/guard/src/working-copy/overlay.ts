import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AmbitError } from '@ambit/core/errors';
import type { Backend } from './backend.ts';
import { type Bases, openBases } from './bases.ts';
import { outerGitFolder } from './git-folder.ts';
import { holdOverlay } from './holder.ts';
import { overlayChanges } from './overlay-changes.ts';
import { readPlaceholders } from './placeholders.ts';
import type { Owner } from './tree.ts';
import type { SandboxView } from './working-copy.ts';

const folders = ['lower', 'upper', 'work', 'merged', 'home', 'tmp'];

/** Folders of the copy's own state, made with the rights a command running as `owner` needs. */
export function makeFolders(state: string, names: readonly string[]): void {
  mkdirSync(state, { recursive: true, mode: 0o700 });
  for (const name of names) makeFolder(join(state, name));
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o755 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
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
  makeFolders(state, folders);
  matchRights(workspace, join(state, 'upper'));
  const git = await outerGitFolder(workspace);
  if (git !== undefined) {
    makeFolders(join(state, 'git'), ['lower', 'upper', 'work', 'merged']);
    matchRights(git, join(state, 'git', 'upper'));
  }
  const holder = await holdOverlay(workspace, state, git);
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
      const placeholders = await readPlaceholders(state);
      await bases.keepAll(layers, { skip, placeholder: placeholders.has });
      await bases.save();
    },
    changes: async (skip) => {
      const placeholders = await readPlaceholders(state);
      const found = await overlayChanges(layers, { skip, recorded: bases.of, placeholder: placeholders.has });
      // SECURITY: without its holder the merged view is empty, and everything would seem deleted (test «the holder …»).
      if (!holder.alive()) throw new AmbitError('environment', 'the mount of the working copy was lost meanwhile');
      return found.filter((change) => !placeholders.covers(change));
    },
    base: bases.content,
    view: () => {
      const merged = { source: join(state, 'merged'), namespace: { pid: holder.pid }, readOnly: [] };
      return git === undefined ? merged : { ...merged, ...gitView(git, join(state, 'git', 'merged')) };
    },
    alive: holder.alive,
    close: holder.close,
    abandon: holder.abandon,
  };
}

/** The repository's folder is git's to write, but for what git obeys outside of the sandbox. */
function gitView(git: string, merged: string): Pick<SandboxView, 'readOnly' | 'writable'> {
  const obeyed = ['hooks', 'config'].filter((name) => existsSync(join(git, name)));
  return {
    writable: [{ source: merged, target: git }],
    readOnly: obeyed.map((name) => ({ source: join(merged, name), target: join(git, name) })),
  };
}

/** The upper folder gives the merged workspace its owner and mode. */
function matchRights(workspace: string, upper: string): void {
  const wanted = lstatSync(workspace);
  if (process.getuid?.() === 0) chownSync(upper, wanted.uid, wanted.gid);
  chmodSync(upper, wanted.mode & 0o7777);
}
