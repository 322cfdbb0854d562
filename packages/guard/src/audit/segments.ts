import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AuditRecord, record as recordSchema } from '@ambit/core/schema';
import { safeParse } from 'zod/mini';
import { recordHash } from './chain.ts';

/** A log is a folder of segments `000001.jsonl`, `000002.jsonl`, … forming one chain. */
export const segmentName = (number: number): string => `${String(number).padStart(6, '0')}.jsonl`;

/** Numbers of the segments present, ascending; none when the folder does not exist. */
export function listSegments(folder: string): number[] {
  return namesIn(folder)
    .map((name) => /^(\d{6,})\.jsonl$/.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
    .sort((a, b) => a - b);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** A line as a record whose own hash holds; otherwise what is wrong with it. */
export function parseRecord(line: string): { record: AuditRecord } | { problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { problem: 'is not JSON' };
  }
  const parsed = safeParse(recordSchema, value);
  if (!parsed.success) return { problem: 'does not have the form of a record' };
  if (recordHash(parsed.data) !== parsed.data.hash) return { problem: 'was changed: its hash does not match' };
  return { record: parsed.data };
}

/** Where a log ends: the last complete record, and bytes of a torn line after it. */
export interface Tail {
  segment: number;
  /** Bytes of complete lines in the segment. */
  size: number;
  sequence: number;
  hash: string;
  torn?: Uint8Array;
}

const chunkBytes = 64 * 1024;

// Without waiting: each step takes microseconds, and handing it to a thread and back ten times that.
function lastLines(path: string): { size: number; line: string; torn: Uint8Array } {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    let bytes = Buffer.alloc(0);
    for (let start = size; start > 0; ) {
      const length = Math.min(chunkBytes, start);
      start -= length;
      const chunk = Buffer.alloc(length);
      readSync(file, chunk, 0, length, start);
      bytes = Buffer.concat([chunk, bytes]);
      const end = bytes.lastIndexOf(10);
      const before = end > 0 ? bytes.lastIndexOf(10, end - 1) : -1;
      if (end < 0 || (before < 0 && start > 0)) continue;
      return {
        size: start + end + 1,
        line: bytes.subarray(before + 1, end).toString(),
        torn: Uint8Array.from(bytes.subarray(end + 1)),
      };
    }
    return { size: 0, line: '', torn: Uint8Array.from(bytes) };
  } finally {
    closeSync(file);
  }
}

/**
 * Reads the end of the log. A last complete line that is not a valid record is returned as it stands (its stored hash
 * and sequence), so that the chain goes on and `verifyAuditLog` can name the damaged record; undefined when the log has
 * no record.
 */
export function readTail(folder: string): Tail | undefined {
  const segments = listSegments(folder);
  let torn: { segment: number; bytes: Uint8Array; size: number } | undefined;
  for (const segment of segments.reverse()) {
    const found = lastLines(join(folder, segmentName(segment)));
    if (found.torn.length > 0 && !torn) torn = { segment, bytes: found.torn, size: found.size };
    if (!found.line) continue;
    const { sequence, hash } = looseRecord(found.line);
    const here = torn?.segment === segment || !torn;
    return {
      segment: here ? segment : (torn?.segment ?? segment),
      size: here ? found.size : 0,
      sequence,
      hash,
      ...(torn ? { torn: torn.bytes } : {}),
    };
  }
  return torn ? { segment: torn.segment, size: 0, sequence: -1, hash: '', torn: torn.bytes } : undefined;
}

function looseRecord(line: string): { sequence: number; hash: string } {
  const sequence = /"sequence":(\d{1,15})[,}]/.exec(line)?.[1];
  // The record's own hash is its last member; `data` may hold others of that name.
  const hash = /"hash":"([0-9a-f]{64})"[^"]*$/.exec(line)?.[1];
  return { sequence: sequence === undefined ? 0 : Number(sequence), hash: hash ?? '' };
}

/** Every line of every segment, in order, with its place. */
export async function* readLines(
  folder: string,
): AsyncGenerator<{ file: string; line: number; text: string; complete: boolean }> {
  for (const segment of listSegments(folder)) {
    const file = segmentName(segment);
    const text = await readFile(join(folder, file), 'utf8');
    let line = 0;
    for (let start = 0; start < text.length; ) {
      const end = text.indexOf('\n', start);
      line += 1;
      yield { file, line, text: end < 0 ? text.slice(start) : text.slice(start, end), complete: end >= 0 };
      start = end < 0 ? text.length : end + 1;
    }
  }
}
