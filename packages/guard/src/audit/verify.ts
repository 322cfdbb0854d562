import type { AuditRecord } from '@ambit/core/schema';
import type { StatePaths } from '../state/index.ts';
import { genesis } from './chain.ts';
import { readHead } from './log.ts';
import { parseRecord, readLines } from './segments.ts';

export interface AuditProblem {
  file: string;
  line: number;
  /** Number the record at this place must have. */
  sequence: number;
  problem: string;
}

export interface Verification {
  ok: boolean;
  /** Records whose chain holds, counted up to the first bad one. */
  records: number;
  /** The first bad record: everything after it proves nothing. */
  problem?: AuditProblem;
  /** An incomplete last line, left by a process that was killed; not a fault of the chain. */
  torn?: { file: string; line: number; bytes: number };
}

/** Walks the whole chain and names the first bad record. An absent log is an empty, intact one. */
export async function verifyAuditLog(paths: Pick<StatePaths, 'audit'>): Promise<Verification> {
  const head = readHead(paths.audit);
  let previous = genesis;
  let records = 0;
  let place = { file: '', line: 0 };
  let torn: Verification['torn'];
  const bad = (problem: string): Verification => ({
    ok: false,
    records,
    problem: { ...place, sequence: records, problem },
  });
  for await (const { file, line, text, complete } of readLines(paths.audit)) {
    if (torn) return bad('an incomplete line stands before it');
    place = { file, line };
    if (!complete) {
      torn = { file, line, bytes: Buffer.byteLength(text) };
      continue;
    }
    const parsed = parseRecord(text);
    if ('problem' in parsed) return bad(parsed.problem);
    if (parsed.record.sequence !== records) return bad(`carries number ${parsed.record.sequence} instead`);
    if (parsed.record.previous !== previous) return bad('does not follow the record before it');
    previous = parsed.record.hash;
    if (head && head.sequence === records && head.hash !== previous)
      return bad('is not the record that was written here');
    records += 1;
  }
  if (head && head.sequence >= records)
    return bad(`is missing: the log was cut, its last record was number ${head.sequence}`);
  return { ok: true, records, ...(torn ? { torn } : {}) };
}

/** Complete, well-formed records in order; what cannot be read as a record is left out (`verifyAuditLog` reports it). */
export async function* readAuditLog(paths: Pick<StatePaths, 'audit'>): AsyncGenerator<AuditRecord> {
  for await (const { text, complete } of readLines(paths.audit)) {
    const parsed = complete ? parseRecord(text) : undefined;
    if (parsed && 'record' in parsed) yield parsed.record;
  }
}
