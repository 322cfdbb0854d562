import { maskSecretFile } from '../redact/mask.ts';
import { gitSettings } from '../working-copy/git-settings.ts';
import type { WorkingCopy } from '../working-copy/working-copy.ts';
import type { EnvironmentRules } from './catalog.ts';
import type { HiddenPath, SandboxRequest } from './sandbox.ts';
import { type IndexPlace, leadsOutward, searchSecrets } from './secret-index.ts';

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
): Promise<Pick<SandboxRequest, 'protect' | 'hide' | 'outward'>> {
  const { secret, outward } = await (copy.made && copy.kind !== 'overlay'
    ? walked(copy, options)
    : found(copy, options));
  const paths = new Set(secret);
  const config = await copy.stat(gitSettings);
  if (config?.type === 'file') paths.add(gitSettings);
  const hide = await masked(copy, [...paths], options);
  const { protect } = options.rules;
  // Git replaces its settings file as a whole, which a mount would not let it. What a command may leave there is looked at
  // when it has ended (`takeBackSettings`); a file that is masked stays as it is.
  const looked = config?.type === 'file' && config.links === 1 && !hide.some(({ path }) => path === gitSettings);
  return { protect: looked ? protect.filter((path) => path !== gitSettings) : protect, hide, outward };
}

interface Found {
  secret: string[];
  outward: string[];
}

async function found(copy: WorkingCopy, options: ConfineOptions): Promise<Found> {
  const { isSecret, index } = options;
  const search = { isSecret, passed: notSearched, most: searchMost, ...(index ? { index } : {}) };
  const { secrets, outward, rest } = await searchSecrets(copy.workspace, search);
  return { secret: [...secrets, ...rest, ...(await ownSecrets(copy, options))], outward };
}

async function walked(copy: WorkingCopy, options: ConfineOptions): Promise<Found> {
  const secret: string[] = [];
  const outward: string[] = [];
  let seen = 0;
  const queue: string[] = [''];
  for (let folder = queue.pop(); folder !== undefined; folder = queue.pop()) {
    const entries = await copy.list(folder === '' ? '.' : folder);
    for (const { name, type } of entries) {
      const path = folder === '' ? name : `${folder}/${name}`;
      if (++seen > searchMost) return { secret: [...secret, ...queue], outward };
      if (type === 'directory' && !notSearched.has(name)) queue.push(path);
      // The workspace's own links: one that the run has made leads where the run has put it.
      const target = type === 'link' ? leadsOutward(copy.workspace, path) : undefined;
      if (target !== undefined) outward.push(target);
      // A socket leads to a process of this machine, whatever it is named.
      if (type === 'special' || (type !== 'link' && options.isSecret(path))) secret.push(path);
    }
  }
  return { secret, outward };
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
