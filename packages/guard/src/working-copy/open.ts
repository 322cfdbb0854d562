import { chown, mkdir, realpath, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { AmbitError, isAmbitError, messageOf } from '@ambit/core/errors';
import type { Backend } from './backend.ts';
import { clearAttempt, madeKind, makeCopy } from './copy.ts';
import { takeBackSettings } from './git-settings.ts';
import { makeOverlay, ownerOf } from './overlay.ts';
import { codeOf, segmentsOf } from './paths.ts';
import { placeholderCheck } from './placeholders.ts';
import { listIn, moveIn, type Owner, readIn, readLinkIn, removeIn, removeTree, statIn, writeIn } from './tree.ts';
import type { OpenOptions, WorkingCopy, WorkingCopyKind } from './working-copy.ts';

const allKinds: readonly WorkingCopyKind[] = ['overlay', 'clone', 'worktree', 'copy'];
const nothing = () => false;
/** Rebuilt rather than merged: what the run started from there is not kept, and told by the times alone. */
const rebuilt =
  /(?:^|\/)(?:\.git|node_modules|\.venv|venv|__pycache__|\.next|\.nuxt|\.cache|\.gradle|target|dist|build|out|vendor|coverage)(?:\/|$)/;
const isRebuilt = (path: string) => rebuilt.test(path);

/** Opens the working copy whose state is in `stateDir`; makes nothing before the first write or command. */
export async function openWorkingCopy(options: OpenOptions): Promise<WorkingCopy> {
  const workspace = await realpath(options.workspace);
  const stateDir = options.stateDir;
  const inside = relative(workspace, stateDir);
  if (inside === '' || !(inside.startsWith('..') || inside.startsWith('/')))
    throw new AmbitError('usage', 'the state of a working copy must be outside the workspace', { where: stateDir });
  const kinds = options.prefer ?? allKinds;
  const earlier = await madeKind(stateDir);
  const holding = lazily(workspace, stateDir, earlier ? [earlier] : kinds);
  // Changes of an earlier process must be seen from the first read on.
  if (earlier) await holding.make();
  return workingCopy(workspace, stateDir, holding, earlier ?? kinds[0] ?? 'overlay', await ownerOf(workspace));
}

/** Git wants to know who commits; a repository's own settings come before this. */
const gitIdentity = '[user]\n\tname = Ambit run\n\temail = run@ambit.invalid\n';

async function furnishHome(home: string): Promise<void> {
  const file = join(home, '.config', 'git', 'config');
  if (await stat(file).catch(() => undefined)) return;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, gitIdentity);
}

interface Holding {
  made(): Backend | undefined;
  make(): Promise<Backend>;
  forget(): void;
}

function lazily(workspace: string, state: string, kinds: readonly WorkingCopyKind[]): Holding {
  let backend: Backend | undefined;
  let making: Promise<Backend> | undefined;
  const attempt = async (): Promise<Backend> => {
    backend = await makeFirst(workspace, state, kinds);
    return backend;
  };
  return {
    made: () => backend,
    make: () => {
      making ??= attempt().catch((error: unknown) => {
        making = undefined;
        throw error;
      });
      return making;
    },
    forget: () => {
      backend = undefined;
      making = undefined;
    },
  };
}

async function makeFirst(workspace: string, state: string, kinds: readonly WorkingCopyKind[]): Promise<Backend> {
  const reasons: string[] = [];
  for (const kind of kinds) {
    try {
      return kind === 'overlay' ? await makeOverlay(workspace, state) : await makeCopy(kind, workspace, state);
    } catch (error) {
      const fatal = isAmbitError(error) && error.code !== 'environment';
      if (fatal || (!isAmbitError(error) && codeOf(error) === undefined)) throw error;
      reasons.push(`${kind}: ${messageOf(error)}`);
      if (kinds.length > 1) await clearAttempt(state).catch(() => undefined);
    }
  }
  throw new AmbitError('environment', `no working copy can be made: ${reasons.join('; ')}`, {
    where: state,
    hint: 'check free space and permissions of the state directory',
  });
}

async function settle(
  backend: Backend | undefined,
  workspace: string,
  owner: Owner | undefined,
  skip: (path: string) => boolean,
): Promise<string | undefined> {
  const taken = backend && (await takeBackSettings(backend.root, workspace, owner));
  await backend?.settled(skip);
  return taken;
}

function workingCopy(
  workspace: string,
  state: string,
  holding: Holding,
  first: WorkingCopyKind,
  owner: Owner | undefined,
): WorkingCopy {
  /** The backend when there is one; made anew when what held it has died. */
  const current = async (): Promise<Backend | undefined> => {
    const backend = holding.made();
    if (!backend || backend.alive()) return backend;
    holding.forget();
    return holding.make();
  };
  const root = async () => (await current())?.root ?? workspace;
  const make = async () => (await current()) ?? holding.make();
  const placeholders = placeholderCheck(state);
  const statOf = async (path: string) => {
    const at = await root();
    const found = await statIn(at, path);
    return found && (await placeholders.is(at, segmentsOf(path).join('/'))) ? undefined : found;
  };
  const close = async () => {
    await holding.made()?.close();
    holding.forget();
  };
  const changing = async (paths: readonly string[]): Promise<string> => {
    for (const path of paths) segmentsOf(path);
    const backend = await make();
    for (const path of paths) await backend.beforeWrite(path);
    return backend.root;
  };
  const owned = owner ? { owner } : {};
  return {
    get kind() {
      return holding.made()?.kind ?? first;
    },
    workspace,
    get made() {
      return holding.made() !== undefined;
    },
    read: async (path) => readIn(await root(), path),
    stat: (path) => statOf(path),
    exists: async (path) => (await statOf(path)) !== undefined,
    list: async (path) => {
      const at = await root();
      return placeholders.without(at, segmentsOf(path).join('/'), await listIn(at, path));
    },
    readLink: async (path) => readLinkIn(await root(), path),
    write: async (path, content, mode) =>
      writeIn(await changing([path]), path, content, { ...owned, ...(mode === undefined ? {} : { mode }) }),
    remove: async (path) => removeIn(await changing([path]), path),
    move: async (from, to) => moveIn(await changing([from, to]), from, to, owner),
    changes: async ({ skip = nothing } = {}) => (await (await current())?.changes(skip)) ?? [],
    base: async (path) => (await current())?.base(path) ?? readIn(workspace, path).catch(() => undefined),
    view: async () => {
      const backend = await make();
      if (owner) for (const name of ['home', 'tmp']) await chown(`${state}/${name}`, owner.uid, owner.gid);
      await furnishHome(`${state}/home`);
      const shared = { target: workspace, home: `${state}/home`, temporary: `${state}/tmp`, state };
      return { ...shared, ...backend.view(), ...owned };
    },
    settled: async ({ skip = isRebuilt } = {}) => settle(await current(), workspace, owner, skip),
    close,
    discard: async () => {
      // A mount goes with its holder, and that takes several times as long as removing what nobody looks at any more.
      const backend = holding.made();
      holding.forget();
      backend?.abandon();
      try {
        await removeTree(state);
      } catch {
        await backend?.close();
        await removeTree(state);
      }
    },
  };
}
