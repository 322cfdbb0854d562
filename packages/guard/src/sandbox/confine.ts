import { maskSecretFile } from '../redact/mask.ts';
import type { WorkingCopy } from '../working-copy/working-copy.ts';
import type { EnvironmentRules } from './catalog.ts';
import type { HiddenPath, SandboxRequest } from './sandbox.ts';

export interface ConfineOptions {
  /** The control files to mount read-only; also those of a project's own policy, as paths. */
  rules: Pick<EnvironmentRules, 'protect'>;
  /** Whether a path (relative to the workspace) is a secret file by policy. */
  isSecret: (path: string) => boolean;
  /** Secret paths that this run was granted to read. */
  granted?: readonly string[];
}

/** Folders that hold others' files in great number; what is secret in them is public anyway. */
const notSearched = new Set(['.git', 'node_modules', '.venv', 'venv', 'vendor', 'target', 'dist', '.next', '.cache']);
/** More entries than this are not searched one by one for each run; deeper secrets are then masked by folder. */
const searchMost = 100_000;
const maskMost = 64 * 1024;

/**
 * Finds what the sandbox must protect and hide in a working copy. Costs one walk over it: ask once for each run. Secret
 * files are shown masked, so that tools find their names and settings but no values.
 */
export async function confine(
  copy: WorkingCopy,
  options: ConfineOptions,
): Promise<Pick<SandboxRequest, 'protect' | 'hide'>> {
  const secret: string[] = [];
  let seen = 0;
  const queue: string[] = [''];
  for (let folder = queue.pop(); folder !== undefined; folder = queue.pop()) {
    const entries = await copy.list(folder === '' ? '.' : folder);
    for (const { name, type } of entries) {
      const path = folder === '' ? name : `${folder}/${name}`;
      if (++seen > searchMost)
        return { protect: options.rules.protect, hide: await masked(copy, [...secret, ...queue], options) };
      if (type === 'directory' && !notSearched.has(name)) queue.push(path);
      // A socket leads to a process of this machine, whatever it is named.
      if (type === 'special' || (type !== 'link' && options.isSecret(path))) secret.push(path);
    }
  }
  const config = await copy.stat('.git/config');
  if (config?.type === 'file') secret.push('.git/config');
  return { protect: options.rules.protect, hide: await masked(copy, secret, options) };
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
