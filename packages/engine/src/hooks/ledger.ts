import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import type { HookLimits } from './grants.ts';
import type { Hook } from './hook.ts';

const line = z.looseObject({
  time: z.string(),
  hook: z.string(),
  hash: z.string(),
  kind: z.enum(['run', 'resumed']),
  status: z.optional(z.enum(['done', 'failed', 'blocked', 'timeout', 'interrupted'])),
  trigger: z.optional(z.string()),
  paths: z.optional(z.int()),
  exitCode: z.optional(z.nullable(z.int())),
  milliseconds: z.optional(z.number()),
  dollars: z.optional(z.number()),
  tokens: z.optional(z.int()),
  changeSet: z.optional(z.string()),
  note: z.optional(z.string()),
});
export type LedgerLine = z.infer<typeof line>;

/** Consecutive failures after which a hook rests until a human resumes it or the hook changes. */
export const failureLimit = 5;

/** Runs of hooks, as they happened: append-only lines in the state directory. */
export interface Ledger {
  lines: () => readonly LedgerLine[];
  append: (entry: LedgerLine) => Promise<void>;
}

const hour = 3_600_000;

/** Opens the ledger; a torn last line (power cut) is passed over. */
export async function openLedger(folder: string): Promise<Ledger> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'ledger.jsonl');
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const kept: LedgerLine[] = [];
  for (const raw of text.split('\n')) {
    try {
      const parsed = line.safeParse(JSON.parse(raw));
      if (parsed.success) kept.push(parsed.data);
    } catch {}
  }
  let opening = text === '' || text.endsWith('\n') ? '' : '\n';
  let tail = Promise.resolve();
  const append = async (entry: LedgerLine) => {
    kept.push(entry);
    tail = tail.then(async () => {
      const file = await open(path, 'a', 0o600);
      try {
        await file.appendFile(`${opening}${JSON.stringify(entry)}\n`);
        opening = '';
      } finally {
        await file.close();
      }
    });
    await tail;
  };
  return { lines: () => kept, append };
}

/** Why a hook must rest now, or undefined. Pure. */
export function restReason(
  hook: Hook,
  lines: readonly LedgerLine[],
  limits: HookLimits,
  now: number,
): string | undefined {
  const own = lines.filter((entry) => entry.hook === hook.id && entry.hash === hook.hash);
  const since = own
    .slice(own.findLastIndex((entry) => entry.kind === 'resumed') + 1)
    .filter((entry) => entry.kind === 'run' && entry.status !== 'interrupted');
  const streak = [...since].reverse().findIndex((entry) => entry.status === 'done' || entry.status === 'blocked');
  const failures = streak < 0 ? since.length : streak;
  if (failures >= failureLimit)
    return `failed ${failures} times in a row; see: ambit hooks list, then ambit hooks resume`;
  const after = (age: number) => own.filter((entry) => entry.kind === 'run' && now - Date.parse(entry.time) < age);
  if (after(hour).length >= limits.runsPerHour) return `reached ${limits.runsPerHour} runs in an hour`;
  const today = after(24 * hour);
  const sum = (key: 'dollars' | 'tokens') => today.reduce((total, entry) => total + (entry[key] ?? 0), 0);
  if (sum('dollars') >= limits.dollarsPerDay) return `spent its ${limits.dollarsPerDay} dollars of the day`;
  if (sum('tokens') >= limits.tokensPerDay) return `used its ${limits.tokensPerDay} tokens of the day`;
  return undefined;
}

export interface HookFigures {
  runs: number;
  failures: number;
  dollars: number;
  tokens: number;
  last?: LedgerLine;
  /** Change sets its runs left. */
  changeSets: string[];
}

/** What `ambit hooks list` shows of a hook. Pure. */
export function figuresOf(hook: Hook, lines: readonly LedgerLine[]): HookFigures {
  const runs = lines.filter((entry) => entry.hook === hook.id && entry.kind === 'run');
  const last = runs.at(-1);
  return {
    runs: runs.length,
    failures: runs.filter((entry) => entry.status === 'failed' || entry.status === 'timeout').length,
    dollars: runs.reduce((total, entry) => total + (entry.dollars ?? 0), 0),
    tokens: runs.reduce((total, entry) => total + (entry.tokens ?? 0), 0),
    changeSets: [...new Set(runs.flatMap((entry) => entry.changeSet ?? []))],
    ...(last ? { last } : {}),
  };
}
