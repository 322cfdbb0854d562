import {
  closeSync,
  fdatasync,
  fsync,
  ftruncateSync,
  openSync,
  readFileSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AmbitError, messageOf } from '@ambit/core/errors';
import type { AuditRecord, RecordKind, RunRef } from '@ambit/core/schema';
import { type StatePaths, withLock } from '../state/index.ts';
import { genesis, recordHash, sha256Of } from './chain.ts';
import { readTail, segmentName, type Tail } from './segments.ts';

export interface AuditPorts {
  now: () => Date;
  /** Applied to every string before it is written; secrets never reach the log. */
  redact?: (text: string) => string;
  /** A segment that has reached this size is closed and the next one begun. */
  maxSegmentBytes?: number;
  /** How long to wait for another process that is appending. */
  waitMs?: number;
}

export interface AuditLog {
  /** Resolves when the record is on the disk (fdatasync); rejects when it could not be written. */
  record: (kind: RecordKind, run: RunRef | null, data: Record<string, unknown>) => Promise<AuditRecord>;
}

type Draft = Pick<AuditRecord, 'kind' | 'run' | 'data'>;
interface Waiting {
  draft: Draft;
  resolve: (record: AuditRecord) => void;
  reject: (error: unknown) => void;
}

const defaultSegmentBytes = 8 * 1024 * 1024;
/** A torn line is kept in the note that reports it, up to this size. */
const tornKeptBytes = 16 * 1024;

function redactDeep(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map((item) => redactDeep(item, redact));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, redactDeep(member, redact)]));
}

/** JSON as it will be read back: no undefined members, so that the hash of what is stored is the hash of what was meant. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

function cutNote(head: { sequence: number; hash: string }): Draft {
  const note = 'records are missing before this one: the log was cut';
  return { kind: 'note', run: null, data: { note, lastSequence: head.sequence, lastHash: head.hash } };
}

function tornNote(torn: Uint8Array): Draft {
  return {
    kind: 'note',
    run: null,
    data: {
      note: 'a torn last line was set aside: the process writing it ended before the record was complete',
      bytes: torn.length,
      sha256: sha256Of(torn),
      base64: Buffer.from(torn.subarray(0, tornKeptBytes)).toString('base64'),
    },
  };
}

function writeWhole(file: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

// Only what waits for the disk is handed to a thread: the rest takes microseconds, and the way there ten times that.
async function appendDurably(folder: string, tail: Tail, text: string): Promise<void> {
  const file = openSync(join(folder, segmentName(tail.segment)), 'a', 0o600);
  try {
    writeWhole(file, text);
    await promisify(fdatasync)(file);
  } catch (error) {
    // INVARIANT: a record that was not acknowledged leaves no trace another append could build on (disk full).
    cutBack(file, tail.size);
    throw error;
  } finally {
    closeSync(file);
  }
  if (tail.size === 0 && process.platform !== 'win32') {
    const handle = openSync(folder, 'r');
    await promisify(fsync)(handle).finally(() => closeSync(handle));
  }
}

function cutBack(file: number, size: number): void {
  try {
    ftruncateSync(file, size);
  } catch {
    // What is left is a torn line, which the next append sets aside.
  }
}

function chain(drafts: readonly Draft[], tail: Tail, time: string): AuditRecord[] {
  let { sequence, hash: previous } = tail;
  return drafts.map((draft) => {
    sequence += 1;
    const unsigned = plain({ version: 1 as const, sequence, time, ...draft, previous });
    const hash = recordHash(unsigned);
    previous = hash;
    return { ...unsigned, hash };
  });
}

/** Appends drafts under the log's lock; returns their records. */
async function appendAll(folder: string, drafts: readonly Draft[], ports: AuditPorts): Promise<AuditRecord[]> {
  const found = readTail(folder);
  const tail: Tail = { segment: 1, size: 0, sequence: -1, ...found, hash: found?.hash || genesis };
  const head = readHead(folder);
  const notes = [
    ...(found?.torn ? [tornNote(found.torn)] : []),
    ...(head && head.sequence > tail.sequence ? [cutNote(head)] : []),
  ];
  if (found?.torn) truncateSync(join(folder, segmentName(tail.segment)), tail.size);
  if (tail.size >= (ports.maxSegmentBytes ?? defaultSegmentBytes))
    Object.assign(tail, { segment: tail.segment + 1, size: 0 });
  const records = chain([...notes, ...drafts], tail, ports.now().toISOString());
  await appendDurably(folder, tail, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  const last = records.at(-1);
  // The head may lag behind the log after a crash, never run ahead of it: a log shorter than its head was cut.
  if (last)
    writeFileSync(headPath(folder), JSON.stringify({ sequence: last.sequence, hash: last.hash }), { mode: 0o600 });
  return records.slice(notes.length);
}

const headPath = (folder: string) => join(folder, 'head.json');

/** The newest record the log is known to have had, or undefined when unknown or unreadable. */
export function readHead(folder: string): { sequence: number; hash: string } | undefined {
  try {
    const head = JSON.parse(readFileSync(headPath(folder), 'utf8')) as { sequence?: unknown; hash?: unknown };
    if (typeof head.sequence !== 'number' || typeof head.hash !== 'string') return undefined;
    return { sequence: head.sequence, hash: head.hash };
  } catch {
    return undefined;
  }
}

/**
 * Opens the audit log of one workspace: hash-chained JSON Lines. Several processes may append at once; records that
 * wait together in one process share one lock and one fdatasync. Nothing is held open between appends.
 */
export async function openAuditLog(paths: Pick<StatePaths, 'audit'>, ports: AuditPorts): Promise<AuditLog> {
  const folder = paths.audit;
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw unwritable(folder, error);
  });
  const redact = ports.redact;
  let waiting: Waiting[] = [];
  let draining = false;
  const drain = async () => {
    draining = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        const drafts = batch.map((item) => item.draft);
        const append = () => appendAll(folder, drafts, ports);
        const records = await withLock(join(folder, 'lock'), append, ports.waitMs ?? 10_000);
        batch.forEach((item, i) => {
          item.resolve(records[i] as AuditRecord);
        });
      } catch (error) {
        for (const item of batch) item.reject(unwritable(folder, error));
      }
    }
    draining = false;
  };
  return {
    record: (kind, run, data) =>
      new Promise((resolve, reject) => {
        const kept = redact ? (redactDeep(data, redact) as Record<string, unknown>) : data;
        waiting.push({ draft: { kind, run, data: kept }, resolve, reject });
        if (!draining) void drain();
      }),
  };
}

function unwritable(folder: string, error: unknown): AmbitError {
  return new AmbitError('environment', `the audit log could not be written: ${messageOf(error)}`, {
    where: folder,
    hint: 'nothing is done that cannot be recorded; check free space and permissions',
    cause: error,
  });
}
