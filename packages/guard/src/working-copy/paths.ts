import { AmbitError } from '@ambit/core/errors';

/**
 * Segments of a path relative to the workspace. Refuses whatever could leave it: `..`, absolute paths, NUL. `.` and ``
 * give no segments. Backslashes are ordinary characters where the system says so.
 */
export function segmentsOf(path: string): string[] {
  if (path.includes('\0')) throw refused(path, 'it contains a NUL character');
  const text = process.platform === 'win32' ? path.replaceAll('\\', '/') : path;
  if (text.startsWith('/') || (process.platform === 'win32' && /^[a-z]:/i.test(text)))
    throw refused(path, 'it is not relative to the workspace');
  const segments = text.split('/').filter((segment) => segment !== '' && segment !== '.');
  if (segments.includes('..')) throw refused(path, 'it leaves the workspace');
  return segments;
}

/** Error for a path that a working copy does not touch. */
export function refused(path: string, why: string): AmbitError {
  return new AmbitError('denied', `the path \`${path}\` is refused: ${why}`, {
    hint: 'name a regular file or folder inside the workspace, not through a link',
  });
}

/** `ENOENT` and its kin: the entry, or a folder on the way, does not exist. */
export function isAbsent(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
