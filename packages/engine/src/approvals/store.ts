import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AmbitError, messageOf } from '@ambit/core/errors';
import { approvedText, type Phase, phases } from '@ambit/core/spec';
import { type AuditLog, sha256Of } from '@ambit/guard/audit';
import { type StatePaths, withLock, writeAtomic } from '@ambit/guard/state';

/** Somebody approved exactly this content of one phase. */
export interface Approval {
  version: 1;
  spec: string;
  phase: Phase;
  /** Of `approvedText`: for tasks.md with every box open. */
  sha256: string;
  file: string;
  by: string;
  /** ISO 8601, UTC. */
  at: string;
  channel: 'terminal' | 'ui';
}

/** SHA-256 of what an approval of this phase binds. */
export function approvalHash(phase: Phase, text: string): string {
  return sha256Of(Buffer.from(approvedText(phase, text), 'utf8'));
}

/** One file a spec; the name is hashed, so that no name can leave the folder. */
function fileOf(state: Pick<StatePaths, 'approvals'>, spec: string): string {
  const readable = spec.replaceAll(/[^\w.-]+/g, '-').slice(0, 60);
  return join(state.approvals, `${readable}-${createHash('sha256').update(spec).digest('hex').slice(0, 12)}.json`);
}

function isApproval(value: unknown, spec: string): value is Approval {
  if (typeof value !== 'object' || value === null) return false;
  const entry = value as Partial<Record<keyof Approval, unknown>>;
  return (
    entry.version === 1 &&
    entry.spec === spec &&
    phases.includes(entry.phase as Phase) &&
    typeof entry.sha256 === 'string' &&
    /^[0-9a-f]{64}$/.test(entry.sha256) &&
    typeof entry.by === 'string' &&
    typeof entry.at === 'string'
  );
}

/** The approvals of one spec. Anything unreadable is an error, never «approved» and never «nothing». */
export async function readApprovals(state: Pick<StatePaths, 'approvals'>, spec: string): Promise<Approval[]> {
  const path = fileOf(state, spec);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new AmbitError('state.broken', `approvals could not be read: ${messageOf(error)}`, {
      where: path,
      cause: error,
    });
  }
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw new AmbitError('state.broken', 'approvals are not valid JSON', {
      where: path,
      hint: 'remove the file and approve again; nothing counts as approved until then',
      cause: error,
    });
  }
  if (!Array.isArray(data) || !data.every((entry) => isApproval(entry, spec)))
    throw new AmbitError('state.broken', 'approvals have an unknown form', {
      where: path,
      hint: 'remove the file and approve again; nothing counts as approved until then',
    });
  return data;
}

/** The requirements as they were when design and tasks were last in line with them; undefined when nobody kept them. */
export async function readBaseline(state: Pick<StatePaths, 'approvals'>, spec: string): Promise<string | undefined> {
  return readFile(baselineOf(state, spec), 'utf8').catch(() => undefined);
}

/** Keeps the requirements as `ambit spec sync` has to compare with: no approval rests on this file. */
export async function keepBaseline(state: Pick<StatePaths, 'approvals'>, spec: string, text: string): Promise<void> {
  await writeAtomic(baselineOf(state, spec), text);
}

const baselineOf = (state: Pick<StatePaths, 'approvals'>, spec: string) =>
  fileOf(state, spec).replace(/\.json$/, '.requirements.md');

export interface ApprovalPorts {
  state: StatePaths;
  /** The approval is a record of the audit log before it counts. */
  audit: AuditLog;
}

/** Stores an approval in place of the phase's former one: first the audit record, then the file. */
export async function storeApproval(ports: ApprovalPorts, approval: Approval): Promise<void> {
  const path = fileOf(ports.state, approval.spec);
  await withLock(
    `${path}.lock`,
    async () => {
      const kept = (await readApprovals(ports.state, approval.spec)).filter((entry) => entry.phase !== approval.phase);
      await ports.audit.record('approval', null, { ...approval });
      await writeAtomic(path, `${JSON.stringify([...kept, approval], null, 2)}\n`);
    },
    2_000,
  );
}

/** Takes approvals back. */
export async function revokeApproval(ports: ApprovalPorts, spec: string, phase: Phase, by: string): Promise<boolean> {
  const path = fileOf(ports.state, spec);
  return withLock(
    `${path}.lock`,
    async () => {
      const all = await readApprovals(ports.state, spec);
      const kept = all.filter((entry) => entry.phase !== phase);
      if (kept.length === all.length) return false;
      await ports.audit.record('approval', null, { spec, phase, by, revoked: true });
      await writeAtomic(path, `${JSON.stringify(kept, null, 2)}\n`);
      return true;
    },
    2_000,
  );
}
