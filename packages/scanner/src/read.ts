import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '@ambit/core/errors';
import { bounded, FILE_LIMIT, tooLong } from './bound.ts';
import { hashBytes } from './cache.ts';
import { type FileReport, reportOfGap, type Scanner } from './scanner.ts';
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

export interface Scanned {
  report: FileReport;
  hash: string;
}

function scanOne(scanner: Scanner, root: string, path: string): Scanned {
  if (isBinaryName(path))
    return { report: { path, findings: [], facts: {}, gaps: [], bytes: 0, skipped: 'binary' }, hash: '' };
  let bytes: Uint8Array;
  try {
    bytes = readBytes(join(root, path));
  } catch (error) {
    return { report: reportOfGap(path, `the file cannot be read: ${messageOf(error)}`), hash: '' };
  }
  return { report: scanner.look(path, bytes), hash: hashBytes(bytes) };
}

/**
 * One after another; one that takes longer than `limit` is a gap. The clock runs for all of them together, since setting it
 * costs more than most files do: when it rings, the file it rang at starts once more with a clock of its own, unless it had
 * that already.
 */
function eachInTime<T>(
  paths: readonly string[],
  limit: number,
  scanAt: (path: string) => T,
  late: (path: string) => T,
): T[] {
  const out: T[] = [];
  while (out.length < paths.length) {
    const start = out.length;
    const result = bounded(() => {
      while (out.length < paths.length) out.push(scanAt(paths[out.length] ?? ''));
    }, limit);
    if (result.done || out.length > start) continue;
    out.push(late(paths[out.length] ?? ''));
  }
  return out;
}

/** Reads and scans files; one that cannot be read, or takes longer than `limit`, is a gap. */
export function scanPaths(scanner: Scanner, root: string, paths: readonly string[], limit = FILE_LIMIT): Scanned[] {
  const late = (path: string) => ({ report: reportOfGap(path, tooLong(limit)), hash: '' });
  return eachInTime(paths, limit, (path) => scanOne(scanner, root, path), late);
}

/** The same for files held in memory. */
export function scanContents(scanner: Scanner, contents: ReadonlyMap<string, Uint8Array>): FileReport[] {
  const bytesOf = (path: string) => contents.get(path) ?? new Uint8Array();
  return eachInTime(
    [...contents.keys()],
    FILE_LIMIT,
    (path) => scanner.look(path, bytesOf(path)),
    (path) => reportOfGap(path, tooLong(FILE_LIMIT), bytesOf(path).length),
  );
}
