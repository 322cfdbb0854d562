import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { usage } from '@ambit/core/schema';
import { type StatePaths, writeAtomic } from '@ambit/guard/state';
import * as z from 'zod/mini';

/**
 * `running`: a run works on it, or a crash ended that run. `finished`: worked out, not landed yet. `applied`: in the
 * workspace, box ticked. `waiting`: worked out, a person has to apply it; later tasks build on it. `blocked`: a person has
 * to look, nothing builds on it.
 */
const taskState = z.object({
  status: z.enum(['running', 'finished', 'applied', 'waiting', 'blocked']),
  attempts: z.int(),
  runId: z.optional(z.string()),
  changeSet: z.optional(z.string()),
  checkpoint: z.optional(z.string()),
  reason: z.optional(z.string()),
  flags: z.optional(z.array(z.string())),
  denied: z.optional(z.int()),
  rounds: z.optional(z.int()),
  usage: z.optional(usage),
  /** Order in which waiting work was put on top of each other. */
  landed: z.optional(z.int()),
});
const runState = z.object({
  version: z.literal(1),
  id: z.string(),
  spec: z.string(),
  started: z.string(),
  ended: z.optional(z.string()),
  /** Times a later process went on after a crash or interruption. */
  resumed: z.int(),
  autopilot: z.boolean(),
  /** Hashes of the approved documents; other documents mean another run. */
  hashes: z.array(z.string()),
  tasks: z.record(z.string(), taskState),
});
export type TaskState = z.infer<typeof taskState>;
export type RunState = z.infer<typeof runState>;

type Paths = Pick<StatePaths, 'root'>;
const folderOf = (paths: Paths) => join(paths.root, 'runs');

export async function saveRun(paths: Paths, run: RunState): Promise<void> {
  await writeAtomic(join(folderOf(paths), `${run.id}.json`), JSON.stringify(run));
}

async function readRun(path: string): Promise<RunState | undefined> {
  try {
    const parsed = z.safeParse(runState, JSON.parse(await readFile(path, 'utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** The newest run of this spec, if it worked from the same approved documents. */
export async function newestRun(paths: Paths, spec: string, hashes: readonly string[]): Promise<RunState | undefined> {
  const names = await readdir(folderOf(paths)).catch(() => []);
  for (const name of names
    .filter((one) => one.endsWith('.json'))
    .sort()
    .reverse()) {
    const run = await readRun(join(folderOf(paths), name));
    if (run?.spec !== spec) continue;
    return run.hashes.join() === hashes.join() ? run : undefined;
  }
  return undefined;
}

/** The newest run of this spec that did not come to its end and worked from the same approved documents. */
export async function unfinishedRun(
  paths: Paths,
  spec: string,
  hashes: readonly string[],
): Promise<RunState | undefined> {
  const run = await newestRun(paths, spec, hashes);
  return run?.ended === undefined ? run : undefined;
}

export function newRun(spec: string, hashes: readonly string[], autopilot: boolean, now: Date): RunState {
  const time = now.toISOString();
  const id = `${time.replaceAll(/\D/g, '').slice(2, 17)}-${randomBytes(2).toString('hex')}`;
  return { version: 1, id, spec, started: time, resumed: 0, autopilot, hashes: [...hashes], tasks: {} };
}
