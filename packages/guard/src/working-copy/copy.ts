import { execFile } from 'node:child_process';
import { cp, lstat, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AmbitError, messageOf } from '@ambit/core/errors';
import { systemProgram } from '../sandbox/tools.ts';
import { writeAtomic } from '../state/index.ts';
import type { Backend } from './backend.ts';
import { type CopyManifest, copyChanges, manifestOf } from './copy-changes.ts';
import { outerGitFolder } from './git-folder.ts';
import { makeFolders } from './overlay.ts';
import { isAbsent } from './paths.ts';
import { readPlaceholders } from './placeholders.ts';
import { removeTree } from './tree.ts';

const run = promisify(execFile);

/** Where commands find the objects of the workspace's repository when the copy has a `.git` of its own. */
const objectsTarget = '/run/ambit/objects';

async function cloneTree(from: string, to: string): Promise<void> {
  const program = systemProgram('cp');
  if (!program) throw new AmbitError('environment', 'the program `cp` is missing');
  const flags = process.platform === 'darwin' ? ['-cRp'] : ['-a', '--reflink=always'];
  await run(program, [...flags, `${from}/.`, `${to}/`]);
}

async function plainTree(from: string, to: string): Promise<void> {
  const program = process.platform === 'win32' ? undefined : systemProgram('cp');
  if (program) {
    const flags = process.platform === 'darwin' ? ['-Rp'] : ['-a', '--reflink=auto'];
    await run(program, [...flags, `${from}/.`, `${to}/`]);
  } else await cp(from, to, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
}

/** Everything but `.git`, whose objects are borrowed from the workspace: a long history is not copied. */
async function borrowingTree(from: string, to: string): Promise<void> {
  const git = join(from, '.git');
  if (!(await stat(join(git, 'objects')).catch(() => undefined))?.isDirectory())
    throw new AmbitError('environment', 'the workspace has no `.git` folder of its own');
  const program = systemProgram('cp');
  for (const name of await readdir(from)) {
    if (name === '.git') continue;
    if (program) await run(program, ['-a', '--reflink=auto', '--', join(from, name), `${to}/`]);
    else
      await cp(join(from, name), join(to, name), { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  }
  const own = join(to, '.git');
  await mkdir(join(own, 'objects', 'info'), { recursive: true });
  for (const name of await readdir(git)) {
    if (name === 'objects' || name === 'worktrees' || name === 'modules') continue;
    await cp(join(git, name), join(own, name), { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  }
  const theirs = await readFile(join(git, 'objects', 'info', 'alternates'), 'utf8').catch(() => '');
  if (theirs.trim()) throw new AmbitError('environment', 'the workspace borrows git objects itself');
  await writeFile(join(own, 'objects', 'info', 'alternates'), `${objectsTarget}\n`);
}

const ways = { clone: cloneTree, worktree: borrowingTree, copy: plainTree };

/** Copies the workspace; throws `environment` where this way of copying does not work. */
export async function makeCopy(kind: keyof typeof ways, workspace: string, state: string): Promise<Backend> {
  makeFolders(state, ['home', 'tmp']);
  const tree = join(state, 'tree');
  const manifestFile = join(state, 'manifest.json');
  let manifest = await readManifest(manifestFile);
  if (!manifest) {
    // Half a copy of a broken-off start is worth nothing: the manifest is written last.
    await removeTree(tree);
    await mkdir(tree, { recursive: true, mode: (await lstat(workspace)).mode & 0o7777 });
    try {
      await ways[kind](workspace, tree);
    } catch (error) {
      await removeTree(tree);
      throw new AmbitError('environment', `the workspace could not be copied (${kind}): ${messageOf(error)}`, {
        where: workspace,
        hint: 'check free space and permissions of the state directory',
        cause: error,
      });
    }
    manifest = await manifestOf(tree);
    await writeAtomic(manifestFile, JSON.stringify({ kind, entries: [...manifest] }));
  }
  return backendOf(kind, workspace, state, manifest, await outerGitFolder(workspace));
}

function backendOf(
  kind: keyof typeof ways,
  workspace: string,
  state: string,
  manifest: CopyManifest,
  git: string | undefined,
): Backend {
  const tree = join(state, 'tree');
  // Without an overlay a linked worktree's repository can be read, and commits fail.
  const outer = git === undefined ? [] : [{ source: git, target: git }];
  const objects = { source: join(workspace, '.git', 'objects'), target: objectsTarget };
  return {
    kind,
    root: tree,
    beforeWrite: async () => undefined,
    settled: async () => undefined,
    changes: async (skip) => {
      const placeholders = await readPlaceholders(state);
      const found = await copyChanges(tree, workspace, manifest, skip);
      // Made by the copying itself, not by the run.
      const borrowed = (path: string) => kind === 'worktree' && path.startsWith('.git/objects/info');
      return found.filter((change) => !placeholders.covers(change) && !borrowed(change.path));
    },
    base: async (path) => {
      const known = manifest.get(path);
      const now = await lstat(join(workspace, path)).catch(() => undefined);
      if (known?.type !== 'file' || !now?.isFile()) return undefined;
      if (now.size !== known.size || now.mtimeMs !== known.modified) return undefined;
      return new Uint8Array(await readFile(join(workspace, path)));
    },
    view: () => ({ source: tree, readOnly: kind === 'worktree' ? [objects] : outer }),
    alive: () => true,
    close: async () => undefined,
    abandon: () => undefined,
  };
}

async function readManifest(path: string): Promise<CopyManifest | undefined> {
  try {
    const saved = JSON.parse(await readFile(path, 'utf8')) as { entries: [string, never][] };
    return new Map(saved.entries);
  } catch (error) {
    if (isAbsent(error) || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Kind of the copy that an earlier process made here. */
export async function madeKind(state: string): Promise<'overlay' | keyof typeof ways | undefined> {
  try {
    const saved = JSON.parse(await readFile(join(state, 'manifest.json'), 'utf8')) as { kind: keyof typeof ways };
    return saved.kind;
  } catch {
    return (await stat(join(state, 'upper')).catch(() => undefined)) ? 'overlay' : undefined;
  }
}

/** Removes what a failed attempt of another kind left, so that `madeKind` is not misled. */
export async function clearAttempt(state: string): Promise<void> {
  for (const name of ['lower', 'upper', 'work', 'merged', 'tree']) await removeTree(join(state, name));
  await rm(join(state, 'manifest.json'), { force: true });
}
