import { createHash, hash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunRef } from '@ambit/core/schema';
import {
  type AutomationPlace,
  aroundTools,
  type KeptChange,
  runAgentHook,
  runCommandHook,
} from '@ambit/engine/automation';
import { applyChangeSet, listChangeSets, loadBlob, makeChangeSet, rejectChangeSet } from '@ambit/engine/change-set';
import { createDispatcher, type Dispatcher, type HookPorts, type HookScope, openLedger } from '@ambit/engine/hooks';
import type { WorkingCopy } from '@ambit/guard/working-copy';
import type { Io } from './command.ts';
import type { HookPlace } from './commands/hooks/found.ts';
import { listFiles } from './files.ts';
import { insideAny, openLanding } from './landing.ts';
import { requireModel } from './models.ts';
import { openWorkbench, type Workbench } from './workbench.ts';

/** `content` is the hash of what is there now; absent when nothing is. */
export interface Origin {
  origin: string;
  depth: number;
  content?: string;
}

export interface Automation {
  dispatcher: Dispatcher;
  bench: Workbench;
  /** Whose write put this content there: `hook:<id>` and depth for a hook's landed change, `agent` for a run's, else `human`. */
  originsOf: (paths: readonly string[]) => Promise<Map<string, Origin>>;
}

function takeOver(bench: Workbench): AutomationPlace['takeOver'] {
  return async (copy, hook) => {
    const { sets } = await listChangeSets(bench.state);
    const open = sets.filter(({ state, run }) => state.status === 'open' && run.hook === hook);
    const taken: string[] = [];
    for (const set of open) {
      const current = await Promise.all(
        set.files.map(async ({ path, before }) => before === (await hashFile(join(bench.state.workspace, path)))),
      );
      // A proposal whose ground has changed meanwhile stays as it is, for a person to decide.
      if (!current.every(Boolean) || set.files.some(({ withheld, type }) => withheld || type !== 'file')) continue;
      for (const { path, kind, after } of set.files) {
        if (kind === 'deleted') await copy.remove(path);
        else if (after !== undefined) await copy.write(path, await loadBlob(bench.state, set.id, after));
      }
      taken.push(set.id);
    }
    return taken;
  };
}

function keeper(bench: Workbench, io: Io): AutomationPlace['keep'] {
  return async (copy: WorkingCopy, run: RunRef, scope: HookScope, said): Promise<KeptChange | undefined> => {
    const landing = await openLanding({ ...bench, protections: bench.policy.protections }, io);
    const set = await makeChangeSet(copy, {
      ...(await landing.context(run)),
      inScope: insideAny(scope.write),
      summary: said.summary,
      denied: said.denied,
      ...(said.usage ? { usage: said.usage } : {}),
    });
    for (const id of said.replaces)
      await rejectChangeSet(
        id,
        set ? `contained in ${set.id}, a later proposal of this hook` : 'withdrawn by its hook',
        landing.ports,
      );
    if (!set) return undefined;
    const lands = scope.land === 'apply' && set.flags.length === 0;
    const applied = lands ? await applyChangeSet(set.id, { channel: 'autopilot' }, landing.ports) : undefined;
    return { id: set.id, applied: applied?.status === 'applied', flags: set.flags.length };
  };
}

/** Larger files are read piece by piece. */
const readAtOnce = 1024 * 1024;

/** Hash of a file's content; undefined when there is none. A burst of thousands comes through here: no stream for each. */
async function hashFile(path: string): Promise<string | undefined> {
  try {
    const found = await stat(path);
    // A pipe would be waited for.
    if (!found.isFile()) return undefined;
    const { size } = found;
    if (size <= readAtOnce) return hash('sha256', readFileSync(path));
    const sum = createHash('sha256');
    for await (const chunk of createReadStream(path)) sum.update(chunk as Buffer);
    return sum.digest('hex');
  } catch {
    return undefined;
  }
}

/** Applied change sets are asked by content: an editor's save of other text is a human's, whatever a run wrote before. */
function originFinder(bench: Workbench): Automation['originsOf'] {
  return async (paths) => {
    const { sets } = await listChangeSets(bench.state);
    const origins = new Map<string, Origin>();
    // The last set that left a path as it is now.
    const landed = new Map<string, (typeof sets)[number]>();
    for (const set of sets) for (const { path, after } of set.files) landed.set(`${path}\0${after}`, set);
    for (const path of paths) {
      const content = await hashFile(join(bench.state.workspace, path));
      const seen = content === undefined ? {} : { content };
      const set = landed.get(`${path}\0${content}`);
      const { hook, depth = 0 } = set?.run ?? {};
      const origin = set === undefined ? 'human' : hook === undefined ? 'agent' : `hook:${hook}`;
      origins.set(path, { origin, depth, ...seen });
    }
    return origins;
  };
}

/** What whoever fires hooks says and asks. */
export interface AutomationPorts extends Pick<HookPorts, 'note' | 'confirm'> {
  /** Ends hooks that are running. */
  signal?: AbortSignal;
}

/** Wires the hooks found here so that they can be fired. Only trusted and enabled ones are. */
export async function openAutomation(
  found: HookPlace,
  io: Io,
  ports: AutomationPorts,
  session: string,
): Promise<Automation> {
  const bench = await openWorkbench(io);
  const { state, policy, redact, confinement } = bench;
  const place: AutomationPlace = {
    state,
    policy,
    redact,
    ...(confinement ? { confinement } : {}),
    model: async () => (await requireModel(io, { role: 'coder' })).client,
    takeOver: takeOver(bench),
    keep: keeper(bench, io),
    guardedFiles: async () => {
      const guarded = (path: string) => policy.protections.of(path).some(({ kind }) => kind === 'guarded');
      return (await listFiles(bench.workspace)).filter(guarded);
    },
    ...(ports.signal ? { signal: ports.signal } : {}),
    around: (run) => aroundTools(dispatcher, hooks, run),
    now: io.now,
    session,
  };
  const hooks = found.hooks.filter(({ trusted }) => trusted).map(({ hook }) => hook);
  const dispatcher: Dispatcher = createDispatcher({
    hooks,
    grants: found.grants,
    ledger: await openLedger(state.hooks),
    ports: {
      ...ports,
      now: io.now,
      runCommand: (hook, scope, event, paths) => runCommandHook(place, hook, scope, event, paths),
      runAgent: (hook, scope, event, paths) => runAgentHook(place, hook, scope, event, paths),
    },
  });
  return { dispatcher, bench, originsOf: originFinder(bench) };
}
