import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { AmbitError } from '@ambit/core/errors';

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

/**
 * Opens `relative` below `root` without following a link at any segment, so that a link put in place between the check
 * and the use is an error, not a way out (C2). On Linux each folder is opened by handle and the next name is looked up in
 * it; elsewhere the last segment alone is protected by O_NOFOLLOW and the caller compares `identity`.
 *
 * SECURITY: held by open.test.ts («a folder swapped for a link …»).
 */
export async function openBeneath(root: string, relative: string, flags = O_RDONLY, mode = 0o644): Promise<FileHandle> {
  const segments = relative.split('/').filter((segment) => segment !== '' && segment !== '.');
  if (segments.includes('..')) throw new AmbitError('denied', 'a resolved path contains no `..`', { where: relative });
  const last = segments.pop();
  if (process.platform !== 'linux') {
    return open(join(root, ...segments, last ?? ''), flags | O_NOFOLLOW, mode);
  }
  let folder = await open(root, O_RDONLY | O_DIRECTORY);
  try {
    for (const segment of segments) {
      const next = await open(`/proc/self/fd/${folder.fd}/${segment}`, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
      await folder.close();
      folder = next;
    }
    const name = last === undefined ? `/proc/self/fd/${folder.fd}/.` : `/proc/self/fd/${folder.fd}/${last}`;
    // O_NONBLOCK: opening a pipe that nobody writes to must not hang.
    return await open(name, flags | O_NOFOLLOW | O_NONBLOCK, mode);
  } finally {
    await folder.close();
  }
}

/** Whether an open file is the one that was checked: an ordinary file, same device and number, one name only. */
export async function isSameFile(
  handle: FileHandle,
  identity: { dev: number; ino: number; links: number } | undefined,
): Promise<boolean> {
  const found = await handle.stat();
  if (!found.isFile()) return false;
  return identity === undefined || (found.dev === identity.dev && found.ino === identity.ino);
}
