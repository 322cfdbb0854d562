import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomic } from '@ambit/guard/state';
import * as z from 'zod/mini';
import type { Trigger } from './triggers.ts';

const change = z.object({
  trigger: z.enum(['PostFileCreate', 'PostFileSave', 'PostFileDelete']),
  path: z.string(),
  origin: z.string(),
  depth: z.int(),
});
/** A file event that waits for its batch. */
export type FileEvent = z.infer<typeof change> & { trigger: Trigger };

const entry = z.union([z.object({ add: change }), z.object({ done: z.int() })]);

/**
 * File events that have not been handled yet, kept in a journal so that a restart loses none: each is written before it
 * counts, and a batch is marked done only after its hooks ran. The same event twice waits once.
 */
export interface EventQueue {
  add: (...events: readonly FileEvent[]) => Promise<void>;
  /** Everything that waits, in order of arrival, one entry a path and trigger. */
  waiting: () => FileEvent[];
  /** Forgets the first `count` waiting events. */
  finish: (count: number) => Promise<void>;
}

const keyOf = (event: FileEvent) => `${event.trigger}\0${event.path}\0${event.origin}\0${event.depth}`;

/** Journal lines after which the file is written anew. */
const compactAfter = 20_000;

function replay(text: string): Map<string, FileEvent> {
  const waiting = new Map<string, FileEvent>();
  for (const raw of text.split('\n')) {
    let data: unknown;
    try {
      data = JSON.parse(raw);
    } catch {
      continue;
    }
    const parsed = entry.safeParse(data);
    if (!parsed.success) continue;
    if ('add' in parsed.data) waiting.set(keyOf(parsed.data.add), parsed.data.add);
    else for (const key of [...waiting.keys()].slice(0, parsed.data.done)) waiting.delete(key);
  }
  return waiting;
}

export async function openQueue(folder: string): Promise<EventQueue> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'events.jsonl');
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const waiting = replay(text);
  let lines = text.split('\n').length;
  // A line torn by a power cut is closed first, so that it does not swallow the next one.
  let pending: string[] = text === '' || text.endsWith('\n') ? [] : ['\n'];
  let tail = Promise.resolve();
  const flush = async () => {
    const chunk = pending.join('');
    pending = [];
    if (chunk === '') return;
    if (lines > compactAfter) {
      lines = waiting.size;
      await writeAtomic(path, [...waiting.values()].map((event) => `${JSON.stringify({ add: event })}\n`).join(''));
      return;
    }
    const file = await open(path, 'a', 0o600);
    try {
      await file.appendFile(chunk);
    } finally {
      await file.close();
    }
  };
  const write = (...items: readonly z.infer<typeof entry>[]) => {
    for (const item of items) pending.push(`${JSON.stringify(item)}\n`);
    lines += items.length;
    tail = tail.then(flush);
    return tail;
  };
  return {
    add: async (...events) => {
      const fresh = events.filter((event) => !waiting.has(keyOf(event)));
      for (const event of fresh) waiting.set(keyOf(event), event);
      if (fresh.length > 0) await write(...fresh.map((event) => ({ add: event })));
    },
    waiting: () => [...waiting.values()],
    finish: async (count) => {
      for (const key of [...waiting.keys()].slice(0, count)) waiting.delete(key);
      await write({ done: count });
    },
  };
}
