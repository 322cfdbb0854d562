import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { quietGitEnvironment, quietGitOptions } from '@ambit/core/text';
import { writeAtomic } from '../state/atomic.ts';
import { secretsOfFile } from './files.ts';
import type { KnownSecret } from './known.ts';

export interface HistoryPlace {
  workspace: string;
  /** Only PATH is taken from it. */
  env: Readonly<Record<string, string | undefined>>;
  /** Globs of files that hold secrets, and the exact word on one path. */
  patterns: readonly string[];
  isSecret: (relative: string) => boolean;
  /** Longest wait for git, in milliseconds: a history that takes longer is searched as far as that goes. */
  timeoutMs?: number;
  /**
   * Folder, out of every run's reach, in which the names of what was found are kept for the next search; never a value. A
   * search that was cut short leaves nothing there.
   */
  cache?: string;
}

interface Answer {
  output: Buffer;
  /** Git ended by itself, well. */
  whole: boolean;
}

/** Names of objects and the paths under which they stood, as git lists them. */
type Listed = [id: string, path: string][];

const waitMs = 2_000;
/** How many times as long the first search of a repository may take. */
const firstWaits = 3;

/** Most files and bytes of old secret files that are looked at. */
const filesMost = 300;
const bytesMost = 4 * 1024 * 1024;
const fileBytesMost = 64 * 1024;

/**
 * SECURITY: git reads objects only; nothing that the workspace's or the user's configuration names is run or fetched
 * (history.test.ts, «runs nothing that the repository names»).
 */
function git(args: readonly string[], place: HistoryPlace, input = ''): Promise<Answer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const child = spawn('git', [...quietGitOptions, '--no-pager', ...args], {
      cwd: place.workspace,
      env: quietGitEnvironment(place.env['PATH'], place.workspace, delimiter),
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: place.timeoutMs ?? waitMs,
      killSignal: 'SIGKILL',
    });
    const done = (whole: boolean) => resolve({ output: Buffer.concat(chunks), whole });
    child.on('error', () => done(false));
    child.on('close', (code) => done(code === 0));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > bytesMost) child.kill('SIGKILL');
    });
  });
}

/** Globs as git reads them; sets in braces are not among what it knows. */
const pathspecs = (patterns: readonly string[]) =>
  patterns.filter((pattern) => !/[{}!]/.test(pattern)).map((pattern) => `:(glob,icase)${pattern}`);

const isId = (value: unknown): value is string => typeof value === 'string' && /^[0-9a-f]{40,64}$/.test(value);

/** Both sides of every change that `diff-tree -z` tells. */
function listedIn(output: Buffer): Listed {
  const listed: Listed = [];
  const fields = output.toString().split('\0');
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const path = fields[at + 1] ?? '';
    const ids = (fields[at] ?? '').split(' ').slice(2, 4);
    for (const id of ids) if (isId(id) && !/^0+$/.test(id)) listed.push([id, path]);
  }
  return listed;
}

/** All that ever stood under a secret path in any folder, or only what came with commits not reachable from `known`. */
async function search(place: HistoryPlace, known: readonly string[] = []): Promise<{ listed: Listed; whole: boolean }> {
  const paths = ['--', ...pathspecs(place.patterns)];
  // A branch that was merged is followed even where nothing of it is left.
  const wanted = ['rev-list', '--full-history', '--all', '--stdin', ...paths];
  const commits = await git(wanted, place, known.map((tip) => `^${tip}\n`).join(''));
  if (commits.output.length === 0) return { listed: [], whole: commits.whole };
  const told = [
    'diff-tree',
    '--stdin',
    '--root',
    '-r',
    '-m',
    '-z',
    '--raw',
    '--no-renames',
    '--no-commit-id',
    ...paths,
  ];
  const { output, whole } = await git(told, place, commits.output.toString());
  return { listed: listedIn(output), whole: whole && commits.whole };
}

/** What was found for which state of the repository. Another `key` is another question. */
interface Kept {
  key: string;
  tips: string[];
  listed: Listed;
}

const keptMost = 20_000;
const isEntry = (entry: unknown): entry is [string, string] =>
  Array.isArray(entry) && entry.length === 2 && isId(entry[0]) && typeof entry[1] === 'string';

async function readKept(file: string, key: string): Promise<Kept | undefined> {
  try {
    const kept = JSON.parse(await readFile(file, 'utf8')) as Partial<Kept> | null;
    if (!kept || kept.key !== key || !Array.isArray(kept.tips) || !Array.isArray(kept.listed)) return undefined;
    if (!kept.tips.every(isId) || !kept.listed.every(isEntry)) return undefined;
    return { key, tips: kept.tips, listed: kept.listed };
  } catch {
    return undefined;
  }
}

/**
 * What besides the tips decides what git lists: the question, and where history is cut off or joined. Undefined where that
 * cannot be told: other working trees have heads of their own, which are not among this one's references.
 */
function keyOf({ workspace, patterns }: HistoryPlace): string | undefined {
  const store = join(workspace, '.git');
  try {
    if (!statSync(store).isDirectory() || existsSync(join(store, 'worktrees'))) return undefined;
    const cuts = ['shallow', 'info/grafts'].map((name) =>
      existsSync(join(store, name)) ? readFileSync(join(store, name), 'utf8') : '',
    );
    return createHash('sha256')
      .update(JSON.stringify([1, patterns, cuts]))
      .digest('hex');
  } catch {
    return undefined;
  }
}

/**
 * Only what came since the last whole search is searched. SECURITY: in every doubt all is searched again (history.test.ts,
 * «what was kept never hides a value»).
 */
async function listing(place: HistoryPlace): Promise<Listed> {
  const key = keyOf(place);
  if (place.cache === undefined || key === undefined) return (await search(place)).listed;
  const refs = await git(['show-ref', '--head', '--hash'], place);
  const tips = [...new Set(refs.output.toString().split('\n').filter(isId))].sort();
  if (!refs.whole || tips.length === 0) return (await search(place)).listed;
  const file = join(place.cache, 'git-history.json');
  const kept = await readKept(file, key);
  if (kept && kept.tips.join() === tips.join()) return kept.listed;
  // The first search of a repository is paid once: it may take longer. One that was cut short says so by having no tips.
  const wait = place.timeoutMs ?? waitMs;
  let found = await search(kept ? place : { ...place, timeoutMs: wait * firstWaits }, kept?.tips);
  if (kept && kept.tips.length > 0) {
    if (found.whole) found.listed.push(...kept.listed);
    else found = await search(place);
  }
  const listed = [...new Map(found.listed)];
  if (found.whole && listed.length <= keptMost) await keep(file, { key, tips, listed });
  else if (!kept) await keep(file, { key, tips: [], listed: [] });
  return listed;
}

/** Where it cannot be kept, the next search is a whole one. */
async function keep(file: string, kept: Kept): Promise<void> {
  await writeAtomic(file, JSON.stringify(kept)).catch(() => undefined);
}

/** Contents of `cat-file --batch`, with the names asked for. */
function* contents(output: Buffer): Generator<{ id: string; text: string }> {
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf(10, at);
    if (end < 0) return;
    const [id = '', kind = '', size = ''] = output.subarray(at, end).toString().split(' ');
    const length = /^\d+$/.test(size) ? Number(size) : 0;
    if (kind === 'blob' && length <= fileBytesMost)
      yield { id, text: output.subarray(end + 1, end + 1 + length).toString() };
    at = kind === 'missing' || !/^\d+$/.test(size) ? end + 1 : end + 1 + length + 1;
  }
}

/** Long lines of a private key's body: encoded again they would not be recognised. */
function keyLines(path: string, text: string): KnownSecret[] {
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY/.test(text)) return [];
  const lines = text.split(/\r?\n/).filter((line) => /^[A-Za-z0-9+/]{40,}={0,2}$/.test(line));
  return lines.slice(0, 60).map((value) => ({ name: path.split('/').at(-1) ?? 'key', value }));
}

/**
 * Values that stand in secret files of the repository's history: such a file can be deleted or hidden, what git keeps of
 * it can be read by any program. Never throws; where there is no git there is nothing.
 */
export async function historySecrets(place: HistoryPlace): Promise<KnownSecret[]> {
  if (!existsSync(join(place.workspace, '.git'))) return [];
  const names = new Map<string, string>();
  for (const [id, path] of await listing(place))
    if (names.size < filesMost && place.isSecret(path)) names.set(id, path);
  if (names.size === 0) return [];
  const { output } = await git(['cat-file', '--batch'], place, `${[...names.keys()].join('\n')}\n`);
  const found: KnownSecret[] = [];
  for (const { id, text } of contents(output)) {
    const path = names.get(id) ?? '';
    found.push(...secretsOfFile(path, text), ...keyLines(path, text));
  }
  const seen = new Set<string>();
  return found.filter(({ value }) => !seen.has(value) && seen.add(value));
}
