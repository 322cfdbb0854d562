import { existsSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { AmbitError } from '@ambit/core/errors';
import { compilePinned, type TrustPlace } from '@ambit/guard/integrity';
import { statePaths } from '@ambit/guard/state';
import { readCatalog } from './catalog.ts';
import type { Io } from './command.ts';

/** Entries that make a folder a workspace, in the order in which they are looked for while going up. */
const marks = ['.kiro', '.ambit', '.git'];

/**
 * The workspace a command works on: the nearest folder, from `start` upwards, with `.kiro`, `.ambit` or `.git`; else
 * `start` itself. Never the home folder or the root by way of going up: a stray `~/.kiro` must not become the workspace.
 */
export function findWorkspace(start: string, env: NodeJS.ProcessEnv): string {
  let real: string;
  try {
    real = realpathSync.native(start);
    if (!statSync(real).isDirectory()) throw new Error('not a folder');
  } catch (error) {
    throw new AmbitError('input.missing', `there is no folder \`${start}\``, { cause: error });
  }
  const home = env['HOME'] || homedir();
  for (let folder = real; folder !== dirname(folder) && folder !== home; folder = dirname(folder))
    if (marks.some((mark) => existsSync(join(folder, mark)))) return folder;
  return real;
}

/** One catalogue document by its file name, for example `policies/pinned.yaml`. */
export async function catalogDocument(file: string): Promise<unknown> {
  const folder = file.split('/')[0] ?? '';
  const found = (await readCatalog(folder)).find((entry) => entry.file.replaceAll('\\', '/') === file);
  if (!found) throw new AmbitError('environment', `the catalogue lacks \`${file}\``, { hint: 'reinstall Ambit' });
  return found.data;
}

/** Where trust is judged: the workspace, its state and the list of pinned files. */
export async function trustPlace(io: Io): Promise<TrustPlace> {
  const workspace = findWorkspace(io.cwd, io.env);
  const pinned = compilePinned(await catalogDocument('policies/pinned.yaml'), 'policies/pinned.yaml');
  return { workspace, pinned, state: statePaths(workspace, io.env) };
}
