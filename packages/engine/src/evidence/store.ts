import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AmbitError, messageOf } from '@ambit/core/errors';
import type { EvidenceRecord } from '@ambit/core/spec';
import type { AuditLog } from '@ambit/guard/audit';
import { type StatePaths, withLock, writeAtomic } from '@ambit/guard/state';
import { sha256 } from './collect.ts';

/** Which files a task changed, from its applied change set. */
export interface TaskChange {
  task: string;
  files: string[];
  at: string;
}

/** Everything recorded about one spec's criteria. */
export interface EvidenceFile {
  version: 1;
  spec: string;
  records: EvidenceRecord[];
  changes: TaskChange[];
}

const empty = (spec: string): EvidenceFile => ({ version: 1, spec, records: [], changes: [] });

function pathOf(state: Pick<StatePaths, 'evidence'>, spec: string): string {
  return join(state.evidence, `${spec.replaceAll(/[^\w.-]+/g, '-').slice(0, 60)}-${sha256(spec).slice(0, 12)}.json`);
}

function isEvidence(data: unknown, spec: string): data is EvidenceFile {
  if (typeof data !== 'object' || data === null) return false;
  const file = data as Partial<EvidenceFile>;
  return file.version === 1 && file.spec === spec && Array.isArray(file.records) && Array.isArray(file.changes);
}

/** The records of one spec; damage is an error, never «proven» and never silently nothing. */
export async function readEvidence(state: Pick<StatePaths, 'evidence'>, spec: string): Promise<EvidenceFile> {
  const path = pathOf(state, spec);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return empty(spec);
    throw new AmbitError('state.broken', `evidence could not be read: ${messageOf(error)}`, {
      where: path,
      cause: error,
    });
  }
  try {
    const data = JSON.parse(text) as unknown;
    if (isEvidence(data, spec)) return data;
  } catch {}
  throw new AmbitError('state.broken', 'the evidence file is damaged', {
    where: path,
    hint: 'move it away; tests will have to prove their criteria again',
  });
}

export interface EvidencePorts {
  state: StatePaths;
  audit: AuditLog;
}

/** One record per criterion and kind (and test): the newer one takes the place of the older. */
const identity = (record: EvidenceRecord) =>
  `${record.criterion} ${record.kind} ${record.kind === 'test' ? `${record.test.file} ${record.test.name}` : record.kind === 'scan' ? record.rule : ''}`;

/** Adds records and what a task changed; the audit log has them first. */
export async function recordEvidence(
  ports: EvidencePorts,
  spec: string,
  records: readonly EvidenceRecord[],
  change?: TaskChange,
): Promise<void> {
  const path = pathOf(ports.state, spec);
  await withLock(
    `${path}.lock`,
    async () => {
      const file = await readEvidence(ports.state, spec);
      const fresh = new Set(records.map(identity));
      const kept = file.records.filter((record) => !fresh.has(identity(record)));
      const changes = change ? [...file.changes.filter((entry) => entry.task !== change.task), change] : file.changes;
      await ports.audit.record('note', null, { note: 'evidence', spec, records, ...(change ? { change } : {}) });
      await writeAtomic(path, `${JSON.stringify({ ...file, records: [...kept, ...records], changes }, null, 1)}\n`);
    },
    2_000,
  );
}
