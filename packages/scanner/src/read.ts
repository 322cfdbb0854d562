import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '@ambit/core/errors';
import { hashBytes } from './cache.ts';
import type { FileReport, Scanner } from './scanner.ts';
import { isBinaryName, SEARCH_MAX } from './sources/file.ts';

/** Bytes of a regular file, links not followed, no more than the search limit and one. */
export function readBytes(path: string): Uint8Array {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) throw new Error('it is not a regular file');
    const bytes = Buffer.allocUnsafe(Math.min(stat.size, SEARCH_MAX + 1));
    let length = 0;
    while (length < bytes.length) {
      const read = readSync(file, bytes, length, bytes.length - length, length);
      if (read === 0) break;
      length += read;
    }
    return bytes.subarray(0, length);
  } finally {
    closeSync(file);
  }
}

/** Reads and scans files; one that cannot be read is a gap. */
export function scanPaths(
  scanner: Scanner,
  root: string,
  paths: readonly string[],
): { report: FileReport; hash: string }[] {
  return paths.map((path) => {
    if (isBinaryName(path))
      return { report: { path, findings: [], facts: {}, gaps: [], bytes: 0, skipped: 'binary' }, hash: '' };
    try {
      const bytes = readBytes(join(root, path));
      return { report: scanner.scanBytes(path, bytes), hash: hashBytes(bytes) };
    } catch (error) {
      const gaps = [{ file: path, reason: `the file cannot be read: ${messageOf(error)}` }];
      return { report: { path, findings: [], facts: {}, gaps, bytes: 0 }, hash: '' };
    }
  });
}
