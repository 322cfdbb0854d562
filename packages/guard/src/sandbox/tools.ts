import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

const folders = ['/usr/bin', '/bin', '/usr/sbin', '/sbin', '/run/current-system/sw/bin', '/usr/local/bin'];

/**
 * Absolute path of a system program. Looked up in system folders alone: never by PATH, which the workspace or the
 * user's shell may have changed.
 */
export function systemProgram(name: string): string | undefined {
  for (const folder of folders) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not here: the next folder.
    }
  }
  return undefined;
}

/** The first of `names` that is missing, if any. */
export function missingProgram(names: readonly string[]): string | undefined {
  return names.find((name) => systemProgram(name) === undefined);
}
