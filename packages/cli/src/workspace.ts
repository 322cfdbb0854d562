import { existsSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { AmbitError } from '@ambit/core/errors';

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
