import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AmbitError, messageOf } from '@ambit/core/errors';
import { sha256 } from '@ambit/core/schema';
import * as z from 'zod/mini';
import { type StatePaths, withLock, writeAtomic } from '../state/index.ts';
import { emptyLock, type LockFile, lockFileName, type Pin, parseLock, printLock } from './lock-file.ts';
import type { PinnedFiles, SubjectKind } from './pinned.ts';
import { type Inventory, type Refused, type Subject, takeInventory } from './subjects.ts';

/**
 * `trusted`: the content's hash stands in ambit.lock and in the user's own record. `changed`: another hash was accepted
 * before. `unconfirmed`: the lock names this hash but this user never accepted it. `pending`: nobody did. `missing`: the
 * lock names a file that is gone.
 */
export type TrustState = 'trusted' | 'changed' | 'unconfirmed' | 'pending' | 'missing';

export interface SubjectStatus {
  id: string;
  kind: SubjectKind;
  state: TrustState;
  subject?: Subject;
  /** The lock's line, where there is one. */
  pin?: Pin;
  /** Text this user accepted before, where it differs. */
  accepted?: string;
}

export interface TrustReport {
  statuses: SubjectStatus[];
  refused: Refused[];
  /** Why the lock file or the user's record could not be used; then nothing is trusted. */
  problem?: string;
}

const acceptedRecord = z.looseObject({
  version: z.literal(1),
  accepted: z.record(z.string(), z.object({ sha256, by: z.string(), at: z.string() })),
});
type AcceptedRecord = z.infer<typeof acceptedRecord>;

export interface TrustPlace {
  workspace: string;
  state: StatePaths;
  pinned: PinnedFiles;
}

const recordPath = (place: TrustPlace) => join(place.state.trust, 'accepted.json');
const contentPath = (place: TrustPlace, hash: string) => join(place.state.trust, 'content', hash);

async function readOptional(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function readRecord(place: TrustPlace): Promise<AcceptedRecord> {
  const text = await readOptional(recordPath(place));
  if (text === undefined) return { version: 1, accepted: {} };
  try {
    return acceptedRecord.parse(JSON.parse(text));
  } catch (error) {
    throw new AmbitError('state.broken', `the record of what you accepted cannot be read: ${messageOf(error)}`, {
      where: recordPath(place),
      hint: 'remove it and accept again with: ambit trust accept',
    });
  }
}

async function readLock(place: TrustPlace): Promise<LockFile> {
  const text = await readOptional(join(place.workspace, lockFileName));
  return text === undefined ? emptyLock() : parseLock(text);
}

function stateOf(subject: Subject, pin: Pin | undefined, own: { sha256: string } | undefined): TrustState {
  if (pin?.sha256 === subject.sha256) return own?.sha256 === subject.sha256 ? 'trusted' : 'unconfirmed';
  return pin || own ? 'changed' : 'pending';
}

async function describe(
  place: TrustPlace,
  inventory: Inventory,
  lock: LockFile,
  own: AcceptedRecord,
): Promise<SubjectStatus[]> {
  const statuses: SubjectStatus[] = [];
  for (const subject of inventory.subjects) {
    const pin = lock.pins[subject.id];
    const mine = own.accepted[subject.id];
    const state = stateOf(subject, pin, mine);
    const before = state !== 'trusted' && mine ? await readOptional(contentPath(place, mine.sha256)) : undefined;
    statuses.push({
      id: subject.id,
      kind: subject.kind,
      state,
      subject,
      ...(pin ? { pin } : {}),
      ...(before === undefined ? {} : { accepted: before }),
    });
  }
  const present = new Set(inventory.subjects.map((subject) => subject.id));
  for (const [id, pin] of Object.entries(lock.pins))
    if (!present.has(id) && pin.kind !== 'mcp-tools') statuses.push({ id, kind: pin.kind, state: 'missing', pin });
  return statuses;
}

/**
 * What is trusted here and what is inert. Reads only. A broken lock or record makes everything untrusted and says why.
 */
export async function trustStatus(place: TrustPlace): Promise<TrustReport> {
  const inventory = await takeInventory(place.workspace, place.pinned);
  try {
    const statuses = await describe(place, inventory, await readLock(place), await readRecord(place));
    return { statuses, refused: inventory.refused };
  } catch (error) {
    const statuses = inventory.subjects.map(
      (subject): SubjectStatus => ({ id: subject.id, kind: subject.kind, state: 'pending', subject }),
    );
    return { statuses, refused: inventory.refused, problem: messageOf(error) };
  }
}

/**
 * State of a subject that no file of the workspace holds, such as the tools an MCP server offers: pinned in the lock and
 * accepted by this user with exactly this hash, or inert. A broken lock or record throws.
 */
export async function stateOfSubject(place: TrustPlace, subject: Subject): Promise<TrustState> {
  const [lock, own] = [await readLock(place), await readRecord(place)];
  return stateOf(subject, lock.pins[subject.id], own.accepted[subject.id]);
}

/** Subjects whose content may be loaded or run, by id, with exactly the text that was accepted. */
export function trustedSubjects(report: TrustReport): Map<string, Subject> {
  const trusted = new Map<string, Subject>();
  for (const status of report.statuses)
    if (status.state === 'trusted' && status.subject) trusted.set(status.id, status.subject);
  return trusted;
}

/** A person at a terminal or in a UI; a program cannot make one by reading standard input. */
export interface Acceptance {
  by: string;
  at: string;
  channel: 'terminal' | 'ui';
}

/**
 * Pins the given subjects exactly as shown: content that changed since is refused, so that nothing slips in between the
 * look and the answer (C5). Writes the lock line and this user's own record.
 */
export async function acceptSubjects(
  place: TrustPlace,
  shown: readonly Subject[],
  acceptance: Acceptance,
): Promise<void> {
  await mkdir(place.state.trust, { recursive: true, mode: 0o700 });
  await withLock(
    join(place.state.trust, 'lock'),
    async () => {
      const now = await takeInventory(place.workspace, place.pinned);
      const current = new Map(now.subjects.map((subject) => [subject.id, subject.sha256]));
      const moved = shown.filter(
        (subject) => subject.kind !== 'mcp-tools' && current.get(subject.id) !== subject.sha256,
      );
      if (moved.length > 0)
        throw new AmbitError('denied', `changed after it was shown: ${moved.map((subject) => subject.id).join(', ')}`, {
          hint: 'look again: ambit trust diff',
        });
      await writePins(place, shown, acceptance);
    },
    5_000,
  );
}

async function writePins(place: TrustPlace, shown: readonly Subject[], { by, at }: Acceptance): Promise<void> {
  const lock = await readLock(place);
  const own = await readRecord(place);
  await mkdir(join(place.state.trust, 'content'), { recursive: true, mode: 0o700 });
  for (const subject of shown) {
    lock.pins[subject.id] = { ...lock.pins[subject.id], kind: subject.kind, sha256: subject.sha256, by, at };
    own.accepted[subject.id] = { sha256: subject.sha256, by, at };
    await writeFile(contentPath(place, subject.sha256), subject.text, { mode: 0o600 });
  }
  await writeAtomic(recordPath(place), `${JSON.stringify(own, null, 2)}\n`);
  await writeAtomic(join(place.workspace, lockFileName), printLock(lock), 0o644);
}

/** Removes pins: `missing` files, or subjects no longer wanted. */
export async function forgetSubjects(place: TrustPlace, ids: readonly string[]): Promise<void> {
  await withLock(
    join(place.state.trust, 'lock'),
    async () => {
      const lock = await readLock(place);
      const own = await readRecord(place);
      for (const id of ids) {
        delete lock.pins[id];
        delete own.accepted[id];
      }
      await writeAtomic(recordPath(place), `${JSON.stringify(own, null, 2)}\n`);
      await writeAtomic(join(place.workspace, lockFileName), printLock(lock), 0o644);
    },
    5_000,
  );
}

export interface LockGap {
  id: string;
  reason: string;
}

/** For continuous integration: every subject must have a lock line with its hash. Knows no user. */
export async function checkLock(place: Pick<TrustPlace, 'workspace' | 'pinned'>): Promise<LockGap[]> {
  const inventory = await takeInventory(place.workspace, place.pinned);
  const text = await readOptional(join(place.workspace, lockFileName));
  const lock = text === undefined ? emptyLock() : parseLock(text);
  const gaps: LockGap[] = inventory.refused.map(({ path, reason }) => ({ id: path, reason: `refused: ${reason}` }));
  for (const subject of inventory.subjects) {
    const line = lock.pins[subject.id];
    if (!line) gaps.push({ id: subject.id, reason: 'has no line in ambit.lock' });
    else if (line.sha256 !== subject.sha256)
      gaps.push({ id: subject.id, reason: 'differs from its line in ambit.lock' });
  }
  const present = new Set(inventory.subjects.map((subject) => subject.id));
  for (const [id, line] of Object.entries(lock.pins))
    if (!present.has(id) && line.kind !== 'mcp-tools') gaps.push({ id, reason: 'is pinned but gone' });
  return gaps;
}
