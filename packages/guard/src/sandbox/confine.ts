import { maskSecretFile } from '../redact/mask.ts';
import type { WorkingCopy } from '../working-copy/working-copy.ts';
import type { EnvironmentRules } from './catalog.ts';
import type { HiddenPath, SandboxRequest } from './sandbox.ts';
import { type IndexPlace, searchSecrets } from './secret-index.ts';

export interface ConfineOptions {
  /** The control files to mount read-only; also those of a project's own policy, as paths. */
  rules: Pick<EnvironmentRules, 'protect'>;
  /** Whether a path (relative to the workspace) is a secret file by policy. */
  isSecret: (path: string) => boolean;
  /** Secret paths that this run was granted to read. */
  granted?: readonly string[];
  /** Where what was found in the workspace is kept for the next run. */
  index?: IndexPlace;
}

/** Folders that hold others' files in great number; what is secret in them is public anyway. */
const notSearched = new Set(['.git', 'node_modules', '.venv', 'venv', 'vendor', 'target', 'dist', '.next', '.cache']);
/** Entries after which the search ends: folders that were not reached are then masked as a whole. */
const searchMost = 1_000_000;
const maskMost = 64 * 1024;

/**
 * Finds what the sandbox must protect and hide in a working copy: ask once for each run. Secret files are shown masked, so
 * that tools find their names and settings but no values. Below an overlay the workspace itself is searched, by what
 * changed in it since the last run; other copies are walked.
 */
export async function confine(
  copy: WorkingCopy,
  options: ConfineOptions,
): Promise<Pick<SandboxRequest, 'protect' | 'hide'>> {
  const paths = new Set(
    copy.made && copy.kind !== 'overlay' ? await walked(copy, options) : await found(copy, options),
  );
  const config = await copy.stat('.git/config');
  if (config?.type === 'file') paths.add('.git/config');
  return { protect: options.rules.protect, hide: await masked(copy, [...paths], options) };
}

async function found(copy: WorkingCopy, options: ConfineOptions): Promise<string[]> {
  const { isSecret, index } = options;
  const search = { isSecret, passed: notSearched, most: searchMost, ...(index ? { index } : {}) };
  const { secrets, rest } = await searchSecrets(copy.workspace, search);
  return [...secrets, ...rest, ...(await ownSecrets(copy, options))];
}

async function walked(copy: WorkingCopy, options: ConfineOptions): Promise<string[]> {
  const secret: string[] = [];
  let seen = 0;
  const queue: string[] = [''];
  for (let folder = queue.pop(); folder !== undefined; folder = queue.pop()) {
    const entries = await copy.list(folder === '' ? '.' : folder);
    for (const { name, type } of entries) {
      const path = folder === '' ? name : `${folder}/${name}`;
      if (++seen > searchMost) return [...secret, ...queue];
      if (type === 'directory' && !notSearched.has(name)) queue.push(path);
      // A socket leads to a process of this machine, whatever it is named.
      if (type === 'special' || (type !== 'link' && options.isSecret(path))) secret.push(path);
    }
  }
  return secret;
}

/** Secret files that the run itself has made or that an earlier part of it left. */
async function ownSecrets(copy: WorkingCopy, options: ConfineOptions): Promise<string[]> {
  const skip = (path: string) => path.split('/').some((name) => notSearched.has(name));
  const changes = await copy.changes({ skip });
  return changes
    .filter(({ kind, type }) => kind !== 'deleted' && type !== 'link')
    .filter(({ path, type }) => type === 'special' || options.isSecret(path))
    .map(({ path }) => path);
}

async function masked(copy: WorkingCopy, paths: readonly string[], options: ConfineOptions): Promise<HiddenPath[]> {
  const hidden: HiddenPath[] = [];
  for (const path of paths) {
    if (options.granted?.includes(path)) continue;
    const stats = await copy.stat(path);
    if (stats?.type !== 'file' || stats.size > maskMost) {
      hidden.push({ path });
      continue;
    }
    const text = Buffer.from(await copy.read(path)).toString('utf8');
    const shows = maskSecretFile(path, text);
    if (shows !== text) hidden.push({ path, shows });
  }
  return hidden;
}
