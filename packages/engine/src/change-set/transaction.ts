import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import {
  chown,
  copyFile,
  link,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  rmdir,
  symlink,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AmbitError, messageOf } from '@ambit/core/errors';
import { type StatePaths, writeAtomic } from '@ambit/guard/state';
import * as z from 'zod/mini';
import { checkParents, checkPath, type Entry, findEntry, sameEntry } from './workspace-entry.ts';

/** One path's change: what was seen when it was planned, and what it becomes. `undefined`: nothing there. */
export interface Operation {
  path: string;
  from?: Entry;
  to?: Entry;
  /** Content of `to` when it is a file. */
  content?: Uint8Array;
}

/** A file of the state directory that is written as the transaction's last step. */
export interface Finish {
  file: string;
  text: string;
}

type Paths = Pick<StatePaths, 'root' | 'workspace'>;

const entryShape = z.discriminatedUnion('type', [
  z.object({ type: z.literal('file'), hash: z.string(), mode: z.int() }),
  z.object({ type: z.literal('link'), target: z.string() }),
  z.object({ type: z.literal('directory') }),
  z.object({ type: z.literal('special') }),
]);
const journalShape = z.object({
  version: z.literal(1),
  id: z.string(),
  workspace: z.string(),
  stage: z.enum(['staging', 'commit', 'rollback']),
  /** Folder in the workspace with the new files and links to the old ones. */
  staging: z.string(),
  operations: z.array(z.object({ path: z.string(), from: z.optional(entryShape), to: z.optional(entryShape) })),
  finish: z.array(z.object({ file: z.string(), text: z.string() })),
});
type Journal = z.infer<typeof journalShape>;

/** Called at each step with its name; tests end the process there. */
export type Step = (name: string) => void;

export type Committed = { done: true } | { done: false; reason: string };

/** What recovery did with a transaction that a crash had left. */
export interface Recovered {
  id: string;
  result: 'completed' | 'rolled-back';
  /** Paths that somebody changed meanwhile and that were left as they are. */
  left: string[];
}

const journalFolder = (paths: Paths) => join(paths.root, 'transactions');
const journalFile = (paths: Paths, id: string) => join(journalFolder(paths), `${id}.json`);
const newFile = (journal: Journal, i: number) => join(journal.workspace, journal.staging, `new-${i}`);
const oldFile = (journal: Journal, i: number) => join(journal.workspace, journal.staging, `old-${i}`);

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, constants.O_RDONLY);
  await handle.sync().finally(() => handle.close());
}

async function stageFile(path: string, content: Uint8Array, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    await file.writeFile(content);
    // The mode above is cut by the umask.
    await file.chmod(mode);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Root working in somebody's workspace leaves the files theirs. */
async function giveOwner(journal: Journal, path: string, staged: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  let known = join(journal.workspace, path);
  let found = await lstat(known).catch(() => undefined);
  while (!found && known !== journal.workspace) {
    known = dirname(known);
    found = await lstat(known).catch(() => undefined);
  }
  if (found && (found.uid !== 0 || found.gid !== 0)) await chown(staged, found.uid, found.gid);
}

/** Everything that needs space or may fail happens here, beside the workspace's files and before the point of no return. */
async function stage(journal: Journal, operations: readonly Operation[], step: Step): Promise<void> {
  await mkdir(join(journal.workspace, journal.staging), { mode: 0o700 });
  for (const [i, operation] of operations.entries()) {
    if (operation.from?.type === 'file') await keepOld(journal, operation.path, i);
    if (operation.to?.type !== 'file') continue;
    if (!operation.content) throw new Error(`no content for \`${operation.path}\``);
    await stageFile(newFile(journal, i), operation.content, operation.to.mode);
    await giveOwner(journal, operation.path, newFile(journal, i));
    step(`staged ${operation.path}`);
  }
  await syncFolder(join(journal.workspace, journal.staging));
}

async function keepOld(journal: Journal, path: string, i: number): Promise<void> {
  const from = join(journal.workspace, path);
  // A second name costs no space; file systems without hard links get a copy.
  await link(from, oldFile(journal, i)).catch(() => copyFile(from, oldFile(journal, i), constants.COPYFILE_EXCL));
}

const depth = (path: string) => path.split('/').length;

/** Removals first and deepest first, then folders, then files: a path may change its kind. */
function inOrder(journal: Journal): { i: number; path: string; from?: Entry | undefined; to?: Entry | undefined }[] {
  const numbered = journal.operations.map((operation, i) => ({ ...operation, i }));
  const removals = numbered.filter((one) => !one.to).sort((a, b) => depth(b.path) - depth(a.path));
  const makings = numbered.filter((one) => one.to).sort((a, b) => depth(a.path) - depth(b.path));
  return [...removals, ...makings];
}

async function removeEntry(absolute: string, entry: Entry): Promise<void> {
  if (entry.type === 'directory') {
    // Only empty folders go: what else lies in them is nobody's to remove.
    await rmdir(absolute).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
    return;
  }
  await rm(absolute);
}

async function putEntry(
  journal: Journal,
  path: string,
  to: Entry,
  source: string,
  from: Entry | undefined,
): Promise<void> {
  const absolute = join(journal.workspace, path);
  if (!(await checkParents(journal.workspace, path))) await mkdir(dirname(absolute), { recursive: true });
  if (from && from.type !== to.type) await removeEntry(absolute, from);
  if (to.type === 'directory') await mkdir(absolute, { recursive: true });
  else if (to.type === 'link') {
    if (from?.type === 'link') await rm(absolute);
    await symlink(to.target, absolute);
  } else if (to.type === 'file') await rename(source, absolute);
  else throw new Error(`\`${path}\` is neither a file, a folder nor a link`);
}

async function rollForward(journal: Journal, step: Step): Promise<void> {
  for (const { i, path, from, to } of inOrder(journal)) {
    const now = (await findEntry(journal.workspace, path))?.entry;
    if (sameEntry(now, to)) continue;
    if (!sameEntry(now, from)) throw new Error(`\`${path}\` was changed meanwhile`);
    if (to) await putEntry(journal, path, to, newFile(journal, i), from);
    else if (from) await removeEntry(join(journal.workspace, path), from);
    step(`did ${path}`);
  }
}

/** Puts back every path that was already changed. Returns those that somebody changed since and that stay. */
async function rollBack(journal: Journal): Promise<string[]> {
  const left: string[] = [];
  for (const { i, path, from, to } of inOrder(journal).reverse()) {
    const now = (await findEntry(journal.workspace, path))?.entry;
    if (sameEntry(now, from)) continue;
    // A folder that had to give way, or a removed old kind, may leave the path empty: that too is ours to mend.
    if (!sameEntry(now, to) && now) {
      left.push(path);
      continue;
    }
    if (from) await putEntry(journal, path, from, oldFile(journal, i), now);
    else if (now) await removeEntry(join(journal.workspace, path), now);
  }
  return left;
}

async function cleanUp(paths: Paths, journal: Journal): Promise<void> {
  await rm(join(journal.workspace, journal.staging), { recursive: true, force: true });
  await rm(journalFile(paths, journal.id), { force: true });
}

async function saveJournal(paths: Paths, journal: Journal): Promise<void> {
  await writeAtomic(journalFile(paths, journal.id), JSON.stringify(journal));
}

async function finish(paths: Paths, journal: Journal, step: Step): Promise<void> {
  for (const { file, text } of journal.finish) await writeAtomic(file, text);
  step('finished');
  await cleanUp(paths, journal);
}

/**
 * Changes many paths of the workspace, all or none: a crash at any point leaves the old or, after recovery, the new
 * state. The caller holds the workspace's lock and has recovered earlier transactions. Throws only before the point of
 * no return, with nothing changed.
 */
export async function commit(
  paths: Paths,
  operations: readonly Operation[],
  last: readonly Finish[],
  step: Step = () => undefined,
): Promise<Committed> {
  for (const operation of operations) checkPath(operation.path);
  const id = randomBytes(8).toString('hex');
  const journal: Journal = {
    version: 1,
    id,
    workspace: paths.workspace,
    stage: 'staging',
    staging: `.ambit-apply-${id}`,
    operations: operations.map(({ path, from, to }) => ({ path, ...(from ? { from } : {}), ...(to ? { to } : {}) })),
    finish: [...last],
  };
  try {
    await saveJournal(paths, journal);
    step('journal');
    if (operations.length > 0) await stage(journal, operations, step);
    await saveJournal(paths, { ...journal, stage: 'commit' });
  } catch (error) {
    await cleanUp(paths, journal).catch(() => undefined);
    throw new AmbitError('environment', `could not prepare the change: ${messageOf(error)}`, {
      where: paths.workspace,
      hint: 'nothing was changed; check free space and permissions',
      cause: error,
    });
  }
  step('committed');
  try {
    await rollForward(journal, step);
  } catch (error) {
    await saveJournal(paths, { ...journal, stage: 'rollback' });
    const left = await rollBack(journal);
    await cleanUp(paths, journal);
    return { done: false, reason: `${messageOf(error)}; ${describeLeft(left)}` };
  }
  await finish(paths, journal, step);
  return { done: true };
}

function describeLeft(left: readonly string[]): string {
  return left.length === 0
    ? 'everything was put back'
    : `everything was put back but ${left.map((path) => `\`${path}\``).join(', ')}, which somebody changed since`;
}

async function recoverOne(paths: Paths, journal: Journal): Promise<Recovered> {
  if (journal.stage === 'commit') {
    try {
      await rollForward(journal, () => undefined);
      await finish(paths, journal, () => undefined);
      return { id: journal.id, result: 'completed', left: [] };
    } catch {
      await saveJournal(paths, { ...journal, stage: 'rollback' });
    }
  }
  const left = journal.stage === 'staging' ? [] : await rollBack(journal);
  await cleanUp(paths, journal);
  return { id: journal.id, result: 'rolled-back', left };
}

/** Completes or undoes what a crash left half done. Under the workspace's lock, before anything else. */
export async function recoverTransactions(paths: Paths): Promise<Recovered[]> {
  const names = await readdir(journalFolder(paths)).catch(() => []);
  const recovered: Recovered[] = [];
  for (const name of names.filter((one) => one.endsWith('.json')).sort()) {
    const where = join(journalFolder(paths), name);
    const parsed = z.safeParse(journalShape, parseJson(await readFile(where, 'utf8')));
    // SECURITY: a journal says which files change, so it is obeyed only for the workspace it was written for.
    if (!parsed.success || parsed.data.workspace !== paths.workspace)
      throw new AmbitError('state.broken', 'a half-done change cannot be read', {
        where,
        hint: `look for a folder .ambit-apply-… in the workspace: it holds the old (old-…) and new (new-…) files; then remove this file`,
      });
    recovered.push(await recoverOne(paths, parsed.data));
  }
  return recovered;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
