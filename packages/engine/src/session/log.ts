import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AmbitError, messageOf } from '@ambit/core/errors';
import type { Label, Usage } from '@ambit/core/schema';
import { withLock } from '@ambit/guard/state';
import type { Message } from '../providers/model.ts';
import type { CopyPoint } from './copy-point.ts';

interface EntryBase {
  id: string;
  parentId: string | null;
  /** ISO 8601, UTC. */
  time: string;
}

/** One line of a session file. A line is never changed; a branch is a line whose parent is not the line before it. */
export type SessionEntry = EntryBase &
  /** `run` names the working copy, so that a resumed run finds its changes; `agent` narrows whoever goes on. */
  (
    | { type: 'session'; version: 1; workspace: string; kind: string; run: string; agent?: string }
    /** `by` tells what a person said from what Ambit told the model; `labels`, when they grew, what the run had read. */
    | { type: 'message'; message: Message; by?: 'human'; labels?: readonly Label[] }
    /** What came before is replaced by `messages` for the model; the old lines stay readable. */
    | { type: 'compaction'; messages: readonly Message[]; written?: readonly string[] }
    | { type: 'model'; model: string }
    /** What must survive every compaction, by name. */
    | { type: 'keep'; name: string; text: string }
    | { type: 'change-set'; changeSet: string }
    /** A prompt begins; `point` is the working copy before it. */
    | { type: 'turn'; point: CopyPoint }
    /** The conversation went back to before a turn; this line's parent is what stood before that turn. */
    | { type: 'rewind'; to: string }
    | { type: 'ended'; status: string; text: string; usage?: Usage }
  );

/** `Omit` that keeps the union. */
export type EntryBody = SessionEntry extends infer E
  ? E extends SessionEntry
    ? Omit<E, keyof EntryBase>
    : never
  : never;

export interface SessionLog {
  readonly id: string;
  readonly path: string;
  /** Adds a line after the current one and waits until it is on disk. */
  append: (body: EntryBody) => Promise<SessionEntry>;
  /** The line the next one will follow. */
  readonly leaf: string | null;
  close: () => Promise<void>;
}

const newId = (bytes: number) => randomBytes(bytes).toString('hex');

/** Sortable by time: sessions are listed newest first. */
export function newSessionId(now: Date): string {
  return `${now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')}-${newId(3)}`;
}

export const sessionFile = (folder: string, id: string): string => join(folder, `${id}.jsonl`);

/** Holds a lock until the returned function is called; rejects when another process holds it. */
function holdLock(path: string): Promise<() => Promise<void>> {
  return new Promise((held, failed) => {
    const finished = withLock(
      path,
      () =>
        new Promise<void>((release) => {
          held(async () => {
            release();
            await finished;
          });
        }),
    );
    finished.catch(failed);
  });
}

/** A half-written last line of a crash is closed off with a line end, so that it can never swallow the next line. */
async function openLines(path: string): Promise<FileHandle> {
  const file = await open(path, 'a+', 0o600);
  const { size } = await file.stat();
  if (size > 0) {
    const last = Buffer.alloc(1);
    await file.read(last, 0, 1, size - 1);
    if (last[0] !== 10) await file.write('\n');
  }
  return file;
}

/**
 * Opens a session file for adding; `leaf` is the line to go on from (null for a new file). One process at a time: a
 * second one is refused with the first one's pid.
 */
export async function openSessionLog(path: string, leaf: string | null, now: () => Date): Promise<SessionLog> {
  let current = leaf;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const release = await holdLock(`${path}.lock`);
  const file = await openLines(path);
  return {
    id: basename(path, '.jsonl'),
    path,
    get leaf() {
      return current;
    },
    append: async (body) => {
      const entry = { id: newId(6), parentId: current, time: now().toISOString(), ...body } as SessionEntry;
      // One write a line: a reader sees whole lines or a torn last one.
      await file.write(`${JSON.stringify(entry)}\n`);
      current = entry.id;
      return entry;
    },
    close: async () => {
      await file.close();
      await release();
    },
  };
}

export function parseLine(line: string): SessionEntry | undefined {
  try {
    const value = JSON.parse(line) as SessionEntry;
    return typeof value.id === 'string' && typeof value.type === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** All readable lines of a session file; torn ones are counted, not guessed. */
export async function readSession(path: string): Promise<{ entries: SessionEntry[]; torn: number }> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new AmbitError('input.missing', `the session cannot be read: ${messageOf(error)}`, {
      where: path,
      hint: 'to see the sessions of this workspace: ambit resume --list',
    });
  }
  const lines = text.split('\n').filter((line) => line !== '');
  const entries = lines.map(parseLine).filter((entry) => entry !== undefined);
  if (entries.length === 0) throw new AmbitError('state.broken', 'the session has no readable line', { where: path });
  return { entries, torn: lines.length - entries.length };
}

/** The lines from the first to `leaf` (the last one written, unless given), along the parents. */
export function branchOf(entries: readonly SessionEntry[], leaf?: string): SessionEntry[] {
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  const start = leaf ?? entries.at(-1)?.id;
  if (start !== undefined && !byId.has(start))
    throw new AmbitError('usage', `the session has no turn \`${start}\``, {
      hint: 'to see the turns of a session: ambit resume <session> --turns',
    });
  const path: SessionEntry[] = [];
  const seen = new Set<string>();
  for (let id: string | null = start ?? null; id !== null && !seen.has(id); ) {
    seen.add(id);
    const entry = byId.get(id);
    if (!entry) break;
    path.push(entry);
    id = entry.parentId;
  }
  return path.reverse();
}

/** Calls without a result, as a crash leaves them, are answered: every provider refuses a history with a gap. */
export function closeGaps(messages: readonly Message[]): Message[] {
  return messages.flatMap((message, i): Message[] => {
    if (message.role !== 'assistant') return [message];
    const calls = message.parts.filter((part) => part.type === 'call');
    const next = messages[i + 1];
    if (calls.length === 0 || next?.role === 'tool') return [message];
    const parts = calls.map((call) => ({
      type: 'result' as const,
      id: call.id,
      name: call.name,
      text: 'interrupted: whether this happened is not known; look before you go on',
      failed: true,
    }));
    return [message, { role: 'tool', parts }];
  });
}

/** What the model is shown of a branch: everything since the last compaction. */
export function historyOf(branch: readonly SessionEntry[]): Message[] {
  let messages: Message[] = [];
  for (const entry of branch) {
    if (entry.type === 'message') messages.push(entry.message);
    if (entry.type === 'compaction') messages = [...entry.messages];
  }
  return closeGaps(messages);
}

/** The newest text of every kept name. */
export function keptOf(branch: readonly SessionEntry[]): Map<string, string> {
  const kept = new Map(branch.flatMap((entry) => (entry.type === 'keep' ? [[entry.name, entry.text] as const] : [])));
  return new Map([...kept].filter(([, text]) => text !== ''));
}

/** What people said, oldest first, over the whole branch. */
export function saidOf(branch: readonly SessionEntry[]): string[] {
  return branch.flatMap((entry) =>
    entry.type === 'message' && entry.by === 'human'
      ? entry.message.parts.flatMap((part) => (part.type === 'text' ? [part.text] : []))
      : [],
  );
}

/** One prompt of a branch and what came of it. `id` is the last line that belongs to it: the place to branch from. */
export interface TurnSummary {
  id: string;
  /** The `turn` line it began with; absent for what was said during another turn. */
  begins?: string;
  time: string;
  prompt: string;
  status?: string;
  usage?: Usage;
}

/** What was spent, turns that were gone back from included: it was paid all the same. */
export function usageOf(entries: readonly SessionEntry[]): Usage {
  const sum: Usage = { inputTokens: 0, outputTokens: 0 };
  for (const entry of entries) if (entry.type === 'ended' && entry.usage) addUsage(sum, entry.usage);
  return sum;
}

export function addUsage(sum: Usage, more: Usage): void {
  sum.inputTokens += more.inputTokens;
  sum.outputTokens += more.outputTokens;
  if (more.cachedTokens !== undefined) sum.cachedTokens = (sum.cachedTokens ?? 0) + more.cachedTokens;
  if (more.dollars !== undefined) sum.dollars = (sum.dollars ?? 0) + more.dollars;
}

export function turnsOf(branch: readonly SessionEntry[]): TurnSummary[] {
  const turns: TurnSummary[] = [];
  let begins: string | undefined;
  for (const entry of branch) {
    if (entry.type === 'turn') {
      // It belongs to the prompt that follows, not to the turn before.
      begins = entry.id;
      continue;
    }
    const part = entry.type === 'message' && entry.by === 'human' ? entry.message.parts[0] : undefined;
    if (part?.type === 'text') {
      turns.push({ id: entry.id, time: entry.time, prompt: part.text, ...(begins ? { begins } : {}) });
      begins = undefined;
    }
    const last = turns.at(-1);
    if (last) last.id = entry.id;
    if (last && entry.type === 'ended') {
      last.status = entry.status;
      if (entry.usage) last.usage = entry.usage;
    }
  }
  return turns;
}

/** The model named last on a branch. */
export function modelOf(branch: readonly SessionEntry[]): string | undefined {
  const entry = branch.findLast((line) => line.type === 'model');
  return entry?.type === 'model' ? entry.model : undefined;
}
